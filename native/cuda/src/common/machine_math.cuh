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

__device__ __forceinline__ float log2Approx(float x)
{
    float y;
    asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

__device__ __forceinline__ float reciprocalApprox(float x)
{
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
#define MAMBA_HAS_TF32 1

/// d += A B on the matrix units: A [16, 8] and B [8, 8], of whose float32 elements the first 11 bits of the mantissa count.
__device__ __forceinline__ void multiplyTf32(float (&d)[4], const unsigned (&a)[4], float b0, float b1)
{
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(__float_as_uint(b0)), "r"(__float_as_uint(b1)));
}
#endif

template <class T>
__device__ __forceinline__ T* dynamicShared()
{
    extern __shared__ __align__(16) unsigned char sharedBytes[];
    return reinterpret_cast<T*>(sharedBytes);
}

}

#endif
