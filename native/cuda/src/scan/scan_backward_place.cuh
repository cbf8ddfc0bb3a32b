// What a thread of the scan's backward pass holds: its channels and states, and how they come from tensors and go there.
#ifndef MAMBA_SCAN_BACKWARD_PLACE_CUH
#define MAMBA_SCAN_BACKWARD_PLACE_CUH

#include "scan_layout.cuh"

namespace mamba {

/// Value k of what a thread holds belongs to channel `channel` ^ k of the block, value s of a channel to state stateOf(s). B and C lie in
/// shared memory Versions times.
template <class Layout, int Versions>
struct BackwardPlace {
    static constexpr int States = Layout::States, Held = Layout::Held;
    static constexpr int WarpChannels = 32 / Layout::Lanes;      // channels of a warp's lanes, Held times as many in all
    using Map = StateMap<States, Layout::Lanes, Versions>;
    using Registers = float[Held][States];

    Slot slot;
    ChannelBlock block;
    int stateFirst, states, lane, channel, version;
    int column, rowFirst, width;                                 // this thread's share of a tile's rows
    bool wide;                                                   // all channels and states of the block are there

    __device__ __forceinline__ explicit BackwardPlace(const ScanParams& p)
    {
        block = channelBlock(p, blockIdx.x % p.channelBlocks, Layout::Channels);
        stateFirst = blockIdx.y * MaxSlice;
        states = static_cast<int>(p.stateSize - stateFirst < Layout::Padded ? p.stateSize - stateFirst : Layout::Padded);
        // Channels neighbour within a warp, lanes of a channel stand WarpChannels apart.
        lane = threadIdx.x % 32 / WarpChannels;
        channel = (threadIdx.x / 32 * WarpChannels + threadIdx.x % WarpChannels) * Held + lane % Held;
        version = threadIdx.x % Versions;
        column = threadIdx.x % Layout::RowVectors * 4;
        rowFirst = threadIdx.x / Layout::RowVectors;
        width = block.valid - column;
        wide = block.valid == Layout::Channels && states == Layout::Padded;
    }

    /// From a tensor [channels, state].
    __device__ __forceinline__ void load(const ScanParams& p, const float* from, Registers& v) const
    {
        from = from == nullptr ? nullptr : from + block.first * p.stateSize + stateFirst;
#pragma unroll
        for (int k = 0; k < Held; k++)
#pragma unroll
            for (int s = 0; s < States; s++)
                v[k][s] = from != nullptr && here(k, s) ? from[indexOf(p, k, s)] : 0.0f;
    }

    /// The same of a whole block, in the order in which states lie there: `order` puts them into this thread's.
    __device__ __forceinline__ void loadVectors(const ScanParams& p, const float* from, Registers& v) const
    {
        from += block.first * p.stateSize + stateFirst;
#pragma unroll
        for (int k = 0; k < Held; k++)
#pragma unroll
            for (int s = 0; s < States; s += 4) {
                const float* vector = from + ((channel ^ k) * static_cast<int>(p.stateSize) + Map::state(s, lane));
                float4 f = __ldg(reinterpret_cast<const float4*>(vector));
                v[k][s] = f.x, v[k][s + 1] = f.y, v[k][s + 2] = f.z, v[k][s + 3] = f.w;
            }
    }

    __device__ __forceinline__ void order(Registers& v) const
    {
        if constexpr (Versions == 4) {
#pragma unroll
            for (int k = 0; k < Held; k++)
                exchangeOrder(v[k], version);
        }
    }

    __device__ __forceinline__ void store(const ScanParams& p, float* to, const Registers& v) const
    {
        to += block.first * p.stateSize + stateFirst;
#pragma unroll
        for (int k = 0; k < Held; k++)
#pragma unroll
            for (int s = 0; s < States; s++)
                if (here(k, s))
                    to[indexOf(p, k, s)] = v[k][s];
    }

private:
    __device__ __forceinline__ int stateOf(int s) const { return Map::state(s ^ version, lane); }

    /// Of a state in a tensor [channels, state], from the block's first on.
    __device__ __forceinline__ int indexOf(const ScanParams& p, int k, int s) const
    {
        return (channel ^ k) * static_cast<int>(p.stateSize) + stateOf(s);
    }

    __device__ __forceinline__ bool here(int k, int s) const { return wide || ((channel ^ k) < block.valid && stateOf(s) < states); }
};

}

#endif
