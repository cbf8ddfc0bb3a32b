// grad B and grad C of the backward pass: sums over channels, first within a thread, then a warp, then a block, in a fixed order.
#ifndef MAMBA_SCAN_CHANNEL_SUMS_CUH
#define MAMBA_SCAN_CHANNEL_SUMS_CUH

#include "scan_layout.cuh"

namespace mamba {

template <class Layout, int Group>
struct ScanChannelSums {
    static constexpr int States = Layout::States, Lanes = Layout::Lanes, Rows = Layout::Rows, Padded = Layout::Padded;
    static constexpr int WarpChannels = 32 / Lanes, Warps = Layout::Threads / 32;
    static constexpr int Projected = 2 * Padded;                 // values of a step
    /// With four states a thread, the order of a vector's states differs by channel, and sums over channels need no selection.
    static constexpr int Versions = States == 4 ? 4 : 1;
    /// A group's sums fit where the warp's saved states of that group were; else they need a place of their own, written out at each group.
    static constexpr int SavedFloats = Layout::Held * States * 32;
    static constexpr bool Overlaid = Group * Projected <= SavedFloats;
    static constexpr int StepStride = Projected, WarpStride = Overlaid ? SavedFloats : Group * Projected, GroupStride = WarpStride * Warps;
    static constexpr int Floats = Overlaid ? 4 : GroupStride;

    /// Values that a thread is left with: one sum, or some.
    static constexpr int Left = Versions == 4 ? 1 : 2 * States / WarpChannels;
    static_assert(Left >= 1 && (Versions == 1 || WarpChannels >= 8), "");

    /// Sums a step's grad B and grad C, those of this thread's channels, over the warp's.
    __device__ __forceinline__ static void add(float (&gradB)[States], float (&gradC)[States], float (&left)[Left])
    {
        int place = threadIdx.x % WarpChannels;
        if constexpr (Versions == 4) {
            exchangeReduce<4, 1>(gradB);
            exchangeReduce<4, 1>(gradC);
            float v[2] = {gradB[0], gradC[0]};
            transposeReduce<2, WarpChannels / 4, 4>(v, place / 4);
            left[0] = v[0];
        } else {
            float v[2 * States];
#pragma unroll
            for (int s = 0; s < States; s++)
                v[s] = gradB[s], v[States + s] = gradC[s];
            transposeReduce<2 * States, WarpChannels, 1>(v, place);
#pragma unroll
            for (int k = 0; k < Left; k++)
                left[k] = v[k];
        }
    }

    /// Puts what add left into shared memory. `lane`: which of the states.
    __device__ __forceinline__ static void store(float* projected, int group, int step, const float (&left)[Left], int lane)
    {
        float* to = projected + (Overlaid ? group * GroupStride : 0) + threadIdx.x / 32 * WarpStride + step * StepStride;
        int place = threadIdx.x % WarpChannels;
        if constexpr (Versions == 4) {
            constexpr int copies = WarpChannels / 8;
            if (place / 4 % copies == 0)
                to[place / 4 / copies * Padded + lane * 4 + place % 4] = left[0];
        } else {
#pragma unroll
            for (int k = 0; k < Left; k++) {
                int value = place * Left + k;
                to[value / States * Padded + StateMap<States, Lanes>::state(value % States, lane)] = left[k];
            }
        }
    }

    /// Adds the warps' sums, in order, into this block's part of grad B and grad C: those of all steps, or of group `only` where groups
    /// are written one by one.
    template <bool Aligned, class Place>
    __device__ __forceinline__ static void write(
        const ScanParams& p, const float* projected, const Place& at, int only, int64_t first, int rows, int states)
    {
        constexpr int vectors = Projected / 4, steps = Overlaid ? Rows : Group, stride = Layout::Threads / vectors;
        int value = threadIdx.x % vectors * 4, n = value % Padded, firstStep = threadIdx.x / vectors, base = Overlaid ? 0 : only * Group;
        int64_t token = at.slot.token(first + base + firstStep, p.reverse), apart = (p.reverse ? -2 : 2) * stride * p.stateSize;
        float* to = p.partialGradBC + ((at.block.index * p.tokens + token) * 2 + value / Padded) * p.stateSize + at.stateFirst + n;
#pragma unroll
        for (int i = 0; i < (steps + stride - 1) / stride; i++, to += apart) {
            int step = firstStep + i * stride;
            if ((steps % stride != 0 && step >= steps) || (rows != Rows && base + step >= rows) || (states != Padded && n >= states))
                continue;
            const float* from = projected + step / Group * (Overlaid ? GroupStride : 0) + step % Group * StepStride + value;
            float sum[4] = {};
#pragma unroll
            for (int w = 0; w < Warps; w++) {
                float4 part = *reinterpret_cast<const float4*>(from + w * WarpStride);
                sum[0] += part.x, sum[1] += part.y, sum[2] += part.z, sum[3] += part.w;
            }
            store4(to, sum, states == Padded ? 4 : states - n, Aligned || p.stateSize % 4 == 0);
        }
    }
};

}

#endif
