#include "conv_backward.cuh"

namespace mamba {
namespace {

mamba_status read(const mamba_conv_problem* problem, ConvParams& p)
{
    MAMBA_TRY(checkHeader(problem, sizeof *problem, "mamba_conv_problem"));
    mamba_conv_problem q = *problem;
    MAMBA_TRY(checkType("dtype", q.dtype));
    if ((q.flags & ~7u) != 0)
        return fail(MAMBA_INVALID_ARGUMENT, "flags must be a sum of 1, 2 and 4; got %u.", q.flags);
    MAMBA_TRY(checkRange("tokens", q.tokens, 0, int64_t(1) << 40));
    MAMBA_TRY(checkRange("sequences", q.sequences, q.tokens > 0 ? 1 : 0, INT_MAX));
    MAMBA_TRY(checkRange("channels", q.channels, 1, INT_MAX / 256));
    MAMBA_TRY(checkRange("kernel_size", q.kernel_size, 1, MaxConvKernel));
    MAMBA_TRY(checkStride("x_stride", q.x_stride, q.channels));
    p = ConvParams{};
    p.tokens = q.tokens, p.sequences = q.sequences, p.channels = q.channels, p.kernel = static_cast<int>(q.kernel_size);
    p.offsets = q.offsets, p.x = q.x, p.xStride = q.x_stride, p.weight = q.weight, p.bias = q.bias, p.initial = q.initial_inputs;
    p.silu = (q.flags & MAMBA_CONV_SILU) != 0;
    p.reverse = (q.flags & MAMBA_CONV_REVERSE) != 0;
    p.accumulate = (q.flags & MAMBA_CONV_ACCUMULATE_X) != 0;
    p.aligned = q.channels % 4 == 0 && rowsAligned(q.x, q.x_stride, q.dtype);
    p.slots = slotCount(p.tokens, p.sequences, ConvTile);
    int processors = 0;
    MAMBA_TRY(multiprocessors(processors));
    // Eight blocks a multiprocessor: more walkers would only lengthen the sum over their parts.
    int64_t fill = divideUp(int64_t(8) * processors * ConvThreads, divideUp(p.channels, 4));
    p.workers = p.slots < fill ? p.slots : fill;
    if (p.workers < 1)
        p.workers = 1;
    return MAMBA_OK;
}

mamba_status checkInputs(const ConvParams& p)
{
    MAMBA_TRY(checkPointer("offsets", p.offsets));
    MAMBA_TRY(checkPointer("weight", p.weight));
    return p.tokens > 0 ? checkPointer("x", p.x) : MAMBA_OK;
}

void layout(ConvParams& p, Workspace& memory)
{
    p.parts = memory.take<float>(p.workers * p.channels * (p.kernel + 1));
    if (p.kernel > MaxRolledKernel)
        p.gradPre = memory.take<float>(p.tokens * p.channels);
}

template <class T>
mamba_status forward(const ConvParams& p, cudaStream_t stream)
{
    dim3 grid;
    if (p.tokens > 0) {
        MAMBA_TRY(gridFor(p.slots * divideUp(p.channels, 4), ConvThreads, grid));
        auto kernel = p.kernel == 4 ? convForwardKernel<T, 4>
            : p.kernel == 3 ? convForwardKernel<T, 3>
            : p.kernel == 2 ? convForwardKernel<T, 2>
            : convForwardKernel<T, 0>;
        MAMBA_TRY(checkCuda(launch(kernel, grid, ConvThreads, 0, stream, p), "convolution forward"));
    }
    if (p.final == nullptr || p.kernel == 1 || p.sequences == 0)
        return MAMBA_OK;
    MAMBA_TRY(gridFor(p.sequences * p.channels, 256, grid));
    return checkCuda(launch(convFinalKernel<T>, grid, 256, 0, stream, p), "convolution final inputs");
}

template <class T>
mamba_status backward(const ConvParams& p, float* gradWeight, float* gradBias, cudaStream_t stream)
{
    dim3 slots, workers, weights;
    MAMBA_TRY(gridFor(p.slots * divideUp(p.channels, 4), ConvThreads, slots));
    MAMBA_TRY(gridFor(p.workers * divideUp(p.channels, 4), ConvThreads, workers));
    if (p.kernel <= MaxRolledKernel) {
        auto kernel = p.kernel == 4 ? convBackwardKernel<T, 4>
            : p.kernel == 3 ? convBackwardKernel<T, 3>
            : p.kernel == 2 ? convBackwardKernel<T, 2>
            : convBackwardKernel<T, 1>;
        MAMBA_TRY(checkCuda(launch(kernel, workers, ConvThreads, 0, stream, p), "convolution backward"));
    } else {
        MAMBA_TRY(gridFor(p.workers * p.channels * (p.kernel + 1), 256, weights));
        MAMBA_TRY(checkCuda(launch(convLargeGradientKernel<T>, slots, ConvThreads, 0, stream, p), "convolution gradient"));
        MAMBA_TRY(checkCuda(launch(convLargeInputKernel<T>, slots, ConvThreads, 0, stream, p), "convolution gradient of x"));
        MAMBA_TRY(checkCuda(launch(convLargeWeightKernel<T>, weights, 256, 0, stream, p), "convolution gradient of weights"));
    }
    MAMBA_TRY(gridFor(p.channels * (p.kernel + 1), PartsColumns, weights));
    return checkCuda(launch(convReduceKernel, weights, PartsThreads, 0, stream, p, gradWeight, gradBias), "convolution parameters");
}

template <class T>
__global__ void convUpdateKernel(const mamba_conv_step p)
{
    int64_t index = globalThread(), places = p.kernel_size - 1;
    if (index >= p.batch * p.channels)
        return;
    int64_t channel = index % p.channels, row = index / p.channels;
    const float* weight = p.weight + channel * p.kernel_size;
    float x = toFloat(static_cast<const T*>(p.x)[row * p.x_stride + channel]), sum = (p.bias != nullptr ? p.bias[channel] : 0.0f) + weight[places] * x;
    float* inputs = p.inputs + row * places * p.channels + channel;
    for (int64_t j = 0; j < places; j++) {
        sum += weight[j] * inputs[j * p.channels];
        inputs[j * p.channels] = j + 1 < places ? inputs[(j + 1) * p.channels] : x;
    }
    static_cast<T*>(p.y)[row * p.y_stride + channel] = fromFloat<T>((p.flags & MAMBA_CONV_SILU) != 0 ? sum * sigmoid(sum) : sum);
}

}
}

using namespace mamba;

extern "C" {

mamba_status mamba_conv_forward(const mamba_conv_problem* problem, const mamba_conv_outputs* outputs, void* stream)
{
    ConvParams p;
    MAMBA_TRY(read(problem, p));
    MAMBA_TRY(checkInputs(p));
    MAMBA_TRY(checkHeader(outputs, sizeof *outputs, "mamba_conv_outputs"));
    p.y = outputs->y, p.yStride = outputs->y_stride, p.final = outputs->final_inputs;
    MAMBA_TRY(checkStride("y_stride", p.yStride, p.channels));
    if (p.tokens > 0)
        MAMBA_TRY(checkPointer("y", p.y));
    p.aligned = p.aligned && rowsAligned(p.y, p.yStride, problem->dtype);
    return withType(problem->dtype, [&](auto type) { return forward<decltype(type)>(p, static_cast<cudaStream_t>(stream)); });
}

mamba_status mamba_conv_backward_workspace(const mamba_conv_problem* problem, int64_t* bytes)
{
    MAMBA_TRY(checkPointer("bytes", bytes));
    ConvParams p;
    MAMBA_TRY(read(problem, p));
    Workspace memory;
    layout(p, memory);
    *bytes = memory.bytes();
    return MAMBA_OK;
}

mamba_status mamba_conv_backward(
    const mamba_conv_problem* problem, const mamba_conv_gradients* gradients, void* workspace, int64_t workspace_bytes, void* stream)
{
    ConvParams p;
    MAMBA_TRY(read(problem, p));
    MAMBA_TRY(checkInputs(p));
    MAMBA_TRY(checkHeader(gradients, sizeof *gradients, "mamba_conv_gradients"));
    p.gradY = gradients->grad_y, p.gradYStride = gradients->grad_y_stride, p.gradX = gradients->grad_x, p.gradXStride = gradients->grad_x_stride;
    MAMBA_TRY(checkStride("grad_y_stride", p.gradYStride, p.channels));
    MAMBA_TRY(checkStride("grad_x_stride", p.gradXStride, p.channels));
    MAMBA_TRY(checkPointer("grad_weight", gradients->grad_weight));
    if (p.bias != nullptr)
        MAMBA_TRY(checkPointer("grad_bias", gradients->grad_bias));
    if (p.tokens == 0)
        return MAMBA_OK;
    MAMBA_TRY(checkPointer("grad_y", p.gradY));
    MAMBA_TRY(checkPointer("grad_x", p.gradX));
    p.aligned = p.aligned && rowsAligned(p.gradY, p.gradYStride, problem->dtype) && rowsAligned(p.gradX, p.gradXStride, problem->dtype);
    Workspace needed, memory(workspace);
    layout(p, needed);
    MAMBA_TRY(checkWorkspace(workspace, workspace_bytes, needed.bytes()));
    layout(p, memory);
    return withType(problem->dtype, [&](auto type) {
        return backward<decltype(type)>(p, gradients->grad_weight, p.bias != nullptr ? gradients->grad_bias : nullptr, static_cast<cudaStream_t>(stream));
    });
}

mamba_status mamba_conv_update(const mamba_conv_step* arguments, void* stream)
{
    MAMBA_TRY(checkHeader(arguments, sizeof *arguments, "mamba_conv_step"));
    mamba_conv_step p = *arguments;
    MAMBA_TRY(checkType("dtype", p.dtype));
    if ((p.flags & ~1u) != 0)
        return fail(MAMBA_INVALID_ARGUMENT, "flags must be 0 or 1; got %u.", p.flags);
    MAMBA_TRY(checkRange("batch", p.batch, 0, INT_MAX));
    MAMBA_TRY(checkRange("channels", p.channels, 1, INT_MAX / 256));
    MAMBA_TRY(checkRange("kernel_size", p.kernel_size, 1, MaxConvKernel));
    MAMBA_TRY(checkStride("x_stride", p.x_stride, p.channels));
    MAMBA_TRY(checkStride("y_stride", p.y_stride, p.channels));
    MAMBA_TRY(checkPointer("weight", p.weight));
    if (p.batch == 0)
        return MAMBA_OK;
    MAMBA_TRY(checkPointer("x", p.x));
    MAMBA_TRY(checkPointer("y", p.y));
    if (p.kernel_size > 1)
        MAMBA_TRY(checkPointer("inputs", p.inputs));
    dim3 grid;
    MAMBA_TRY(gridFor(p.batch * p.channels, 256, grid));
    return withType(p.dtype, [&](auto type) {
        return checkCuda(launch(convUpdateKernel<decltype(type)>, grid, 256, 0, static_cast<cudaStream_t>(stream), p), "convolution update");
    });
}

}
