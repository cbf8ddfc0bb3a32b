// The convolution's forward pass. A thread walks 64 steps of four channels; of small kernels it keeps the window in registers.
#ifndef MAMBA_CONV_FORWARD_CUH
#define MAMBA_CONV_FORWARD_CUH

#include "../common/dispatch.cuh"
#include "../common/slots.cuh"
#include "conv_params.h"

namespace mamba {

/// Four channels' inputs at a step, which may lie before the sequence.
template <class T>
__device__ __forceinline__ void convInput(const ConvParams& p, const Slot& slot, int64_t step, int64_t channel, int width, float (&v)[4])
{
    if (step >= 0) {
        Raw4<T> raw = load4(static_cast<const T*>(p.x) + slot.token(step, p.reverse) * p.xStride + channel, width, p.aligned);
        for (int i = 0; i < 4; i++)
            v[i] = raw[i];
        return;
    }
    for (int i = 0; i < 4; i++)
        v[i] = p.initial != nullptr && i < width ? p.initial[(slot.sequence * (p.kernel - 1) + p.kernel - 1 + step) * p.channels + channel + i] : 0.0f;
}

/// Rows of four channels at Count steps from `first` on, none of them before the sequence, asked for together; from `end` on they are zero.
template <class T, int Count>
__device__ __forceinline__ void convRows(
    const ConvParams& p, const Slot& slot, const void* base, int64_t stride, int64_t first, int64_t end, int64_t channel, int width,
    Raw4<T> (&to)[Count])
{
    const T* at = static_cast<const T*>(base) + slot.token(first, p.reverse) * stride + channel;
    int64_t apart = p.reverse ? -stride : stride;
#pragma unroll
    for (int i = 0; i < Count; i++, at += apart)
        to[i] = load4(at, first + i < end ? width : 0, p.aligned);
}

struct ConvPlace {
    int64_t channel, slot;
    int width;
};

/// Neighbouring threads take neighbouring channels of a slot.
__device__ __forceinline__ ConvPlace convPlace(const ConvParams& p)
{
    int64_t vectors = (p.channels + 3) / 4, index = globalThread();
    ConvPlace at{index % vectors * 4, index / vectors, 0};
    at.width = static_cast<int>(p.channels - at.channel < 4 ? p.channels - at.channel : 4);
    return at;
}

/// SiLU of four channels' sums, if it is asked for, and the store.
template <class T>
__device__ __forceinline__ void convStore(const ConvParams& p, const Slot& slot, int64_t step, int64_t channel, int width, float (&y)[4])
{
    if (p.silu)
        for (int i = 0; i < 4; i++)
            y[i] *= sigmoid(y[i]);
    store4(static_cast<T*>(p.y) + slot.token(step, p.reverse) * p.yStride + channel, y, width, p.aligned);
}

template <class T, int Kernel>
__global__ void __launch_bounds__(ConvThreads) convForwardKernel(const ConvParams p)
{
    constexpr int size = Kernel > 0 ? Kernel : 1;
    ConvPlace at = convPlace(p);
    if (at.slot >= p.slots)
        return;
    Slot slot = findSlot(p.offsets, p.sequences, ConvTile, at.slot);
    if (slot.first >= slot.last)
        return;
    float weight[size][4], window[size][4], bias[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
        bias[i] = p.bias != nullptr && i < at.width ? p.bias[at.channel + i] : 0.0f;
        for (int j = 0; j < Kernel; j++)
            weight[j][i] = i < at.width ? p.weight[(at.channel + i) * p.kernel + j] : 0.0f;
    }
    for (int j = 0; j < Kernel - 1; j++)
        convInput<T>(p, slot, slot.first - Kernel + 1 + j, at.channel, at.width, window[j]);

    if constexpr (Kernel > 0) {
        constexpr int ahead = 8;
        for (int64_t first = slot.first; first < slot.last; first += ahead) {
            Raw4<T> x[ahead];
            convRows(p, slot, p.x, p.xStride, first, slot.last, at.channel, at.width, x);
#pragma unroll
            for (int k = 0; k < ahead; k++) {
                if (first + k >= slot.last)
                    break;
                float y[4] = {bias[0], bias[1], bias[2], bias[3]};
#pragma unroll
                for (int i = 0; i < 4; i++)
                    window[Kernel - 1][i] = x[k][i];
#pragma unroll
                for (int j = 0; j < Kernel; j++)
                    for (int i = 0; i < 4; i++)
                        y[i] += weight[j][i] * window[j][i];
#pragma unroll
                for (int j = 0; j + 1 < Kernel; j++)
                    for (int i = 0; i < 4; i++)
                        window[j][i] = window[j + 1][i];
                convStore<T>(p, slot, first + k, at.channel, at.width, y);
            }
        }
    } else {
        for (int64_t step = slot.first; step < slot.last; step++) {
            float y[4] = {bias[0], bias[1], bias[2], bias[3]};
            for (int j = 0; j < p.kernel; j++) {
                convInput<T>(p, slot, step - p.kernel + 1 + j, at.channel, at.width, window[0]);
                for (int i = 0; i < at.width; i++)
                    y[i] += p.weight[(at.channel + i) * p.kernel + j] * window[0][i];
            }
            convStore<T>(p, slot, step, at.channel, at.width, y);
        }
    }
}

/// The inputs that the next token will need, a thread a sequence and channel: oldest first, as where they are may be where they were.
template <class T>
__global__ void convFinalKernel(const ConvParams p)
{
    int64_t index = globalThread(), places = p.kernel - 1;
    if (index >= p.sequences * p.channels)
        return;
    int64_t channel = index % p.channels, sequence = index / p.channels;
    int64_t begin = p.offsets[sequence], length = p.offsets[sequence + 1] - begin;
    for (int64_t place = 0; place < places; place++) {
        int64_t step = length - places + place, first = sequence * places;
        float v = 0;
        if (step >= 0)
            v = toFloat(static_cast<const T*>(p.x)[(p.reverse ? begin + length - 1 - step : begin + step) * p.xStride + channel]);
        else if (p.initial != nullptr)
            v = p.initial[(first + places + step) * p.channels + channel];
        p.final[(first + place) * p.channels + channel] = v;
    }
}

}

#endif
