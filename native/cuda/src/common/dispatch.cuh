#ifndef MAMBA_DISPATCH_CUH
#define MAMBA_DISPATCH_CUH

#include <climits>

#include "device.cuh"
#include "launch.cuh"
#include "status.h"

namespace mamba {

/// Calls f with a value of the element type.
template <class F>
mamba_status withType(int32_t dtype, F f)
{
    if (dtype == MAMBA_FLOAT32)
        return f(float());
    if (dtype == MAMBA_FLOAT16)
        return f(__half());
    return f(__nv_bfloat16());
}

/// A one-dimensional grid that gives each of `count` items a thread.
inline mamba_status gridFor(int64_t count, int block, dim3& grid)
{
    int64_t blocks = divideUp(count, block);
    if (blocks > INT_MAX)
        return fail(MAMBA_INVALID_ARGUMENT, "%lld items need more blocks than a launch can have.", static_cast<long long>(count));
    grid = dim3(static_cast<unsigned>(blocks));
    return MAMBA_OK;
}

__device__ __forceinline__ int64_t globalThread() { return blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; }

constexpr int PartsColumns = 32;   // of a block of PartsThreads that adds up columns of [count, columns]
constexpr int PartsThreads = 256;

/// The sum of this thread's column, in a fixed order; only threads 0 to 31 of the block get it. Every thread of the block must call it.
__device__ __forceinline__ float sumOfParts(const float* parts, int64_t count, int64_t columns)
{
    constexpr int Together = PartsThreads / PartsColumns;
    __shared__ float sums[Together][PartsColumns];
    int lane = threadIdx.x % PartsColumns, row = threadIdx.x / PartsColumns;
    int64_t column = blockIdx.x * static_cast<int64_t>(PartsColumns) + lane;
    float sum = 0;
    if (column < columns) {
#pragma unroll 8
        for (int64_t i = row; i < count; i += Together)
            sum += parts[i * columns + column];
    }
    sums[row][lane] = sum;
    __syncthreads();
    for (int r = 1; r < Together; r++)
        sum += sums[r][lane];
    return sum;
}

/// += of a [columns] gradient: the parts [parts, columns] added in a fixed order.
static __global__ void __launch_bounds__(PartsThreads) addPartsKernel(const float* parts, int64_t count, int64_t columns, float* to)
{
    float sum = sumOfParts(parts, count, columns);
    int64_t column = blockIdx.x * static_cast<int64_t>(PartsColumns) + threadIdx.x;
    if (threadIdx.x < PartsColumns && column < columns)
        to[column] += sum;
}

}

#endif
