// What every scan kernel is told, and how a block finds its channels, its piece of a sequence and its slice of the states.
#ifndef MAMBA_SCAN_PARAMS_CUH
#define MAMBA_SCAN_PARAMS_CUH

#include "../common/device.cuh"
#include "../common/slots.cuh"

namespace mamba {

constexpr int ScanThreads = 128;
constexpr int MaxSlice = 64;   // states that one block works on; more are cut into slices

/// Steps between two border states: what the backward pass holds in shared memory at a time.
__host__ __device__ constexpr int64_t scanChunk() { return 32; }

struct ScanParams {
    int64_t tokens, sequences, channels, stateSize, groups;
    int64_t segmentLength, segments;         // a block's piece of a sequence, in steps, and the number of its slots
    int64_t workers;                         // blocks that share the segments (backward)
    int64_t channelBlocks, blocksPerGroup;
    const int64_t* offsets;
    const void *x, *dt, *b, *c, *z;
    int64_t xStride, dtStride, bStride, cStride, zStride;
    const float *a, *d, *dtBias, *initialState;
    bool softplus, reverse, accumulateY;
    bool split;                              // sequences are cut into segments, whose carries come from the workspace
    bool sliced;                             // states are cut into slices, whose sums over states go to the workspace
    bool aligned;                            // rows can be read four elements at a time

    void* y;
    int64_t yStride;
    float *finalState, *borders;

    float* carries;                          // [segments, channels, state]: what a segment starts from
    float* decays;                           // [segments, channels]: sum of delta over a segment
    float* partialY;                         // [slices, tokens, channels] when sliced

    const void* gradY;
    int64_t gradYStride;
    const float* gradFinal;
    void *gradX, *gradDt, *gradB, *gradC, *gradZ;
    int64_t gradXStride, gradDtStride, gradBStride, gradCStride, gradZStride;
    float *gradA, *gradD, *gradDtBias, *gradInitial;
    uint32_t accumulate;
    float* partialGradA;                     // [workers, channels, state]
    float* partialGradChannel;               // [workers, 2, channels]: D, dt bias
    float* partialGradBC;                    // [channel blocks, tokens, 2, state]
    float* partialGradSums;                  // [slices, tokens, 3, channels] when sliced: grad delta, grad (delta x), y
};

/// A block's channels: all in one group.
struct ChannelBlock {
    int64_t index, first, group;
    int valid;
};

__device__ __forceinline__ ChannelBlock channelBlock(const ScanParams& p, int64_t index, int width)
{
    ChannelBlock b;
    b.index = index;
    b.group = index / p.blocksPerGroup;
    int64_t perGroup = p.channels / p.groups, inGroup = (index % p.blocksPerGroup) * width;
    b.first = b.group * perGroup + inGroup;
    b.valid = static_cast<int>(perGroup - inGroup < width ? perGroup - inGroup : width);
    return b;
}

/// Lanes of a channel hold States states each; neighbouring lanes hold neighbouring vectors, so that shared reads do not collide.
template <int States, int Lanes>
struct StateMap {
    static constexpr int Vector = States < 4 ? States : 4;
    static constexpr int Padded = States * Lanes;

    __device__ __forceinline__ static constexpr int state(int s, int lane) { return s / Vector * (Vector * Lanes) + lane * Vector + s % Vector; }

    /// This lane's states of a row [Padded] in shared memory.
    __device__ __forceinline__ static void load(const float* row, int lane, float (&v)[States])
    {
        if constexpr (Vector == 4) {
#pragma unroll
            for (int q = 0; q < States / 4; q++) {
                float4 f = *reinterpret_cast<const float4*>(row + q * 4 * Lanes + lane * 4);
                v[q * 4] = f.x, v[q * 4 + 1] = f.y, v[q * 4 + 2] = f.z, v[q * 4 + 3] = f.w;
            }
        } else {
            float2 f = *reinterpret_cast<const float2*>(row + lane * 2);
            v[0] = f.x, v[1] = f.y;
        }
    }
};

/// Walks the rows of a tensor in the direction of travel, some rows at a time.
template <class T>
struct RowCursor {
    T* at;
    int64_t step;

    /// `rows` rows at a time, to later tokens or (backwards) to earlier ones.
    __device__ __forceinline__ RowCursor(T* base, int64_t stride, int64_t token, int64_t column, int rows, bool backwards)
        : at(base + token * stride + column), step((backwards ? -stride : stride) * rows)
    {
    }

    __device__ __forceinline__ T* next()
    {
        T* row = at;
        at += step;
        return row;
    }
};

/// Lays `Rows` rows of B or C into shared memory [Rows][Padded] as float32; what is not there becomes zero.
template <class T, int Rows, int Padded, bool Aligned>
struct StateTile {
    static constexpr int RowVectors = Padded / 4;
    static constexpr int RowStep = ScanThreads / RowVectors < Rows ? ScanThreads / RowVectors : Rows;
    static constexpr int Each = Rows / RowStep;
    Raw4<T> raw[Each];

    __device__ __forceinline__ static int row() { return threadIdx.x / RowVectors; }
    __device__ __forceinline__ static int column() { return threadIdx.x % RowVectors * 4; }

    /// From step `first` on, or (`outward`) down from it.
    __device__ __forceinline__ static RowCursor<const T> cursor(
        const void* source, int64_t stride, const Slot& slot, bool reverse, int64_t first, int64_t column, bool outward = false)
    {
        int64_t token = slot.token(outward ? first - row() : first + row(), reverse);
        return RowCursor<const T>(static_cast<const T*>(source), stride, token, column + StateTile::column(), RowStep, reverse != outward);
    }

    __device__ __forceinline__ void load(RowCursor<const T>& from, int rows, int states)
    {
#pragma unroll
        for (int i = 0; i < Each; i++) {
            const T* p = from.next();
            int valid = row() + i * RowStep < rows ? states - column() : 0;
            raw[i] = load4(p, valid, Aligned);
        }
    }

    __device__ __forceinline__ void store(float* tile) const
    {
#pragma unroll
        for (int i = 0; i < Each; i++) {
            if (RowStep * RowVectors == ScanThreads || row() < RowStep)
                *reinterpret_cast<float4*>(tile + (row() + i * RowStep) * Padded + column()) = make_float4(raw[i][0], raw[i][1], raw[i][2], raw[i][3]);
        }
    }
};

/// delta of a token and channel.
template <class T>
__device__ __forceinline__ float deltaOf(float dt, float bias, bool useSoftplus)
{
    return useSoftplus ? softplus<sizeof(T) == 4>(dt + bias) : dt + bias;
}

}

#endif
