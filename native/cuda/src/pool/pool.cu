// Pooling of packed sequences: pieces of them first, then the pieces of a sequence in order. A thread has four channels of a piece.
#include <cmath>

#include "../common/dispatch.cuh"
#include "../common/slots.cuh"

namespace mamba {
namespace {

constexpr int PoolPiece = 64;
constexpr int PoolGradientPiece = 16;
constexpr int PoolTogether = 8;   // rows asked for together

struct PoolParams {
    mamba_pool_problem in;
    const void* hidden;
    void* gradHidden;
    int64_t stride, pieces;
    const float* gradPooled;
    float *pooled, *parts;       // parts [pieces, channels]
    int64_t *argMax, *partMax;
    bool aligned;                // rows of the hidden states or of the gradient can be accessed four elements at a time
    const int64_t* savedMax;
};

/// NaN is the largest, and the first of equals wins.
__device__ __forceinline__ bool exceeds(float v, float best) { return !(v <= best) && best == best; }

/// A thread's piece and its channels.
struct PoolPlace {
    int64_t channel, piece;
    int width;
};

__device__ __forceinline__ PoolPlace poolPlace(const PoolParams& p)
{
    int64_t vectors = (p.in.channels + 3) / 4, index = globalThread();
    PoolPlace at{index % vectors * 4, index / vectors, 0};
    at.width = static_cast<int>(p.in.channels - at.channel < 4 ? p.in.channels - at.channel : 4);
    return at;
}

template <class T>
__global__ void __launch_bounds__(256) poolPiecesKernel(const PoolParams p)
{
    PoolPlace at = poolPlace(p);
    if (at.piece >= p.pieces)
        return;
    Slot slot = findSlot(p.in.offsets, p.in.sequences, PoolPiece, at.piece);
    if (slot.first >= slot.last)
        return;
    const T* row = static_cast<const T*>(p.hidden) + (slot.begin + slot.first) * p.stride + at.channel;
    bool mean = p.in.kind == MAMBA_POOL_MEAN;
    float value[4];
    int64_t where[4];
    for (int i = 0; i < 4; i++)
        value[i] = mean ? 0.0f : -INFINITY, where[i] = slot.begin + slot.first;
    for (int64_t first = slot.first; first < slot.last; first += PoolTogether) {
        Raw4<T> rows[PoolTogether];
#pragma unroll
        for (int k = 0; k < PoolTogether; k++, row += p.stride)
            rows[k] = load4(row, first + k < slot.last ? at.width : 0, p.aligned);
#pragma unroll
        for (int k = 0; k < PoolTogether; k++)
#pragma unroll
            for (int i = 0; i < 4; i++) {
                if (mean)
                    value[i] += rows[k][i];   // zero past the end
                else if (first + k < slot.last && exceeds(rows[k][i], value[i]))
                    value[i] = rows[k][i], where[i] = slot.begin + first + k;
            }
    }
    store4(p.parts + at.piece * p.in.channels + at.channel, value, at.width, p.in.channels % 4 == 0);
    if (!mean)
        for (int i = 0; i < at.width; i++)
            p.partMax[at.piece * p.in.channels + at.channel + i] = where[i];
}

template <class T>
__global__ void __launch_bounds__(256) poolSequencesKernel(const PoolParams p)
{
    int64_t index = globalThread(), channel = index % p.in.channels, sequence = index / p.in.channels;
    if (sequence >= p.in.sequences)
        return;
    int64_t begin = p.in.offsets[sequence], length = p.in.offsets[sequence + 1] - begin;
    if (p.in.kind == MAMBA_POOL_LAST || p.in.kind == MAMBA_POOL_FIRST) {
        int64_t token = p.in.kind == MAMBA_POOL_LAST ? begin + length - 1 : begin;
        p.pooled[index] = length > 0 ? toFloat(static_cast<const T*>(p.hidden)[token * p.stride + channel]) : 0.0f;
        return;
    }
    int64_t base = slotBase(begin, sequence, PoolPiece), count = (length + PoolPiece - 1) / PoolPiece;
    float value = length > 0 ? p.parts[base * p.in.channels + channel] : 0.0f;
    int64_t best = 0;
#pragma unroll 8
    for (int64_t i = 1; i < count; i++) {
        float v = p.parts[(base + i) * p.in.channels + channel];
        if (p.in.kind == MAMBA_POOL_MEAN)
            value += v;
        else if (exceeds(v, value))
            value = v, best = i;
    }
    p.pooled[index] = p.in.kind == MAMBA_POOL_MEAN && length > 0 ? value / static_cast<float>(length) : value;
    if (p.in.kind == MAMBA_POOL_MAX)
        p.argMax[index] = length > 0 ? p.partMax[(base + best) * p.in.channels + channel] : -1;
}

template <class T>
__global__ void __launch_bounds__(256) poolBackwardKernel(const PoolParams p)
{
    PoolPlace at = poolPlace(p);
    if (at.piece >= p.pieces)
        return;
    Slot slot = findSlot(p.in.offsets, p.in.sequences, PoolGradientPiece, at.piece);
    if (slot.first >= slot.last)
        return;
    int64_t pooled = slot.sequence * p.in.channels + at.channel;
    float g[4] = {};
    int64_t from[4] = {};   // the step that the gradient goes to, where it is one
    for (int i = 0; i < at.width; i++) {
        g[i] = p.gradPooled[pooled + i] / (p.in.kind == MAMBA_POOL_MEAN ? static_cast<float>(slot.length) : 1.0f);
        from[i] = p.in.kind == MAMBA_POOL_LAST ? slot.length - 1 : p.in.kind == MAMBA_POOL_MAX ? p.savedMax[pooled + i] - slot.begin : 0;
    }
    T* row = static_cast<T*>(p.gradHidden) + (slot.begin + slot.first) * p.stride + at.channel;
    for (int64_t step = slot.first; step < slot.last; step++, row += p.stride) {
        float v[4];
        for (int i = 0; i < 4; i++)
            v[i] = p.in.kind == MAMBA_POOL_MEAN || step == from[i] ? g[i] : 0.0f;
        store4(row, v, at.width, p.aligned);
    }
}

mamba_status read(const mamba_pool_problem* problem, PoolParams& p)
{
    MAMBA_TRY(checkHeader(problem, sizeof *problem, "mamba_pool_problem"));
    p = PoolParams{};
    p.in = *problem;
    MAMBA_TRY(checkType("dtype", p.in.dtype));
    MAMBA_TRY(checkRange("kind", p.in.kind, MAMBA_POOL_LAST, MAMBA_POOL_FIRST));
    MAMBA_TRY(checkRange("tokens", p.in.tokens, 0, int64_t(1) << 40));
    MAMBA_TRY(checkRange("sequences", p.in.sequences, p.in.tokens > 0 ? 1 : 0, INT_MAX));
    MAMBA_TRY(checkRange("channels", p.in.channels, 1, INT_MAX / 256));
    p.pieces = slotCount(p.in.tokens, p.in.sequences, PoolPiece);
    return MAMBA_OK;
}

void layout(PoolParams& p, Workspace& memory)
{
    if (p.in.kind == MAMBA_POOL_MEAN || p.in.kind == MAMBA_POOL_MAX)
        p.parts = memory.take<float>(p.pieces * p.in.channels);
    if (p.in.kind == MAMBA_POOL_MAX)
        p.partMax = memory.take<int64_t>(p.pieces * p.in.channels);
}

}
}

using namespace mamba;

extern "C" {

mamba_status mamba_pool_forward_workspace(const mamba_pool_problem* problem, int64_t* bytes)
{
    MAMBA_TRY(checkPointer("bytes", bytes));
    PoolParams p;
    MAMBA_TRY(read(problem, p));
    Workspace memory;
    layout(p, memory);
    *bytes = memory.bytes();
    return MAMBA_OK;
}

mamba_status mamba_pool_forward(
    const mamba_pool_problem* problem, const void* hidden, int64_t hidden_stride, float* pooled, int64_t* arg_max,
    void* workspace, int64_t workspace_bytes, void* stream)
{
    PoolParams p;
    MAMBA_TRY(read(problem, p));
    MAMBA_TRY(checkStride("hidden_stride", hidden_stride, p.in.channels));
    if (p.in.tokens == 0)
        return MAMBA_OK;
    MAMBA_TRY(checkPointer("offsets", p.in.offsets));
    MAMBA_TRY(checkPointer("hidden", hidden));
    MAMBA_TRY(checkPointer("pooled", pooled));
    if (p.in.kind == MAMBA_POOL_MAX)
        MAMBA_TRY(checkPointer("arg_max", arg_max));
    p.hidden = hidden, p.stride = hidden_stride, p.pooled = pooled, p.argMax = arg_max;
    Workspace needed, memory(workspace);
    layout(p, needed);
    MAMBA_TRY(checkWorkspace(workspace, workspace_bytes, needed.bytes()));
    layout(p, memory);
    dim3 pieces, sequences;
    p.aligned = p.in.channels % 4 == 0 && rowsAligned(hidden, hidden_stride, p.in.dtype);
    MAMBA_TRY(gridFor(p.pieces * divideUp(p.in.channels, 4), 256, pieces));
    MAMBA_TRY(gridFor(p.in.sequences * p.in.channels, 256, sequences));
    return withType(p.in.dtype, [&](auto type) {
        cudaStream_t on = static_cast<cudaStream_t>(stream);
        if (p.parts != nullptr)
            MAMBA_TRY(checkCuda(launch(poolPiecesKernel<decltype(type)>, pieces, 256, 0, on, p), "pooling of pieces"));
        return checkCuda(launch(poolSequencesKernel<decltype(type)>, sequences, 256, 0, on, p), "pooling");
    });
}

mamba_status mamba_pool_backward(
    const mamba_pool_problem* problem, const float* grad_pooled, const int64_t* arg_max, void* grad_hidden, int64_t grad_hidden_stride, void* stream)
{
    PoolParams p;
    MAMBA_TRY(read(problem, p));
    MAMBA_TRY(checkStride("grad_hidden_stride", grad_hidden_stride, p.in.channels));
    if (p.in.tokens == 0)
        return MAMBA_OK;
    MAMBA_TRY(checkPointer("offsets", p.in.offsets));
    MAMBA_TRY(checkPointer("grad_pooled", grad_pooled));
    MAMBA_TRY(checkPointer("grad_hidden", grad_hidden));
    if (p.in.kind == MAMBA_POOL_MAX)
        MAMBA_TRY(checkPointer("arg_max", arg_max));
    p.gradPooled = grad_pooled, p.savedMax = arg_max, p.gradHidden = grad_hidden, p.stride = grad_hidden_stride;
    dim3 grid;
    p.aligned = p.in.channels % 4 == 0 && rowsAligned(grad_hidden, grad_hidden_stride, p.in.dtype);
    p.pieces = slotCount(p.in.tokens, p.in.sequences, PoolGradientPiece);
    MAMBA_TRY(gridFor(p.pieces * divideUp(p.in.channels, 4), 256, grid));
    return withType(p.in.dtype, [&](auto type) {
        return checkCuda(launch(poolBackwardKernel<decltype(type)>, grid, 256, 0, static_cast<cudaStream_t>(stream), p), "pooling backward");
    });
}

}
