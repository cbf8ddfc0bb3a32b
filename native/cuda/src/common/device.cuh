// Element types, four-element accesses, activations and reductions that the kernels share.
#ifndef MAMBA_DEVICE_CUH
#define MAMBA_DEVICE_CUH

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <stdint.h>

#include "machine_math.cuh"

namespace mamba {

constexpr float Log2E = 1.4426950408889634f;
constexpr float Ln2 = 0.6931471805599453f;
constexpr unsigned FullWarp = 0xffffffffu;

__device__ __forceinline__ float toFloat(float v) { return v; }
__device__ __forceinline__ float toFloat(__half v) { return __half2float(v); }
__device__ __forceinline__ float toFloat(__nv_bfloat16 v) { return __bfloat162float(v); }

template <class T> __device__ __forceinline__ T fromFloat(float v);
template <> __device__ __forceinline__ float fromFloat<float>(float v) { return v; }
template <> __device__ __forceinline__ __half fromFloat<__half>(float v) { return __float2half_rn(v); }
template <> __device__ __forceinline__ __nv_bfloat16 fromFloat<__nv_bfloat16>(float v) { return __float2bfloat16_rn(v); }

/// Bits of an element, and back.
__device__ __forceinline__ uint32_t bitsOf(float v) { return __float_as_uint(v); }
__device__ __forceinline__ uint32_t bitsOf(__half v) { return __half_as_ushort(v); }
__device__ __forceinline__ uint32_t bitsOf(__nv_bfloat16 v) { return __bfloat16_as_ushort(v); }
template <class T> __device__ __forceinline__ float floatOfBits(uint32_t bits);
template <> __device__ __forceinline__ float floatOfBits<float>(uint32_t bits) { return __uint_as_float(bits); }
template <> __device__ __forceinline__ float floatOfBits<__half>(uint32_t bits) { return __half2float(__ushort_as_half(static_cast<unsigned short>(bits))); }
template <> __device__ __forceinline__ float floatOfBits<__nv_bfloat16>(uint32_t bits) { return __uint_as_float(bits << 16); }

__device__ __forceinline__ uint32_t packPair(__half, float low, float high)
{
    __half2 v = __floats2half2_rn(low, high);
    return bitsOf(v.x) | bitsOf(v.y) << 16;
}

__device__ __forceinline__ uint32_t packPair(__nv_bfloat16, float low, float high)
{
    __nv_bfloat162 v = __floats2bfloat162_rn(low, high);
    return bitsOf(v.x) | bitsOf(v.y) << 16;
}

/// Four neighbouring elements as they lie in memory: a load that is not converted yet holds few registers.
template <class T>
struct Raw4 {
    uint32_t words[sizeof(T)];

    __device__ __forceinline__ float operator[](int i) const
    {
        if constexpr (sizeof(T) == 4)
            return __uint_as_float(words[i]);
        else
            return floatOfBits<T>((words[i / 2] >> (16 * (i & 1))) & 0xffffu);
    }

    __device__ __forceinline__ void clear()
    {
        for (int i = 0; i < static_cast<int>(sizeof(T)); i++)
            words[i] = 0;
    }
};

/// Reads `valid` of four elements (the others are zero); as one access where the caller knows that all four are there and aligned.
/// That access is a read-only load: no thread may have written there in the same kernel.
template <class T>
__device__ __forceinline__ Raw4<T> load4(const T* p, int valid, bool aligned)
{
    Raw4<T> r;
    r.clear();
    if (aligned) {
        if (valid <= 0)
            return r;
        if constexpr (sizeof(T) == 4) {
            uint4 v = __ldg(reinterpret_cast<const uint4*>(p));
            r.words[0] = v.x, r.words[1] = v.y, r.words[2] = v.z, r.words[3] = v.w;
        } else {
            uint2 v = __ldg(reinterpret_cast<const uint2*>(p));
            r.words[0] = v.x, r.words[1] = v.y;
        }
        return r;
    }

    for (int i = 0; i < 4; i++) {
        if (i < valid) {
            uint32_t bits = bitsOf(p[i]);
            if constexpr (sizeof(T) == 4)
                r.words[i] = bits;
            else
                r.words[i / 2] |= bits << (16 * (i & 1));
        }
    }
    return r;
}

/// Two such vectors in shared memory.
template <class T>
struct alignas(16) RawPair {
    uint4 parts[sizeof(T) / 2];

    __device__ __forceinline__ void put(const Raw4<T>& a, const Raw4<T>& b)
    {
        if constexpr (sizeof(T) == 4) {
            parts[0] = make_uint4(a.words[0], a.words[1], a.words[2], a.words[3]);
            parts[1] = make_uint4(b.words[0], b.words[1], b.words[2], b.words[3]);
        } else {
            parts[0] = make_uint4(a.words[0], a.words[1], b.words[0], b.words[1]);
        }
    }

    __device__ __forceinline__ void get(Raw4<T>& a, Raw4<T>& b) const
    {
        uint4 v = parts[0];
        if constexpr (sizeof(T) == 4) {
            uint4 w = parts[1];
            a.words[0] = v.x, a.words[1] = v.y, a.words[2] = v.z, a.words[3] = v.w;
            b.words[0] = w.x, b.words[1] = w.y, b.words[2] = w.z, b.words[3] = w.w;
        } else {
            a.words[0] = v.x, a.words[1] = v.y, b.words[0] = v.z, b.words[1] = v.w;
        }
    }
};

template <class T>
__device__ __forceinline__ void store4(T* p, const float (&v)[4], int valid, bool aligned)
{
    if (aligned) {
        if (valid <= 0)
            return;
        if constexpr (sizeof(T) == 4)
            *reinterpret_cast<float4*>(p) = make_float4(v[0], v[1], v[2], v[3]);
        else
            *reinterpret_cast<uint2*>(p) = make_uint2(packPair(T(), v[0], v[1]), packPair(T(), v[2], v[3]));
        return;
    }

    for (int i = 0; i < 4; i++)
        if (i < valid)
            p[i] = fromFloat<T>(v[i]);
}

__device__ __forceinline__ float sigmoid(float v) { return reciprocalApprox(1.0f + exp2Approx(-Log2E * v)); }

/// log(1 + e) for e from 0 to 1 as a polynomial, which leaves the special function units to the exponentials and, unlike a logarithm of
/// 1 + e, keeps the digits of a small e: relative error 1e-5, less than inputs of 16 bits have, or (Exact) 2e-7.
template <bool Exact>
__device__ __forceinline__ float logOnePlus(float e)
{
    if constexpr (Exact)
        return e * (0.99999994f + e * (-0.499994457f + e * (0.333181202f + e * (-0.248353988f + e * (0.190768808f
            + e * (-0.136022478f + e * (0.0775160864f + e * (-0.0290740654f + e * 0.00512610236f))))))));
    else
        return e * (0.999990582f + e * (-0.499314666f + e * (0.324849576f + e * (-0.209079534f + e * (0.10013973f + e * -0.023443656f)))));
}

/// log(1 + e^v), of an exponential that cannot overflow.
template <bool Exact>
__device__ __forceinline__ float softplus(float v)
{
    return fmaxf(v, 0.0f) + logOnePlus<Exact>(exp2Approx(-Log2E * fabsf(v)));
}

/// The same, and its derivative, the sigmoid of v.
template <bool Exact>
__device__ __forceinline__ float softplus(float v, float& slope)
{
    float e = exp2Approx(-Log2E * fabsf(v));
    slope = (v < 0.0f ? e : 1.0f) * reciprocalApprox(1.0f + e);
    return fmaxf(v, 0.0f) + logOnePlus<Exact>(e);
}

/// Sums v[0 .. Count) over Lanes lanes that stand Stride apart. Each step halves what a lane holds: lane i is left with the sums of
/// values i * Count / Lanes and following in v[0 ..), or, where there are fewer values than lanes, value i * Count / Lanes in v[0].
template <int Count, int Lanes, int Stride, int Size>
__device__ __forceinline__ void transposeReduce(float (&v)[Size], int lane)
{
    if constexpr (Lanes > 1) {
        constexpr int mask = Lanes / 2 * Stride;
        if constexpr (Count > 1) {
            constexpr int half = Count / 2;
            bool upper = (lane & (Lanes / 2)) != 0;
#pragma unroll
            for (int i = 0; i < half; i++) {
                float send = upper ? v[i] : v[i + half];
                float keep = upper ? v[i + half] : v[i];
                v[i] = keep + __shfl_xor_sync(FullWarp, send, mask);
            }
            transposeReduce<half, Lanes / 2, Stride>(v, lane);
        } else {
            v[0] += __shfl_xor_sync(FullWarp, v[0], mask);
            transposeReduce<1, Lanes / 2, Stride>(v, lane);
        }
    }
}

/// Sum over a block of a power of two of warps; every thread gets it. `scratch` holds 32 floats and is free after the next barrier.
__device__ __forceinline__ float blockSum(float v, float* scratch)
{
    for (int mask = 16; mask > 0; mask /= 2)
        v += __shfl_xor_sync(FullWarp, v, mask);
    int warps = static_cast<int>(blockDim.x) / 32;
    if (threadIdx.x % 32 == 0)
        scratch[threadIdx.x / 32] = v;
    __syncthreads();
    float sum = 0;
    for (int w = 0; w < warps; w++)
        sum += scratch[w];
    return sum;
}

}

#endif
