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

/// += of a [columns] gradient: the parts [parts, columns] added in order.
static __global__ void addPartsKernel(const float* parts, int64_t count, int64_t columns, float* to)
{
    int64_t column = globalThread();
    if (column >= columns)
        return;
    float sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += parts[i * columns + column];
    to[column] += sum;
}

}

#endif
