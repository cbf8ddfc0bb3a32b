// RMSNorm with an optional residual: a block a row.
#include "../common/dispatch.cuh"

namespace mamba {
namespace {

constexpr int NormThreads = 256;

struct NormParams {
    mamba_norm_problem in;
    mamba_norm_outputs out;
    mamba_norm_gradients grad;
    float* parts;       // [workers, channels]
    int64_t workers;
    bool aligned;
};

/// s of four channels. In the backward pass x is null where s was stored.
template <class T, class R>
__device__ __forceinline__ void normSum(const NormParams& p, int64_t row, int64_t c, int width, float (&v)[4])
{
    for (int i = 0; i < 4; i++)
        v[i] = 0;
    if (p.in.x != nullptr) {
        Raw4<T> x = load4(static_cast<const T*>(p.in.x) + row * p.in.x_stride + c, width, p.aligned);
        for (int i = 0; i < 4; i++)
            v[i] += x[i];
    }
    if (p.in.residual != nullptr) {
        Raw4<R> r = load4(static_cast<const R*>(p.in.residual) + row * p.in.residual_stride + c, width, p.aligned);
        for (int i = 0; i < 4; i++)
            v[i] += r[i];
    }
}

__device__ __forceinline__ int widthAt(const NormParams& p, int64_t c) { return static_cast<int>(p.in.channels - c < 4 ? p.in.channels - c : 4); }

template <class T, class R>
__global__ void __launch_bounds__(NormThreads) normForwardKernel(const NormParams p)
{
    __shared__ float scratch[32];
    int64_t row = blockIdx.x;
    float square = 0, v[4];
    for (int64_t c = threadIdx.x * 4; c < p.in.channels; c += NormThreads * 4) {
        normSum<T, R>(p, row, c, widthAt(p, c), v);
        for (int i = 0; i < 4; i++)
            square += v[i] * v[i];
    }
    float inverse = 1.0f / sqrtf(blockSum(square, scratch) / static_cast<float>(p.in.channels) + p.in.epsilon);
    if (threadIdx.x == 0 && p.out.inverse_rms != nullptr)
        p.out.inverse_rms[row] = inverse;
    // The row is read again, from the cache. The thread that overwrites an element of the residual is the one that reads it.
    for (int64_t c = threadIdx.x * 4; c < p.in.channels; c += NormThreads * 4) {
        int width = widthAt(p, c);
        normSum<T, R>(p, row, c, width, v);
        if (p.out.sum != nullptr)
            store4(static_cast<R*>(p.out.sum) + row * p.out.sum_stride + c, v, width, p.aligned);
        for (int i = 0; i < 4; i++)
            v[i] *= p.in.weight != nullptr && i < width ? inverse * p.in.weight[c + i] : inverse;
        store4(static_cast<T*>(p.out.y) + row * p.out.y_stride + c, v, width, p.aligned);
    }
}

/// gradS = r g - s r^3 / n * sum over c of g[c] s[c] + gradSum, with g = gradY weight.
template <class T, class R>
__global__ void __launch_bounds__(NormThreads) normBackwardKernel(const NormParams p)
{
    __shared__ float scratch[32];
    for (int64_t row = blockIdx.x; row < p.in.rows; row += p.workers) {
        float dot = 0, s[4], g[4];
        for (int64_t c = threadIdx.x * 4; c < p.in.channels; c += NormThreads * 4) {
            int width = widthAt(p, c);
            normSum<T, R>(p, row, c, width, s);
            Raw4<T> gradY = load4(static_cast<const T*>(p.grad.grad_y) + row * p.grad.grad_y_stride + c, width, p.aligned);
            for (int i = 0; i < 4; i++)
                dot += gradY[i] * s[i] * (p.in.weight != nullptr && i < width ? p.in.weight[c + i] : 1.0f);
        }
        dot = blockSum(dot, scratch);
        float r = p.grad.inverse_rms[row], scale = r * r * r * dot / static_cast<float>(p.in.channels);
        for (int64_t c = threadIdx.x * 4; c < p.in.channels; c += NormThreads * 4) {
            int width = widthAt(p, c);
            normSum<T, R>(p, row, c, width, s);
            Raw4<T> gradY = load4(static_cast<const T*>(p.grad.grad_y) + row * p.grad.grad_y_stride + c, width, p.aligned);
            if (p.in.weight != nullptr) {
                // Each of a worker's rows adds to the same place by the same thread.
                float* part = p.parts + blockIdx.x * p.in.channels + c;
                for (int i = 0; i < width; i++)
                    part[i] = (row == blockIdx.x ? 0.0f : part[i]) + gradY[i] * s[i] * r;
            }
            for (int i = 0; i < 4; i++)
                g[i] = r * gradY[i] * (p.in.weight != nullptr && i < width ? p.in.weight[c + i] : 1.0f) - s[i] * scale;
            if (p.grad.grad_sum != nullptr) {
                Raw4<R> sum = load4(static_cast<const R*>(p.grad.grad_sum) + row * p.grad.grad_sum_stride + c, width, p.aligned);
                for (int i = 0; i < 4; i++)
                    g[i] += sum[i];
            }
            if (p.grad.grad_x != nullptr)
                store4(static_cast<T*>(p.grad.grad_x) + row * p.grad.grad_x_stride + c, g, width, p.aligned);
            if (p.grad.grad_residual != nullptr)
                store4(static_cast<R*>(p.grad.grad_residual) + row * p.grad.grad_residual_stride + c, g, width, p.aligned);
        }
        __syncthreads();   // scratch is free again
    }
}

/// The same where a row is no wider than the block: it stays in registers, and so do a thread's sums for the weight.
template <class T, class R>
__global__ void __launch_bounds__(NormThreads) normBackwardNarrowKernel(const NormParams p)
{
    __shared__ float scratch[2][32];
    int64_t c = threadIdx.x * 4;
    int width = widthAt(p, c);
    float weight[4], part[4] = {};
    for (int i = 0; i < 4; i++)
        weight[i] = p.in.weight != nullptr && i < width ? p.in.weight[c + i] : 1.0f;
    int turn = 0;
    for (int64_t row = blockIdx.x; row < p.in.rows; row += p.workers, turn = 1 - turn) {
        float dot = 0, s[4], g[4], r = p.grad.inverse_rms[row];
        normSum<T, R>(p, row, c, width, s);
        Raw4<T> gradY = load4(static_cast<const T*>(p.grad.grad_y) + row * p.grad.grad_y_stride + c, width, p.aligned);
        Raw4<R> sum;
        sum.clear();
        if (p.grad.grad_sum != nullptr)
            sum = load4(static_cast<const R*>(p.grad.grad_sum) + row * p.grad.grad_sum_stride + c, width, p.aligned);
        for (int i = 0; i < 4; i++)
            dot += gradY[i] * s[i] * weight[i];
        // Two places in turn: who is still reading the last row's sums is not overtaken by more than one row.
        float scale = r * r * r * blockSum(dot, scratch[turn]) / static_cast<float>(p.in.channels);
        for (int i = 0; i < 4; i++) {
            part[i] += gradY[i] * s[i] * r;
            g[i] = r * gradY[i] * weight[i] - s[i] * scale + sum[i];
        }
        if (p.grad.grad_x != nullptr)
            store4(static_cast<T*>(p.grad.grad_x) + row * p.grad.grad_x_stride + c, g, width, p.aligned);
        if (p.grad.grad_residual != nullptr)
            store4(static_cast<R*>(p.grad.grad_residual) + row * p.grad.grad_residual_stride + c, g, width, p.aligned);
    }
    for (int i = 0; i < width && p.in.weight != nullptr; i++)
        p.parts[blockIdx.x * p.in.channels + c + i] = part[i];
}

mamba_status read(const mamba_norm_problem* problem, NormParams& p)
{
    MAMBA_TRY(checkHeader(problem, sizeof *problem, "mamba_norm_problem"));
    p = NormParams{};
    p.in = *problem;
    MAMBA_TRY(checkType("dtype", p.in.dtype));
    MAMBA_TRY(checkType("residual_dtype", p.in.residual_dtype));
    MAMBA_TRY(checkRange("rows", p.in.rows, 0, INT_MAX));
    MAMBA_TRY(checkRange("channels", p.in.channels, 1, INT_MAX / 256));
    MAMBA_TRY(checkStride("x_stride", p.in.x_stride, p.in.channels));
    MAMBA_TRY(checkStride("residual_stride", p.in.residual_stride, p.in.channels));
    if (!(p.in.epsilon > 0))
        return fail(MAMBA_INVALID_ARGUMENT, "epsilon must be positive; got %g.", static_cast<double>(p.in.epsilon));
    p.aligned = p.in.channels % 4 == 0 && rowsAligned(p.in.x, p.in.x_stride, p.in.dtype) && rowsAligned(p.in.residual, p.in.residual_stride, p.in.residual_dtype);
    int processors = 0;
    MAMBA_TRY(multiprocessors(processors));
    p.workers = p.in.rows < 4 * processors ? p.in.rows : 4 * processors;
    return MAMBA_OK;
}

void layout(NormParams& p, Workspace& memory)
{
    if (p.in.weight != nullptr)
        p.parts = memory.take<float>(p.workers * p.in.channels);
}

template <class F>
mamba_status withTypes(const NormParams& p, F f)
{
    return withType(p.in.dtype, [&](auto type) { return withType(p.in.residual_dtype, [&](auto residual) { return f(type, residual); }); });
}

}
}

using namespace mamba;

extern "C" {

mamba_status mamba_norm_forward(const mamba_norm_problem* problem, const mamba_norm_outputs* outputs, void* stream)
{
    NormParams p;
    MAMBA_TRY(read(problem, p));
    MAMBA_TRY(checkHeader(outputs, sizeof *outputs, "mamba_norm_outputs"));
    p.out = *outputs;
    MAMBA_TRY(checkStride("y_stride", p.out.y_stride, p.in.channels));
    MAMBA_TRY(checkStride("sum_stride", p.out.sum_stride, p.in.channels));
    if (p.in.rows == 0)
        return MAMBA_OK;
    MAMBA_TRY(checkPointer("x", p.in.x));
    MAMBA_TRY(checkPointer("y", p.out.y));
    p.aligned = p.aligned && rowsAligned(p.out.y, p.out.y_stride, p.in.dtype) && rowsAligned(p.out.sum, p.out.sum_stride, p.in.residual_dtype);
    dim3 grid(static_cast<unsigned>(p.in.rows));
    return withTypes(p, [&](auto type, auto residual) {
        return checkCuda(launch(normForwardKernel<decltype(type), decltype(residual)>, grid, NormThreads, 0, static_cast<cudaStream_t>(stream), p), "norm forward");
    });
}

mamba_status mamba_norm_backward_workspace(const mamba_norm_problem* problem, int64_t* bytes)
{
    MAMBA_TRY(checkPointer("bytes", bytes));
    NormParams p;
    MAMBA_TRY(read(problem, p));
    Workspace memory;
    layout(p, memory);
    *bytes = memory.bytes();
    return MAMBA_OK;
}

mamba_status mamba_norm_backward(
    const mamba_norm_problem* problem, const mamba_norm_gradients* gradients, void* workspace, int64_t workspace_bytes, void* stream)
{
    NormParams p;
    MAMBA_TRY(read(problem, p));
    MAMBA_TRY(checkHeader(gradients, sizeof *gradients, "mamba_norm_gradients"));
    p.grad = *gradients;
    MAMBA_TRY(checkStride("grad_y_stride", p.grad.grad_y_stride, p.in.channels));
    MAMBA_TRY(checkStride("grad_sum_stride", p.grad.grad_sum_stride, p.in.channels));
    MAMBA_TRY(checkStride("grad_x_stride", p.grad.grad_x_stride, p.in.channels));
    MAMBA_TRY(checkStride("grad_residual_stride", p.grad.grad_residual_stride, p.in.channels));
    if (p.in.weight != nullptr)
        MAMBA_TRY(checkPointer("grad_weight", p.grad.grad_weight));
    if (p.in.rows == 0)
        return MAMBA_OK;
    if (p.in.x == nullptr && p.in.residual == nullptr)
        return fail(MAMBA_INVALID_ARGUMENT, "x and residual must not both be null.");
    MAMBA_TRY(checkPointer("inverse_rms", p.grad.inverse_rms));
    MAMBA_TRY(checkPointer("grad_y", p.grad.grad_y));
    p.aligned = p.aligned && rowsAligned(p.grad.grad_y, p.grad.grad_y_stride, p.in.dtype) && rowsAligned(p.grad.grad_x, p.grad.grad_x_stride, p.in.dtype)
        && rowsAligned(p.grad.grad_sum, p.grad.grad_sum_stride, p.in.residual_dtype)
        && rowsAligned(p.grad.grad_residual, p.grad.grad_residual_stride, p.in.residual_dtype);
    Workspace needed, memory(workspace);
    layout(p, needed);
    MAMBA_TRY(checkWorkspace(workspace, workspace_bytes, needed.bytes()));
    layout(p, memory);
    cudaStream_t on = static_cast<cudaStream_t>(stream);
    dim3 grid(static_cast<unsigned>(p.workers)), columns;
    MAMBA_TRY(withTypes(p, [&](auto type, auto residual) {
        using T = decltype(type);
        using R = decltype(residual);
        auto kernel = p.in.channels <= NormThreads * 4 ? normBackwardNarrowKernel<T, R> : normBackwardKernel<T, R>;
        return checkCuda(launch(kernel, grid, NormThreads, 0, on, p), "norm backward");
    }));
    if (p.in.weight == nullptr)
        return MAMBA_OK;
    MAMBA_TRY(gridFor(p.in.channels, PartsColumns, columns));
    return checkCuda(launch(addPartsKernel, columns, PartsThreads, 0, on, p.parts, p.workers, p.in.channels, p.grad.grad_weight), "norm gradient of weights");
}

}
