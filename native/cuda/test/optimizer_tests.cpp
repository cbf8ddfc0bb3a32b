// AdamW and the sum of squares against double precision.
#include "support.h"

namespace test {
namespace {

void adamw(int64_t length, int64_t decaying, int reducedType, int64_t shift)
{
    counts().scope = "adamw length=" + std::to_string(length) + " decaying=" + std::to_string(decaying) + " " + typeName(reducedType) + " shift=" + std::to_string(shift);
    Matrix p(1, length, 0, MAMBA_FLOAT32, shift), g(1, length, 0, MAMBA_FLOAT32, shift), m(1, length, 0, MAMBA_FLOAT32, shift), v(1, length, 0, MAMBA_FLOAT32, shift);
    Matrix reduced(1, decaying, 0, reducedType);
    // Errors are relative to the mean of all elements: where there are few, none of them may be the rest of a cancellation.
    double sign = length < 100 ? 1 : -1;
    p.fill(sign * 0.5, 1), g.fill(sign * 0.5, 3), m.fill(sign * 0.5, 1), v.fill(0.1, 1), reduced.poison();
    auto a = arguments<mamba_adamw_step>();
    a.length = length, a.decaying = decaying, a.reduced_dtype = reducedType;
    a.gradient_scale = 0.4f, a.beta1 = 0.8f, a.beta2 = 0.95f, a.epsilon = 1e-3f, a.rate = 0.02f, a.correction = 1.3f, a.keep = 0.9f;
    a.parameters = p.pointer<float>(), a.gradients = g.pointer<float>(), a.first = m.pointer<float>(), a.second = v.pointer<float>();
    a.reduced = reducedType == MAMBA_FLOAT32 ? nullptr : reduced.pointer();
    std::vector<double> ep(length), em(length), ev(length), er(decaying);
    for (int64_t i = 0; i < length; i++) {
        double gradient = static_cast<double>(a.gradient_scale) * g.get(0, i);
        em[i] = a.beta1 * m.get(0, i) + (1 - static_cast<double>(a.beta1)) * gradient;
        ev[i] = a.beta2 * v.get(0, i) + (1 - static_cast<double>(a.beta2)) * gradient * gradient;
        ep[i] = p.get(0, i) * (i < decaying ? a.keep : 1.0) - a.rate * em[i] / (std::sqrt(ev[i]) * a.correction + a.epsilon);
        if (i < decaying)
            er[i] = ep[i];
    }
    if (!ok(mamba_adamw(&a, nullptr), "mamba_adamw"))
        return;
    compare("parameters", p, ep, 1e-6);
    compare("first", m, em, 1e-6);
    compare("second", v, ev, 1e-6);
    if (a.reduced != nullptr)
        compare("reduced", reduced, er, toleranceOf(reducedType, 1e-6));
}

void squareSum(int64_t length)
{
    counts().scope = "square sum length=" + std::to_string(length);
    Matrix x(1, length), sum(1, 2);
    x.fill(-1, 1);
    if (length > 2)
        x.set(0, length / 2, 1e25), x.upload();   // its square is beyond float32
    double expected = 0;
    for (double value : x.values())
        expected += value * value;
    int64_t bytes = 0;
    if (!ok(mamba_square_sum_workspace(length, &bytes), "mamba_square_sum_workspace"))
        return;
    Memory memory(bytes);
    if (!ok(mamba_square_sum(x.pointer<float>(), length, sum.pointer<double>(), memory.matrix.pointer(), bytes, nullptr), "mamba_square_sum"))
        return;
    double got = -1;
    cuda(cudaMemcpy(&got, sum.pointer(), sizeof got, cudaMemcpyDeviceToHost));
    check(std::fabs(got - expected) <= 1e-12 * expected + 1e-300, "%s: off by %.3g, tolerance %.3g", "sum", std::fabs(got - expected), 1e-12 * expected);
}

}

void optimizerTests()
{
    for (int type : { MAMBA_FLOAT32, MAMBA_FLOAT16, MAMBA_BFLOAT16 })
        for (int64_t length : { 1, 3, 4, 16, 1000, 100003 })
            for (int64_t shift : { 0, 1 })
                for (int64_t decaying : { int64_t(0), length / 3, length })
                    adamw(length, decaying, type, shift);
    for (int64_t length : { 0, 1, 5, 4096, 1000003 })
        squareSum(length);
}

}
