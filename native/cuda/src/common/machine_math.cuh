// The approximate instructions of the special function units (relative error about 2^-22) that CUDA C++ names no function for.
#ifndef MAMBA_MACHINE_MATH_CUH
#define MAMBA_MACHINE_MATH_CUH

#include <cuda_runtime.h>

namespace mamba {

__device__ __forceinline__ float exp2Approx(float x)
{
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

__device__ __forceinline__ float reciprocalApprox(float x)
{
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

/// Asks for a line to be brought to the L2 cache.
__device__ __forceinline__ void prefetchL2(const void* p)
{
    asm volatile("prefetch.global.L2 [%0];" ::"l"(p));
}

template <class T>
__device__ __forceinline__ T* dynamicShared()
{
    extern __shared__ __align__(16) unsigned char sharedBytes[];
    return reinterpret_cast<T*>(sharedBytes);
}

}

#endif
