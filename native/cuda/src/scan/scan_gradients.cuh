// The end of the backward pass: from sums over states to the gradients of a token's inputs, and the sums over blocks.
#ifndef MAMBA_SCAN_GRADIENTS_CUH
#define MAMBA_SCAN_GRADIENTS_CUH

#include "scan_params.cuh"

namespace mamba {

/// Sums over states for four neighbouring channels of a token. That of delta is in units of log2(e): A was scaled by it.
struct GradientSums {
    float delta[4], deltaX[4], y[4];
};

template <class T, bool Aligned>
__device__ __forceinline__ void addOrStore4(T* place, float (&v)[4], int width, bool add)
{
    if (add) {
        Raw4<T> before = load4(static_cast<const T*>(place), width, Aligned);
        for (int j = 0; j < 4; j++)
            v[j] += before[j];
    }
    store4(place, v, width, Aligned);
}

/// Where a token's inputs and their gradients lie, from one column on.
template <class T>
struct GradientRows {
    const T *x, *dt, *z, *gradY;
    T *gradX, *gradDt, *gradZ;

    __device__ __forceinline__ GradientRows(const ScanParams& p, int64_t token, int64_t column)
        : x(static_cast<const T*>(p.x) + token * p.xStride + column), dt(static_cast<const T*>(p.dt) + token * p.dtStride + column),
          z(static_cast<const T*>(p.z) + token * p.zStride + column), gradY(static_cast<const T*>(p.gradY) + token * p.gradYStride + column),
          gradX(static_cast<T*>(p.gradX) + token * p.gradXStride + column), gradDt(static_cast<T*>(p.gradDt) + token * p.gradDtStride + column),
          gradZ(static_cast<T*>(p.gradZ) + token * p.gradZStride + column)
    {
    }

    __device__ __forceinline__ void move(const ScanParams& p, int tokens)
    {
        x += tokens * p.xStride, dt += tokens * p.dtStride, z += tokens * p.zStride, gradY += tokens * p.gradYStride;
        gradX += tokens * p.gradXStride, gradDt += tokens * p.gradDtStride, gradZ += tokens * p.gradZStride;
    }
};

template <class T, bool Aligned>
__device__ __forceinline__ void finishGradients(
    const ScanParams& p, const GradientRows<T>& at, int width, const GradientSums& sums, const float (&bias)[4], const float (&skip)[4],
    float (&gradD)[4], float (&gradBias)[4])
{
    Raw4<T> dt = load4(at.dt, width, Aligned), x = load4(at.x, width, Aligned), gradY = load4(at.gradY, width, Aligned), z;
    if (p.z != nullptr)
        z = load4(at.z, width, Aligned);
    float gx[4], gdt[4], gz[4];
#pragma unroll
    for (int j = 0; j < 4; j++) {
        float gy = gradY[j], v = dt[j] + bias[j];
        if (p.z != nullptr) {
            float gate = sigmoid(z[j]);
            gz[j] = gy * (sums.y[j] + skip[j] * x[j]) * gate * (1.0f + z[j] * (1.0f - gate));
            gy *= z[j] * gate;
        }
        gx[j] = sums.deltaX[j] * deltaOf<T>(dt[j], bias[j], p.softplus) + skip[j] * gy;
        gdt[j] = (sums.delta[j] * Ln2 + sums.deltaX[j] * x[j]) * (p.softplus ? sigmoid(v) : 1.0f);
        if (j < width) {
            gradD[j] += gy * x[j];
            gradBias[j] += gdt[j];
        }
    }

    addOrStore4<T, Aligned>(at.gradX, gx, width, (p.accumulate & 1) != 0);
    addOrStore4<T, Aligned>(at.gradDt, gdt, width, (p.accumulate & 2) != 0);
    if (p.z != nullptr)
        addOrStore4<T, Aligned>(at.gradZ, gz, width, (p.accumulate & 16) != 0);
}

/// grad B and grad C: a group's channel blocks added in order. One thread four values of a token's B or C, where rows allow it.
template <class T, bool Aligned>
__global__ void __launch_bounds__(256) scanReduceProjectionsKernel(const ScanParams p)
{
    int64_t vectors = (p.stateSize + 3) / 4;
    int64_t index = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x;
    if (index >= p.tokens * p.groups * 2 * vectors)
        return;
    int n = static_cast<int>(index % vectors) * 4, isC = static_cast<int>(index / vectors % 2);
    int64_t token = index / (vectors * 2) % p.tokens, group = index / (vectors * 2 * p.tokens);
    int width = static_cast<int>(p.stateSize - n < 4 ? p.stateSize - n : 4);
        float sum[4] = {};
#pragma unroll 4
    for (int64_t block = 0; block < p.blocksPerGroup; block++) {
        const float* from = p.partialGradBC + (((group * p.blocksPerGroup + block) * p.tokens + token) * 2 + isC) * p.stateSize + n;
        Raw4<float> part = load4(from, width, Aligned);
        for (int j = 0; j < 4; j++)
            sum[j] += part[j];
    }
    int64_t at = token * (isC ? p.gradCStride : p.gradBStride) + group * p.stateSize + n;
    addOrStore4<T, Aligned>(static_cast<T*>(isC ? p.gradC : p.gradB) + at, sum, width, (p.accumulate & (isC ? 8 : 4)) != 0);
}

/// += of the parameters' gradients: workers' sums added in order.
static __global__ void __launch_bounds__(256) scanReduceParametersKernel(const ScanParams p)
{
    int64_t perState = p.channels * p.stateSize, index = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x;
    float sum = 0;
    if (index < perState) {
        for (int64_t w = 0; w < p.workers; w++)
            sum += p.partialGradA[w * perState + index];
        p.gradA[index] += sum;
    } else if (index < perState + 2 * p.channels) {
        int64_t at = index - perState;
        float* to = at < p.channels ? p.gradD : p.gradDtBias;
        if (to == nullptr)
            return;
        for (int64_t w = 0; w < p.workers; w++)
            sum += p.partialGradChannel[w * 2 * p.channels + at];
        to[at % p.channels] += sum;
    }
}

/// With sliced states: the slices' outputs added in order, then D and the gate.
template <class T>
__global__ void __launch_bounds__(256) scanFinishSlicesKernel(const ScanParams p, int slices)
{
    int64_t index = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x;
    if (index >= p.tokens * p.channels)
        return;
    int64_t token = index / p.channels, channel = index % p.channels;
    float y = 0;
    for (int s = 0; s < slices; s++)
        y += p.partialY[(s * p.tokens + token) * p.channels + channel];
    if (p.d != nullptr)
        y += p.d[channel] * toFloat(static_cast<const T*>(p.x)[token * p.xStride + channel]);
    if (p.z != nullptr) {
        float z = toFloat(static_cast<const T*>(p.z)[token * p.zStride + channel]);
        y *= z * sigmoid(z);
    }
    T* to = static_cast<T*>(p.y) + token * p.yStride + channel;
    *to = fromFloat<T>(p.accumulateY ? toFloat(*to) + y : y);
}

/// With sliced states: the gradients of a channel's inputs from the slices' sums; a block has 64 channels and every workers-th four tokens.
template <class T>
__global__ void __launch_bounds__(256) scanFinishSliceGradientsKernel(const ScanParams p, int slices)
{
    __shared__ float scratch[2][4][64];
    int64_t channel = blockIdx.x * static_cast<int64_t>(64) + threadIdx.x % 64;
    int part = threadIdx.x / 64;
    float gradD[4] = {}, gradBias[4] = {};
    if (channel < p.channels) {
        float bias[4] = {p.dtBias != nullptr ? p.dtBias[channel] : 0.0f}, skip[4] = {p.d != nullptr ? p.d[channel] : 0.0f};
        for (int64_t token = blockIdx.y * 4 + part; token < p.tokens; token += 4 * p.workers) {
            GradientSums sums = {};
            for (int s = 0; s < slices; s++) {
                const float* from = p.partialGradSums + (s * p.tokens + token) * 3 * p.channels + channel;
                sums.delta[0] += from[0];
                sums.deltaX[0] += from[p.channels];
                sums.y[0] += from[2 * p.channels];
            }
            finishGradients<T, false>(p, GradientRows<T>(p, token, channel), 1, sums, bias, skip, gradD, gradBias);
        }
    }

    scratch[0][part][threadIdx.x % 64] = gradD[0];
    scratch[1][part][threadIdx.x % 64] = gradBias[0];
    __syncthreads();
    if (part >= 2 || channel >= p.channels)
        return;
    float sum = 0;
    for (int i = 0; i < 4; i++)
        sum += scratch[part][i][threadIdx.x % 64];
    p.partialGradChannel[(blockIdx.y * 2 + part) * p.channels + channel] = sum;
}

}

#endif
