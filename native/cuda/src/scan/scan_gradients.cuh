// The end of the backward pass: from sums over states to the gradients of a token's inputs, and the sums over blocks.
#ifndef MAMBA_SCAN_GRADIENTS_CUH
#define MAMBA_SCAN_GRADIENTS_CUH

#include "scan_layout.cuh"

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

/// Rows of a tile's inputs, four channels of every RowStep-th row to a thread, and where their gradients go.
template <class T, int Each, int RowStep, int Rows, bool Aligned>
struct GradientRows {
    int64_t token, column;
    Raw4<T> dt[Each], x[Each], gradY[Each], z[Each];

    __device__ __forceinline__ GradientRows(int64_t token, int64_t column) : token(token), column(column) {}

    __device__ __forceinline__ void loadRows(
        const void* base, int64_t stride, int64_t step, int rowFirst, int width, int rows, Raw4<T> (&to)[Each]) const
    {
        RowCursor<const T> from(static_cast<const T*>(base) + token * stride + column, step * RowStep);
#pragma unroll
        for (int i = 0; i < Each; i++)
            to[i] = load4(from.next(), rows == Rows || rowFirst + i * RowStep < rows ? width : 0, Aligned);
    }

    /// Whole tiles are read without asking for each vector whether it is there.
    __device__ __forceinline__ void load(const ScanParams& p, int rowFirst, int width, int rows, bool whole)
    {
        if (whole)
            load(p, rowFirst, 4, Rows);
        else
            load(p, rowFirst, width, rows);
    }

    /// Keeps what was loaded in shared memory, and reads it again: Kept pairs of vectors a thread, neighbouring threads side by side.
    static constexpr int Kept = 2 * Each;

    __device__ __forceinline__ void keep(RawPair<T>* kept, int threads) const
    {
#pragma unroll
        for (int i = 0; i < Each; i++) {
            kept[2 * i * threads + threadIdx.x].put(dt[i], x[i]);
            kept[(2 * i + 1) * threads + threadIdx.x].put(gradY[i], z[i]);
        }
    }

    __device__ __forceinline__ void recall(const RawPair<T>* kept, int threads)
    {
#pragma unroll
        for (int i = 0; i < Each; i++) {
            kept[2 * i * threads + threadIdx.x].get(dt[i], x[i]);
            kept[(2 * i + 1) * threads + threadIdx.x].get(gradY[i], z[i]);
        }
    }

    __device__ __forceinline__ void load(const ScanParams& p, int rowFirst, int width, int rows)
    {
        loadRows(p.dt, p.dtStride, p.dtStep, rowFirst, width, rows, dt);
        loadRows(p.x, p.xStride, p.xStep, rowFirst, width, rows, x);
        loadRows(p.gradY, p.gradYStride, p.gradYStep, rowFirst, width, rows, gradY);
        if (p.z != nullptr)
            loadRows(p.z, p.zStride, p.zStep, rowFirst, width, rows, z);
    }

    /// gy of each element. The question for the gate is asked once, so that elements do not wait for each other.
    __device__ __forceinline__ void gatedGradient(const ScanParams& p, float (&gy)[Each][4]) const
    {
#pragma unroll
        for (int i = 0; i < Each; i++)
#pragma unroll
            for (int j = 0; j < 4; j++)
                gy[i][j] = gradY[i][j];
        if (p.z == nullptr)
            return;
#pragma unroll
        for (int i = 0; i < Each; i++)
#pragma unroll
            for (int j = 0; j < 4; j++)
                gy[i][j] *= z[i][j] * sigmoid(z[i][j]);
    }

    __device__ __forceinline__ void store(
        void* base, int64_t stride, int64_t step, int rowFirst, int width, int rows, bool add, float (&v)[Each][4]) const
    {
        RowCursor<T> to(static_cast<T*>(base) + token * stride + column, step * RowStep);
        storeRows<T, Each, RowStep, Rows, Aligned>(to, v, rowFirst, width, rows, add);
    }

    /// delta and its derivative.
    __device__ __forceinline__ void deltas(
        const ScanParams& p, const float (&bias)[4], float (&delta)[Each][4], float (&slope)[Each][4]) const
    {
        if (p.softplus) {
#pragma unroll
            for (int i = 0; i < Each; i++)
#pragma unroll
                for (int j = 0; j < 4; j++)
                    delta[i][j] = softplus<sizeof(T) == 4>(dt[i][j] + bias[j], slope[i][j]);
        } else {
#pragma unroll
            for (int i = 0; i < Each; i++)
#pragma unroll
                for (int j = 0; j < 4; j++)
                    delta[i][j] = dt[i][j] + bias[j], slope[i][j] = 1.0f;
        }
    }

    /// With sliced states: the sums over this slice's states.
    __device__ __forceinline__ void storeSlice(
        const ScanParams& p, int rowFirst, int width, int rows, const GradientSums (&sums)[Each]) const
    {
        for (int i = 0; i < Each; i++) {
            if (rowFirst + i * RowStep >= rows)
                break;
            int64_t at = token + (p.reverse ? -i * RowStep : i * RowStep);
            float* to = p.partialGradSums + (blockIdx.y * p.tokens + at) * 3 * p.channels + column;
            for (int j = 0; j < 4 && j < width; j++) {
                to[j] = sums[i].delta[j];
                to[p.channels + j] = sums[i].deltaX[j];
                to[2 * p.channels + j] = sums[i].y[j];
            }
        }
    }

    /// The gradients of x, dt and z from the sums over states, and what they add to those of D and the bias.
    __device__ __forceinline__ void finish(
        const ScanParams& p, int rowFirst, int width, int rows, const GradientSums (&sums)[Each], const float (&bias)[4],
        const float (&skip)[4], float (&gradD)[4], float (&gradBias)[4]) const
    {
        float gy[Each][4], v[Each][4], slope[Each][4];
#pragma unroll
        for (int i = 0; i < Each; i++)
#pragma unroll
            for (int j = 0; j < 4; j++)
                gy[i][j] = gradY[i][j];
        if (p.z != nullptr) {
#pragma unroll
            for (int i = 0; i < Each; i++)
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    float gate = sigmoid(z[i][j]), silu = z[i][j] * gate;
                    v[i][j] = gy[i][j] * (sums[i].y[j] + skip[j] * x[i][j]) * (gate + silu * (1.0f - gate));
                    gy[i][j] *= silu;
                }
            store(p.gradZ, p.gradZStride, p.gradZStep, rowFirst, width, rows, (p.accumulate & 16) != 0, v);
        }
        deltas(p, bias, v, slope);
#pragma unroll
        for (int i = 0; i < Each; i++)
#pragma unroll
            for (int j = 0; j < 4; j++)
                v[i][j] = sums[i].deltaX[j] * v[i][j] + skip[j] * gy[i][j];
        store(p.gradX, p.gradXStride, p.gradXStep, rowFirst, width, rows, (p.accumulate & 1) != 0, v);
#pragma unroll
        for (int i = 0; i < Each; i++)
#pragma unroll
            for (int j = 0; j < 4; j++)
                v[i][j] = (sums[i].delta[j] * Ln2 + sums[i].deltaX[j] * x[i][j]) * slope[i][j];
        if (rows != Rows) {
#pragma unroll
            for (int i = 0; i < Each; i++)
#pragma unroll
                for (int j = 0; j < 4; j++)
                    v[i][j] = rowFirst + i * RowStep < rows ? v[i][j] : 0.0f;
        }
#pragma unroll
        for (int i = 0; i < Each; i++)
#pragma unroll
            for (int j = 0; j < 4; j++) {
                gradD[j] += gy[i][j] * x[i][j];   // zero past the end, as gradY is
                gradBias[j] += v[i][j];
            }
        store(p.gradDt, p.gradDtStride, p.gradDtStep, rowFirst, width, rows, (p.accumulate & 2) != 0, v);
    }
};

/// This block's part of the gradients of D and the bias from what its threads added up. `scratch` holds 8 floats for each thread.
template <class Layout>
__device__ __forceinline__ void storeChannelGradients(
    const ScanParams& p, float* scratch, const ChannelBlock& block, int64_t worker, const float (&gradD)[4], const float (&gradBias)[4])
{
    constexpr int Channels = Layout::Channels;
    int row = threadIdx.x / Layout::RowVectors, column = threadIdx.x % Layout::RowVectors * 4;
    __syncthreads();
    for (int j = 0; j < 4; j++) {
        scratch[row * 2 * Channels + column + j] = gradD[j];
        scratch[(row * 2 + 1) * Channels + column + j] = gradBias[j];
    }
    __syncthreads();
    for (int i = threadIdx.x; i < 2 * Channels; i += Layout::Threads) {
        if (i % Channels >= block.valid)
            continue;
        float sum = 0;
        for (int r = 0; r < Layout::RowStep; r++)
            sum += scratch[r * 2 * Channels + i];
        p.partialGradChannel[(worker * 2 + i / Channels) * p.channels + block.first + i % Channels] = sum;
    }
}

constexpr int ReduceThreads = 256;

/// grad B and grad C: a group's channel blocks added in a fixed order, by Parts threads; four values of a token's B or C together, where
/// rows allow it.
template <class T, bool Aligned, int Parts>
__device__ __forceinline__ void reduceProjections(const ScanParams& p, int64_t block)
{
    constexpr int Vectors = ReduceThreads / Parts;
    __shared__ float4 parts[Parts][Vectors];
    int part = threadIdx.x / Vectors, place = threadIdx.x % Vectors;
    int64_t index = block * Vectors + place, vectors = (p.stateSize + 3) / 4;
    int n = static_cast<int>(index % vectors) * 4, isC = static_cast<int>(index / vectors % 2);
    int64_t token = index / (vectors * 2) % p.tokens, group = index / (vectors * 2 * p.tokens);
    int width = static_cast<int>(p.stateSize - n < 4 ? p.stateSize - n : 4);
    bool here = group < p.groups;
    float sum[4] = {};
    if (here) {
#pragma unroll 8
        for (int64_t k = part; k < p.blocksPerGroup; k += Parts) {
            const float* from = p.partialGradBC + (((group * p.blocksPerGroup + k) * p.tokens + token) * 2 + isC) * p.stateSize + n;
            Raw4<float> more = load4(from, width, Aligned);
            for (int j = 0; j < 4; j++)
                sum[j] += more[j];
        }
    }
    if constexpr (Parts > 1) {
        parts[part][place] = make_float4(sum[0], sum[1], sum[2], sum[3]);
        __syncthreads();
        for (int k = 1; k < Parts; k++) {
            float4 more = parts[k][place];
            sum[0] += more.x, sum[1] += more.y, sum[2] += more.z, sum[3] += more.w;
        }
    }
    if (part > 0 || !here)
        return;
    int64_t at = token * (isC ? p.gradCStride : p.gradBStride) + group * p.stateSize + n;
    addOrStore4<T, Aligned>(static_cast<T*>(isC ? p.gradC : p.gradB) + at, sum, width, (p.accumulate & (isC ? 8 : 4)) != 0);
}

/// += of the parameters' gradients: workers' sums added in order.
__device__ __forceinline__ void reduceParameters(const ScanParams& p, int64_t index)
{
    int64_t perState = p.channels * p.stateSize;
    float sum = 0;
    if (index < perState) {
#pragma unroll 8
        for (int64_t w = 0; w < p.workers; w++)
            sum += p.partialGradA[w * perState + index];
        p.gradA[index] += sum;
    } else if (index < perState + 2 * p.channels) {
        int64_t at = index - perState;
        float* to = at < p.channels ? p.gradD : p.gradDtBias;
        if (to == nullptr)
            return;
#pragma unroll 8
        for (int64_t w = 0; w < p.workers; w++)
            sum += p.partialGradChannel[w * 2 * p.channels + at];
        to[at % p.channels] += sum;
    }
}

/// The first `projections` blocks add up grad B and grad C, the others the parameters' gradients.
template <class T, bool Aligned, int Parts>
__global__ void __launch_bounds__(ReduceThreads) scanReduceKernel(const ScanParams p, int64_t projections)
{
    int64_t block = blockIdx.x;
    if (block < projections)
        reduceProjections<T, Aligned, Parts>(p, block);
    else
        reduceParameters(p, (block - projections) * ReduceThreads + threadIdx.x);
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
            GradientSums sums[1] = {};
            for (int s = 0; s < slices; s++) {
                const float* from = p.partialGradSums + (s * p.tokens + token) * 3 * p.channels + channel;
                sums[0].delta[0] += from[0];
                sums[0].deltaX[0] += from[p.channels];
                sums[0].y[0] += from[2 * p.channels];
            }
            GradientRows<T, 1, 1, 1, false> rows(token, channel);
            rows.load(p, 0, 1, 1);
            rows.finish(p, 0, 1, 1, sums, bias, skip, gradD, gradBias);
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
