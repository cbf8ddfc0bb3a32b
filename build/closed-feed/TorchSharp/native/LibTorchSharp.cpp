// The native half of the stand-in for TorchSharp: a C interface over libtorch, CPU only. Every operator goes through torch's dispatcher by
// its name. Handles are at::Tensor objects on the heap, which the managed half deletes. A function that can fail returns 0, or 1 and leaves
// a message.
#include <cstring>
#include <string>
#include <unordered_set>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using torch::autograd::variable_list;

thread_local std::string last_error;

enum Kind : int32_t { kNone, kTensor, kInteger, kReal, kIntegers, kTensors };

// An argument of an operator. A list begins at element `bits` of the call's one array of numbers.
struct Argument {
    int32_t kind;
    int32_t length;
    int64_t bits;
};

template <class Body> int32_t guarded(Body body) {
    try {
        body();
        return 0;
    } catch (const std::exception& problem) {
        last_error = problem.what();
        return 1;
    }
}

at::Tensor* new_handle(const at::Tensor& tensor) {
    return tensor.defined() ? new at::Tensor(tensor) : nullptr;
}

variable_list tensors_of(at::Tensor* const* handles, int32_t count) {
    variable_list tensors;
    for (int32_t i = 0; i < count; i++)
        tensors.push_back(*handles[i]);
    return tensors;
}

c10::TypePtr without_optional(const c10::TypePtr& type) {
    return type->kind() == c10::TypeKind::OptionalType ? type->castRaw<c10::OptionalType>()->getElementType() : type;
}

c10::IValue tensor_list(const Argument& argument, const int64_t* numbers, const c10::TypePtr& declared) {
    auto handles = reinterpret_cast<at::Tensor* const*>(numbers + argument.bits);
    if (without_optional(declared)->castRaw<c10::ListType>()->getElementType()->kind() != c10::TypeKind::OptionalType)
        return tensors_of(handles, argument.length);
    c10::List<c10::optional<at::Tensor>> list;
    for (int32_t i = 0; i < argument.length; i++)
        list.push_back(*handles[i]);
    return list;
}

c10::IValue value_of(const Argument& argument, const int64_t* numbers, const c10::TypePtr& declared) {
    switch (argument.kind) {
    case kTensor:
        return *reinterpret_cast<at::Tensor*>(argument.bits);
    case kInteger:
        if (without_optional(declared)->kind() == c10::TypeKind::BoolType)
            return argument.bits != 0;
        return argument.bits;
    case kReal: {
        double real;
        memcpy(&real, &argument.bits, sizeof real);
        return real;
    }
    case kIntegers:
        return std::vector<int64_t>(numbers + argument.bits, numbers + argument.bits + argument.length);
    case kTensors:
        return tensor_list(argument, numbers, declared);
    default:
        return {};
    }
}

// Fills `results` with new handles, null for an argument without a gradient; returns 0, or 1 where the managed function failed.
using Backward = int32_t (*)(void* function, at::Tensor** gradients, int32_t count, at::Tensor** results, int32_t inputs);
using Release = void (*)(void* function);

// A function of the managed half in torch's graph. It owns the managed object.
struct ManagedNode : torch::autograd::Node {
    ManagedNode(void* function, Backward backward, Release release, size_t inputs, bool materialize)
        : function(function), backward(backward), release(release), inputs(inputs), materialize(materialize) {}

    ~ManagedNode() override { release(function); }

    variable_list apply(variable_list&& gradients) override {
        std::vector<at::Tensor*> given, results(inputs);
        for (size_t i = 0; i < gradients.size(); i++)
            given.push_back(new_handle(!gradients[i].defined() && materialize ? input_metadata(i).zeros_like() : gradients[i]));
        TORCH_CHECK(backward(function, given.data(), given.size(), results.data(), results.size()) == 0, "A backward function failed.");
        variable_list returned;
        for (at::Tensor* result : results) {
            returned.push_back(result == nullptr ? at::Tensor() : *result);
            delete result;
        }
        return returned;
    }

    void* const function;
    const Backward backward;
    const Release release;
    const size_t inputs;
    const bool materialize;
};

} // namespace

// The engine of Microsoft.ML.Mamba.TorchSharp calls this one by its real name.
EXPORT void* THSTensor_data(at::Tensor* tensor) {
    return tensor->data_ptr();
}

EXPORT const char* standin_last_error() {
    return last_error.c_str();
}

// Calls an operator, such as "aten::add.Tensor"; trailing arguments that are not given have the schema's defaults. `result` may be null.
EXPORT int32_t standin_call(const char* name, const Argument* arguments, int32_t count, const int64_t* numbers, at::Tensor** result) {
    return guarded([&] {
        std::string base(name), overload;
        if (auto dot = base.find('.'); dot != std::string::npos) {
            overload = base.substr(dot + 1);
            base.resize(dot);
        }
        auto op = c10::Dispatcher::singleton().findSchemaOrThrow(base.c_str(), overload.c_str());
        const auto& declared = op.schema().arguments();
        torch::jit::Stack stack;
        for (int32_t i = 0; i < static_cast<int32_t>(declared.size()); i++) {
            TORCH_CHECK(i < count || declared[i].default_value(), name, " needs ", declared[i].name());
            stack.push_back(i < count ? value_of(arguments[i], numbers, declared[i].type()) : *declared[i].default_value());
        }
        op.callBoxed(&stack);
        if (result != nullptr)
            *result = new_handle(stack.at(0).toTensor());
    });
}

EXPORT void standin_dispose(at::Tensor* tensor) {
    delete tensor;
}

// Returns the number of dimensions; writes sizes and strides where they are wanted.
EXPORT int32_t standin_shape(at::Tensor* tensor, int64_t* sizes, int64_t* strides) {
    for (int64_t i = 0; i < tensor->dim(); i++) {
        if (sizes != nullptr)
            sizes[i] = tensor->size(i);
        if (strides != nullptr)
            strides[i] = tensor->stride(i);
    }
    return static_cast<int32_t>(tensor->dim());
}

EXPORT int32_t standin_type(at::Tensor* tensor) {
    return static_cast<int32_t>(tensor->scalar_type());
}

EXPORT int32_t standin_requires_grad(at::Tensor* tensor) {
    return tensor->requires_grad();
}

EXPORT int32_t standin_set_requires_grad(at::Tensor* tensor, int32_t value) {
    return guarded([&] { tensor->set_requires_grad(value != 0); });
}

EXPORT at::Tensor* standin_grad(at::Tensor* tensor) {
    return new_handle(tensor->grad());
}

EXPORT int32_t standin_set_grad(at::Tensor* tensor, at::Tensor* gradient) {
    return guarded([&] { tensor->mutable_grad() = gradient == nullptr ? at::Tensor() : *gradient; });
}

EXPORT int32_t standin_backward(at::Tensor* tensor) {
    return guarded([&] { tensor->backward(); });
}

EXPORT int32_t standin_grad_mode() {
    return c10::GradMode::is_enabled();
}

EXPORT void standin_set_grad_mode(int32_t enabled) {
    c10::GradMode::set_enabled(enabled != 0);
}

EXPORT void standin_set_num_threads(int32_t threads) {
    at::set_num_threads(threads);
}

// A second handle of a tensor.
EXPORT at::Tensor* standin_alias(at::Tensor* tensor) {
    return new at::Tensor(*tensor);
}

// Makes outputs of a managed forward function into those of a node of the graph, or, where `function` is null, into ones without a history.
// From here on the node owns the managed object, also when this fails.
EXPORT int32_t standin_wrap_outputs(
    at::Tensor* const* inputs, int32_t input_count, at::Tensor* const* outputs, int32_t output_count, void* function, Backward backward,
    Release release, int32_t materialize, at::Tensor** results) {
    return guarded([&] {
        std::shared_ptr<ManagedNode> node;
        if (function != nullptr)
            node.reset(new ManagedNode(function, backward, release, input_count, materialize != 0), torch::autograd::deleteNode);
        variable_list variables = tensors_of(inputs, input_count), made = tensors_of(outputs, output_count);
        if (node) {
            node->set_next_edges(torch::autograd::collect_next_edges(variables));
            node->clear_input_metadata();
        }
        auto no_forward_mode = [](variable_list, variable_list) -> variable_list {
            TORCH_CHECK(false, "The stand-in has no forward mode.");
        };
        auto wrapped = torch::autograd::_wrap_outputs(variables, {}, {}, torch::autograd::to_optional(made), node, no_forward_mode);
        for (int32_t i = 0; i < output_count; i++)
            results[i] = new_handle(*wrapped[i]);
    });
}
