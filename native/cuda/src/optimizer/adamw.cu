// AdamW over flat parameters, and the sum of squares that clipping by norm needs.
#include "../common/dispatch.cuh"

namespace mamba {
namespace {

constexpr int Threads = 256;
constexpr int MostParts = 1024;   // of the sum of squares; one block adds them

struct AdamParams {
    mamba_adamw_step in;
    bool aligned;
};

/// Element i of up to four that are in registers.
__device__ __forceinline__ float step(const AdamParams& p, int64_t i, float parameter, float gradient, float& first, float& second)
{
    float g = gradient * p.in.gradient_scale;
    first = fmaf(p.in.beta1, first, (1.0f - p.in.beta1) * g);
    second = fmaf(p.in.beta2, second, (1.0f - p.in.beta2) * g * g);
    float divisor = fmaf(sqrtf(second), p.in.correction, p.in.epsilon);
    return fmaf(first / divisor, -p.in.rate, parameter * (i < p.in.decaying ? p.in.keep : 1.0f));
}

template <class T>
__global__ void __launch_bounds__(Threads) adamwKernel(AdamParams p)
{
    int64_t i = 4 * globalThread();
    if (i >= p.in.length)
        return;
    int width = p.in.length - i < 4 ? static_cast<int>(p.in.length - i) : 4;
    T* reduced = static_cast<T*>(p.in.reduced);
    if (p.aligned && width == 4) {
        float4 w = *reinterpret_cast<float4*>(p.in.parameters + i), m = *reinterpret_cast<float4*>(p.in.first + i), v = *reinterpret_cast<float4*>(p.in.second + i);
        float4 g = *reinterpret_cast<const float4*>(p.in.gradients + i);
        w.x = step(p, i, w.x, g.x, m.x, v.x);
        w.y = step(p, i + 1, w.y, g.y, m.y, v.y);
        w.z = step(p, i + 2, w.z, g.z, m.z, v.z);
        w.w = step(p, i + 3, w.w, g.w, m.w, v.w);
        *reinterpret_cast<float4*>(p.in.parameters + i) = w;
        *reinterpret_cast<float4*>(p.in.first + i) = m;
        *reinterpret_cast<float4*>(p.in.second + i) = v;
        if (reduced != nullptr) {
            float values[4] = { w.x, w.y, w.z, w.w };
            for (int k = 0; k < 4; k++)
                if (i + k < p.in.decaying)
                    reduced[i + k] = fromFloat<T>(values[k]);
        }
        return;
    }
    for (int64_t k = i; k < i + width; k++) {
        float w = step(p, k, p.in.parameters[k], p.in.gradients[k], p.in.first[k], p.in.second[k]);
        p.in.parameters[k] = w;
        if (reduced != nullptr && k < p.in.decaying)
            reduced[k] = fromFloat<T>(w);
    }
}

/// Sum over the block in a fixed order; the result is in thread 0.
__device__ double blockSum(double value)
{
    __shared__ double parts[Threads / 32];
    for (int offset = 16; offset > 0; offset /= 2)
        value += __shfl_down_sync(FullWarp, value, offset);
    if (threadIdx.x % 32 == 0)
        parts[threadIdx.x / 32] = value;
    __syncthreads();
    double sum = 0;
    if (threadIdx.x == 0)
        for (int i = 0; i < Threads / 32; i++)
            sum += parts[i];
    return sum;
}

__global__ void __launch_bounds__(Threads) squareSumKernel(const float* values, int64_t length, double* parts)
{
    double sum = 0;
    for (int64_t i = globalThread(); i < length; i += static_cast<int64_t>(gridDim.x) * Threads)
        sum += static_cast<double>(values[i]) * values[i];
    sum = blockSum(sum);
    if (threadIdx.x == 0)
        parts[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(Threads) addSquaresKernel(const double* parts, int count, double* sum)
{
    double value = 0;
    for (int i = threadIdx.x; i < count; i += Threads)
        value += parts[i];
    value = blockSum(value);
    if (threadIdx.x == 0)
        *sum = value;
}

bool isAligned(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer) % 16 == 0; }

}
}

using namespace mamba;

extern "C" {

mamba_status mamba_adamw(const mamba_adamw_step* arguments, void* stream)
{
    MAMBA_TRY(checkHeader(arguments, sizeof *arguments, "mamba_adamw_step"));
    AdamParams p{ *arguments, false };
    MAMBA_TRY(checkType("reduced_dtype", p.in.reduced_dtype));
    MAMBA_TRY(checkRange("length", p.in.length, 0, INT64_MAX / 16));
    MAMBA_TRY(checkRange("decaying", p.in.decaying, 0, p.in.length));
    if (p.in.length == 0)
        return MAMBA_OK;
    MAMBA_TRY(checkPointer("parameters", p.in.parameters));
    MAMBA_TRY(checkPointer("gradients", p.in.gradients));
    MAMBA_TRY(checkPointer("first", p.in.first));
    MAMBA_TRY(checkPointer("second", p.in.second));
    p.aligned = isAligned(p.in.parameters) && isAligned(p.in.gradients) && isAligned(p.in.first) && isAligned(p.in.second);
    dim3 grid;
    MAMBA_TRY(gridFor(divideUp(p.in.length, 4), Threads, grid));
    return withType(p.in.reduced_dtype, [&](auto type) {
        return checkCuda(launch(adamwKernel<decltype(type)>, grid, Threads, 0, static_cast<cudaStream_t>(stream), p), "adamw");
    });
}

mamba_status mamba_square_sum_workspace(int64_t length, int64_t* bytes)
{
    MAMBA_TRY(checkPointer("bytes", bytes));
    MAMBA_TRY(checkRange("length", length, 0, INT64_MAX / 16));
    *bytes = MostParts * static_cast<int64_t>(sizeof(double));
    return MAMBA_OK;
}

mamba_status mamba_square_sum(const float* values, int64_t length, double* sum, void* workspace, int64_t workspace_bytes, void* stream)
{
    MAMBA_TRY(checkRange("length", length, 0, INT64_MAX / 16));
    MAMBA_TRY(checkPointer("sum", sum));
    if (length > 0)
        MAMBA_TRY(checkPointer("values", values));
    MAMBA_TRY(checkWorkspace(workspace, workspace_bytes, MostParts * static_cast<int64_t>(sizeof(double))));
    cudaStream_t on = static_cast<cudaStream_t>(stream);
    double* parts = static_cast<double*>(workspace);
    // The number of parts follows from the length alone, so that every device adds in the same order.
    int64_t blocks = divideUp(length, 16 * Threads);
    int count = static_cast<int>(blocks < 1 ? 1 : blocks > MostParts ? MostParts : blocks);
    MAMBA_TRY(checkCuda(launch(squareSumKernel, dim3(count), Threads, 0, on, values, length, parts), "sum of squares"));
    return checkCuda(launch(addSquaresKernel, dim3(1), Threads, 0, on, parts, count, sum), "sum of squares");
}

}
