// The convolution's backward pass. Saved: nothing but x. Recomputed: the sum before SiLU. With v_t that sum and q_t = gradY_t SiLU'(v_t):
//     gradX_t = sum over j of weight[j] q_{t+k-1-j},   gradWeight[j] += sum over t of q_t x_{t-k+1+j},   gradBias += sum over t of q_t.
// A thread of the small kernels walks its steps and k - 1 more, whose q it needs but counts nowhere else.
#ifndef MAMBA_CONV_BACKWARD_CUH
#define MAMBA_CONV_BACKWARD_CUH

#include "conv_forward.cuh"

namespace mamba {

/// q of four channels from gradY and the sum before SiLU.
template <class T>
__device__ __forceinline__ void convGradient(const ConvParams& p, const Raw4<T>& g, const float (&sum)[4], float (&q)[4])
{
    for (int i = 0; i < 4; i++) {
        float s = sigmoid(sum[i]);
        q[i] = p.silu ? g[i] * s * (1.0f + sum[i] * (1.0f - s)) : g[i];
    }
}

template <class T>
__device__ __forceinline__ void convStoreGradient(const ConvParams& p, const Slot& slot, int64_t step, int64_t channel, int width, float (&v)[4])
{
    T* to = static_cast<T*>(p.gradX) + slot.token(step, p.reverse) * p.gradXStride + channel;
    if (p.accumulate) {
        Raw4<T> before = load4(static_cast<const T*>(to), width, p.aligned);
        for (int i = 0; i < 4; i++)
            v[i] += before[i];
    }
    store4(to, v, width, p.aligned);
}

template <class T, int Kernel>
__global__ void __launch_bounds__(ConvThreads) convBackwardKernel(const ConvParams p)
{
    ConvPlace at = convPlace(p);
    if (at.slot >= p.workers)
        return;
    float weight[Kernel][4], bias[4], gradWeight[Kernel][4] = {}, gradBias[4] = {};
#pragma unroll
    for (int i = 0; i < 4; i++) {
        bias[i] = p.bias != nullptr && i < at.width ? p.bias[at.channel + i] : 0.0f;
        for (int j = 0; j < Kernel; j++)
            weight[j][i] = i < at.width ? p.weight[(at.channel + i) * Kernel + j] : 0.0f;
    }

    for (int64_t worker = at.slot; worker < p.slots; worker += p.workers) {
        Slot slot = findSlot(p.offsets, p.sequences, ConvTile, worker);
        if (slot.first >= slot.last)
            continue;
        float window[Kernel][4], q[Kernel][4] = {};
        for (int j = 0; j < Kernel - 1; j++)
            convInput<T>(p, slot, slot.first - Kernel + 1 + j, at.channel, at.width, window[j]);
        // Some steps' rows are asked for together, so that enough of them are on their way.
        constexpr int ahead = 4;
        int64_t end = slot.last + Kernel - 1, known = end < slot.length ? end : slot.length;
        for (int64_t first = slot.first; first < end; first += ahead) {
            Raw4<T> x[ahead], gradY[ahead];
            convRows(p, slot, p.x, p.xStride, first, known, at.channel, at.width, x);
            convRows(p, slot, p.gradY, p.gradYStride, first, known, at.channel, at.width, gradY);
#pragma unroll
            for (int k = 0; k < ahead; k++) {
                int64_t step = first + k;
                if (step >= end)
                    break;
#pragma unroll
                for (int j = 0; j + 1 < Kernel; j++)
                    for (int i = 0; i < 4; i++)
                        q[j][i] = q[j + 1][i];
                float sum[4] = {bias[0], bias[1], bias[2], bias[3]};
#pragma unroll
                for (int i = 0; i < 4; i++)
                    window[Kernel - 1][i] = x[k][i];
#pragma unroll
                for (int j = 0; j < Kernel; j++)
                    for (int i = 0; i < 4; i++)
                        sum[i] += weight[j][i] * window[j][i];
                // Past the end of the sequence gradY is zero, and with it q.
                convGradient(p, gradY[k], sum, q[Kernel - 1]);
                if (step < slot.last) {
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        gradBias[i] += q[Kernel - 1][i];
                        for (int j = 0; j < Kernel; j++)
                            gradWeight[j][i] += q[Kernel - 1][i] * window[j][i];
                    }
                }
#pragma unroll
                for (int j = 0; j + 1 < Kernel; j++)
                    for (int i = 0; i < 4; i++)
                        window[j][i] = window[j + 1][i];
                if (step - Kernel + 1 < slot.first)
                    continue;
                float gradX[4] = {};
#pragma unroll
                for (int j = 0; j < Kernel; j++)
                    for (int i = 0; i < 4; i++)
                        gradX[i] += weight[j][i] * q[Kernel - 1 - j][i];
                convStoreGradient<T>(p, slot, step - Kernel + 1, at.channel, at.width, gradX);
            }
        }
    }

    for (int i = 0; i < at.width; i++) {
        float* to = p.parts + (at.slot * p.channels + at.channel + i) * (Kernel + 1);
        for (int j = 0; j < Kernel; j++)
            to[j] = gradWeight[j][i];
        to[Kernel] = gradBias[i];
    }
}

/// Large kernels, first pass: q to memory.
template <class T>
__global__ void __launch_bounds__(ConvThreads) convLargeGradientKernel(const ConvParams p)
{
    ConvPlace at = convPlace(p);
    if (at.slot >= p.slots)
        return;
    Slot slot = findSlot(p.offsets, p.sequences, ConvTile, at.slot);
    for (int64_t step = slot.first; step < slot.last; step++) {
        float sum[4] = {}, v[4], q[4];
        Raw4<T> gradY[1];
        for (int i = 0; i < at.width; i++)
            sum[i] = p.bias != nullptr ? p.bias[at.channel + i] : 0.0f;
        for (int j = 0; j < p.kernel; j++) {
            convInput<T>(p, slot, step - p.kernel + 1 + j, at.channel, at.width, v);
            for (int i = 0; i < at.width; i++)
                sum[i] += p.weight[(at.channel + i) * p.kernel + j] * v[i];
        }
        convRows(p, slot, p.gradY, p.gradYStride, step, slot.last, at.channel, at.width, gradY);
        convGradient(p, gradY[0], sum, q);
        for (int i = 0; i < at.width; i++)
            p.gradPre[slot.token(step, p.reverse) * p.channels + at.channel + i] = q[i];
    }
}

/// Large kernels, second pass: from q to the gradient of x.
template <class T>
__global__ void __launch_bounds__(ConvThreads) convLargeInputKernel(const ConvParams p)
{
    ConvPlace at = convPlace(p);
    if (at.slot >= p.slots)
        return;
    Slot slot = findSlot(p.offsets, p.sequences, ConvTile, at.slot);
    for (int64_t step = slot.first; step < slot.last; step++) {
        float gradX[4] = {};
        for (int j = 0; j < p.kernel && step + p.kernel - 1 - j >= 0; j++) {
            int64_t later = step + p.kernel - 1 - j;
            for (int i = 0; i < at.width && later < slot.length; i++)
                gradX[i] += p.weight[(at.channel + i) * p.kernel + j] * p.gradPre[slot.token(later, p.reverse) * p.channels + at.channel + i];
        }
        convStoreGradient<T>(p, slot, step, at.channel, at.width, gradX);
    }
}

/// Large kernels, third pass: a thread one weight (or, last, the bias) of a channel over a worker's share of the slots.
template <class T>
__global__ void convLargeWeightKernel(const ConvParams p)
{
    int64_t index = globalThread(), perWorker = p.channels * (p.kernel + 1);
    if (index >= p.workers * perWorker)
        return;
    int64_t channel = index % p.channels, j = index / p.channels % (p.kernel + 1), worker = index / perWorker;
    float sum = 0;
    for (int64_t s = worker; s < p.slots; s += p.workers) {
        Slot slot = findSlot(p.offsets, p.sequences, ConvTile, s);
        for (int64_t step = slot.first; step < slot.last; step++) {
            float q = p.gradPre[slot.token(step, p.reverse) * p.channels + channel];
            int64_t from = step - p.kernel + 1 + j;
            float x = 1;
            if (j < p.kernel && from >= 0)
                x = toFloat(static_cast<const T*>(p.x)[slot.token(from, p.reverse) * p.xStride + channel]);
            else if (j < p.kernel)
                x = p.initial != nullptr ? p.initial[(slot.sequence * (p.kernel - 1) + p.kernel - 1 + from) * p.channels + channel] : 0.0f;
            sum += q * x;
        }
    }
    p.parts[(worker * p.channels + channel) * (p.kernel + 1) + j] = sum;
}

/// += of weights and bias: workers' parts added in a fixed order.
static __global__ void __launch_bounds__(PartsThreads) convReduceKernel(const ConvParams p, float* gradWeight, float* gradBias)
{
    int64_t perWorker = p.channels * (p.kernel + 1), index = blockIdx.x * static_cast<int64_t>(PartsColumns) + threadIdx.x;
    float sum = sumOfParts(p.parts, p.workers, perWorker);
    if (threadIdx.x >= PartsColumns || index >= perWorker)
        return;
    int64_t channel = index / (p.kernel + 1), j = index % (p.kernel + 1);
    if (j < p.kernel)
        gradWeight[channel * p.kernel + j] += sum;
    else if (gradBias != nullptr)
        gradBias[channel] += sum;
}

}

#endif
