// What every scan kernel is told, and how a block finds its channels, its piece of a sequence and its slice of the states.
#ifndef MAMBA_SCAN_PARAMS_CUH
#define MAMBA_SCAN_PARAMS_CUH

#include "../common/device.cuh"
#include "../common/slots.cuh"

namespace mamba {

constexpr int MaxSlice = 64;      // states that one block works on; more are cut into slices
constexpr int CarryStates = 16;   // the same where carries are found

__host__ __device__ constexpr int64_t carrySlices(int64_t stateSize) { return (stateSize + CarryStates - 1) / CarryStates; }

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
    int64_t xStep, dtStep, bStep, cStep, zStep;      // strides, negative where sequences are read backwards
    const float *a, *d, *dtBias, *initialState;
    bool softplus, reverse, accumulateY;
    bool split;                              // sequences are cut into segments, whose carries come from the workspace
    bool chained;                            // carries are what segments add, which those that need them chain themselves (forward)
    bool sliced;                             // states are cut into slices, whose sums over states go to the workspace
    bool aligned;                            // rows can be read four elements at a time
    bool narrow;                             // for 9 to 16 states: one channel a thread, for twice as many warps
    bool roomForInputs;                      // the backward pass's shared memory has room for a chunk's inputs

    void* y;
    int64_t yStride, yStep;
    float *finalState, *borders;

    float* carries;                          // [segments, channels, state]: what a segment adds, then what it starts from
    float* decays;                           // [segments, carry slices, channels]: sum of delta over a segment
    float* partialY;                         // [slices, tokens, channels] when sliced

    const void* gradY;
    int64_t gradYStride, gradYStep;
    const float* gradFinal;
    void *gradX, *gradDt, *gradB, *gradC, *gradZ;
    int64_t gradXStride, gradDtStride, gradBStride, gradCStride, gradZStride;
    int64_t gradXStep, gradDtStep, gradZStep;
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

/// delta of a thread's share of a tile's rows. What is the same for all of them is asked once: elements do not wait for each other.
template <class T, int Each, int Width>
__device__ __forceinline__ void deltasOf(bool useSoftplus, const Raw4<T> (&dt)[Each], const float (&bias)[Width], float (&delta)[Each][Width])
{
#pragma unroll
    for (int i = 0; i < Each; i++)
#pragma unroll
        for (int j = 0; j < Width; j++)
            delta[i][j] = dt[i][j] + bias[j];
    if (!useSoftplus)
        return;
#pragma unroll
    for (int i = 0; i < Each; i++)
#pragma unroll
        for (int j = 0; j < Width; j++)
            delta[i][j] = softplus<sizeof(T) == 4>(delta[i][j]);
}

}

#endif
