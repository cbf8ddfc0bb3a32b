// The scan's C functions: arguments checked and laid out for the kernels.
#include <climits>

#include "scan_run.h"

namespace mamba {
namespace {

constexpr int64_t MaxSize = int64_t(1) << 40;

/// What the tokens amount to, for work that ends when the longest sequence does: so many of those.
int64_t alikeSequences(const mamba_scan_problem& q, int64_t& longest)
{
    longest = q.max_length > 0 ? q.max_length : divideUp(q.tokens, q.sequences > 0 ? q.sequences : 1);
    return longest > 0 ? divideUp(q.tokens, longest) : 1;
}

int64_t chosenSegment(const mamba_scan_problem& q, int processors)
{
    int64_t chunk = scanChunk(), whole = divideUp(q.tokens > 0 ? q.tokens : 1, chunk) * chunk;
    if (q.segment_length > 0)
        return q.segment_length >= whole ? whole : divideUp(q.segment_length, chunk) * chunk;
    // Half the blocks of 32 channels that keep a multiprocessor busy are worth more than a second pass over the sequence; with fewer, cut
    // for all of them.
    int64_t longest, alike = alikeSequences(q, longest);
    int64_t blocks = alike * q.groups * divideUp(q.channels / q.groups, 32) * scanSlices(q.state_size);
    if (blocks >= 2 * processors || longest <= 4 * chunk)
        return whole;
    int64_t pieces = 4 * processors / blocks;
    int64_t length = divideUp(divideUp(longest, pieces > 1 ? pieces : 1), chunk) * chunk;
    return length < 4 * chunk ? 4 * chunk : length;
}

/// One channel a thread costs about a tenth more than two, but fills the schedulers more evenly where there are few warps.
bool chosenNarrow(const mamba_scan_problem& q, int processors)
{
    int64_t longest, warps = alikeSequences(q, longest) * q.groups * divideUp(q.channels / q.groups, 16), schedulers = 4 * processors;
    return 11 * divideUp(2 * warps, schedulers) < 20 * divideUp(warps, schedulers);
}

mamba_status read(const mamba_scan_problem* problem, ScanParams& p)
{
    MAMBA_TRY(checkHeader(problem, sizeof *problem, "mamba_scan_problem"));
    mamba_scan_problem q = *problem;
    MAMBA_TRY(checkType("dtype", q.dtype));
    if ((q.flags & ~7u) != 0)
        return fail(MAMBA_INVALID_ARGUMENT, "flags must be a sum of 1, 2 and 4; got %u.", q.flags);
    MAMBA_TRY(checkRange("tokens", q.tokens, 0, MaxSize));
    MAMBA_TRY(checkRange("sequences", q.sequences, 0, INT_MAX));
    MAMBA_TRY(checkRange("channels", q.channels, 1, INT_MAX / 256));
    MAMBA_TRY(checkRange("state_size", q.state_size, 1, 256));
    MAMBA_TRY(checkRange("groups", q.groups, 1, q.channels));
    if (q.channels % q.groups != 0)
        return fail(MAMBA_INVALID_ARGUMENT, "groups must divide the %lld channels; got %lld.", static_cast<long long>(q.channels),
            static_cast<long long>(q.groups));
    MAMBA_TRY(checkRange("max_length", q.max_length, 0, q.tokens));
    MAMBA_TRY(checkRange("segment_length", q.segment_length, 0, MaxSize));
    if (q.sequences == 0 && q.tokens > 0)
        return fail(MAMBA_INVALID_ARGUMENT, "sequences must be at least 1 for %lld tokens; got 0.", static_cast<long long>(q.tokens));
    int64_t width = q.groups * q.state_size;
    MAMBA_TRY(checkStride("x_stride", q.x_stride, q.channels));
    MAMBA_TRY(checkStride("dt_stride", q.dt_stride, q.channels));
    MAMBA_TRY(checkStride("b_stride", q.b_stride, width));
    MAMBA_TRY(checkStride("c_stride", q.c_stride, width));
    MAMBA_TRY(checkStride("z_stride", q.z_stride, q.channels));

    p = ScanParams{};
    p.tokens = q.tokens, p.sequences = q.sequences, p.channels = q.channels, p.stateSize = q.state_size, p.groups = q.groups;
    p.offsets = q.offsets, p.x = q.x, p.dt = q.dt, p.b = q.b, p.c = q.c, p.z = q.z;
    p.xStride = q.x_stride, p.dtStride = q.dt_stride, p.bStride = q.b_stride, p.cStride = q.c_stride, p.zStride = q.z_stride;
    p.a = q.a, p.d = q.d, p.dtBias = q.dt_bias, p.initialState = q.initial_state;
    p.softplus = (q.flags & MAMBA_SCAN_SOFTPLUS) != 0;
    p.reverse = (q.flags & MAMBA_SCAN_REVERSE) != 0;
    int64_t direction = p.reverse ? -1 : 1;
    p.xStep = direction * p.xStride, p.dtStep = direction * p.dtStride, p.zStep = direction * p.zStride;
    p.bStep = direction * p.bStride, p.cStep = direction * p.cStride;
    p.accumulateY = (q.flags & MAMBA_SCAN_ACCUMULATE_Y) != 0;

    int processors = 0, shared = 0, sharedOfBlock = 0;
    MAMBA_TRY(multiprocessors(processors, shared, sharedOfBlock));
    p.sliced = scanSlices(q.state_size) > 1;
    p.segmentLength = chosenSegment(q, processors);
    p.split = p.segmentLength < q.tokens;
    p.narrow = (!p.split && chosenNarrow(q, processors)) || sharedOfBlock < ScanWideSharedBytes;
    p.roomForInputs = shared >= ScanKeepingSharedBytes;
    p.blocksPerGroup = divideUp(q.channels / q.groups, scanBackwardChannels(q.state_size, p.narrow));
    p.channelBlocks = p.blocksPerGroup * q.groups;
    // Whole sequences need no arithmetic of pieces: one slot each.
    if (!p.split)
        p.segmentLength = divideUp(q.tokens + 1, scanChunk()) * scanChunk();
    p.segments = slotCount(q.tokens, q.sequences, p.segmentLength);
    int64_t fill = divideUp(8 * static_cast<int64_t>(processors), p.channelBlocks);
    p.workers = p.segments < fill ? p.segments : fill;
    if (p.workers < 1)
        p.workers = 1;
    if (p.segments * p.groups * divideUp(p.channels / p.groups, 16) > INT_MAX || divideUp(q.tokens * q.channels, 256) > INT_MAX
        || divideUp(q.sequences * q.channels * q.state_size, 256) > INT_MAX)
        return fail(MAMBA_INVALID_ARGUMENT, "%lld tokens, %lld sequences and %lld channels need more blocks than a launch can have.",
            static_cast<long long>(q.tokens), static_cast<long long>(q.sequences), static_cast<long long>(q.channels));

    p.aligned = q.channels / q.groups % 4 == 0 && rowsAligned(q.x, q.x_stride, q.dtype) && rowsAligned(q.dt, q.dt_stride, q.dtype)
        && rowsAligned(q.z, q.z_stride, q.dtype)
        && q.state_size % 4 == 0 && rowsAligned(q.b, q.b_stride, q.dtype) && rowsAligned(q.c, q.c_stride, q.dtype);
    return MAMBA_OK;
}

mamba_status checkInputs(const ScanParams& p)
{
    MAMBA_TRY(checkPointer("offsets", p.offsets));
    MAMBA_TRY(checkPointer("a", p.a));
    if (p.tokens == 0)
        return MAMBA_OK;
    MAMBA_TRY(checkPointer("x", p.x));
    MAMBA_TRY(checkPointer("dt", p.dt));
    MAMBA_TRY(checkPointer("b", p.b));
    return checkPointer("c", p.c);
}

int64_t borderFloats(const ScanParams& p)
{
    return slotCount(p.tokens, p.sequences, scanChunk()) * p.channels * p.stateSize;
}

void layoutCarries(ScanParams& p, Workspace& memory)
{
    if (!p.split)
        return;
    p.carries = memory.take<float>(p.segments * p.channels * p.stateSize);
    p.decays = memory.take<float>(p.segments * carrySlices(p.stateSize) * p.channels);
}

void layoutForward(ScanParams& p, Workspace& memory)
{
    layoutCarries(p, memory);
    if (p.sliced)
        p.partialY = memory.take<float>(scanSlices(p.stateSize) * p.tokens * p.channels);
}

void layoutBackward(ScanParams& p, Workspace& memory)
{
    layoutCarries(p, memory);
    p.partialGradA = memory.take<float>(p.workers * p.channels * p.stateSize);
    p.partialGradChannel = memory.take<float>(p.workers * 2 * p.channels);
    p.partialGradBC = memory.take<float>(p.channelBlocks * p.tokens * 2 * p.stateSize);
    if (p.sliced)
        p.partialGradSums = memory.take<float>(scanSlices(p.stateSize) * p.tokens * 3 * p.channels);
}

mamba_status checkGradients(const mamba_scan_problem& problem, const mamba_scan_gradients* gradients, ScanParams& p)
{
    MAMBA_TRY(checkHeader(gradients, sizeof *gradients, "mamba_scan_gradients"));
    mamba_scan_gradients g = *gradients;
    if ((g.accumulate & ~31u) != 0)
        return fail(MAMBA_INVALID_ARGUMENT, "accumulate must be a sum of 1, 2, 4, 8 and 16; got %u.", g.accumulate);
    int64_t width = p.groups * p.stateSize;
    MAMBA_TRY(checkStride("grad_y_stride", g.grad_y_stride, p.channels));
    MAMBA_TRY(checkStride("grad_x_stride", g.grad_x_stride, p.channels));
    MAMBA_TRY(checkStride("grad_dt_stride", g.grad_dt_stride, p.channels));
    MAMBA_TRY(checkStride("grad_b_stride", g.grad_b_stride, width));
    MAMBA_TRY(checkStride("grad_c_stride", g.grad_c_stride, width));
    MAMBA_TRY(checkStride("grad_z_stride", g.grad_z_stride, p.channels));
    if (p.tokens > 0) {
        MAMBA_TRY(checkPointer("border_states", g.border_states));
        MAMBA_TRY(checkPointer("grad_y", g.grad_y));
        MAMBA_TRY(checkPointer("grad_x", g.grad_x));
        MAMBA_TRY(checkPointer("grad_dt", g.grad_dt));
        MAMBA_TRY(checkPointer("grad_b", g.grad_b));
        MAMBA_TRY(checkPointer("grad_c", g.grad_c));
        if (p.z != nullptr)
            MAMBA_TRY(checkPointer("grad_z", g.grad_z));
    }
    MAMBA_TRY(checkPointer("grad_a", g.grad_a));
    if (p.d != nullptr)
        MAMBA_TRY(checkPointer("grad_d", g.grad_d));
    if (p.dtBias != nullptr)
        MAMBA_TRY(checkPointer("grad_dt_bias", g.grad_dt_bias));
    p.borders = const_cast<float*>(g.border_states);
    p.gradY = g.grad_y, p.gradFinal = g.grad_final_state, p.gradX = g.grad_x, p.gradDt = g.grad_dt;
    p.gradB = g.grad_b, p.gradC = g.grad_c, p.gradZ = g.grad_z, p.gradA = g.grad_a, p.gradInitial = g.grad_initial_state;
    p.gradD = p.d != nullptr ? g.grad_d : nullptr;
    p.gradDtBias = p.dtBias != nullptr ? g.grad_dt_bias : nullptr;
    p.gradYStride = g.grad_y_stride, p.gradXStride = g.grad_x_stride, p.gradDtStride = g.grad_dt_stride;
    p.gradBStride = g.grad_b_stride, p.gradCStride = g.grad_c_stride, p.gradZStride = g.grad_z_stride;
    int64_t direction = p.reverse ? -1 : 1;
    p.gradYStep = direction * p.gradYStride, p.gradXStep = direction * p.gradXStride;
    p.gradDtStep = direction * p.gradDtStride, p.gradZStep = direction * p.gradZStride;
    p.accumulate = g.accumulate;
    int32_t dtype = problem.dtype;
    p.aligned = p.aligned && rowsAligned(p.borders, 0, MAMBA_FLOAT32)
        && rowsAligned(g.grad_y, g.grad_y_stride, dtype) && rowsAligned(g.grad_x, g.grad_x_stride, dtype)
        && rowsAligned(g.grad_dt, g.grad_dt_stride, dtype) && (p.z == nullptr || rowsAligned(g.grad_z, g.grad_z_stride, dtype))
        && rowsAligned(g.grad_b, g.grad_b_stride, dtype) && rowsAligned(g.grad_c, g.grad_c_stride, dtype);
    return MAMBA_OK;
}

mamba_status sizeOf(const mamba_scan_problem* problem, int64_t* bytes, void (*layout)(ScanParams&, Workspace&))
{
    MAMBA_TRY(checkPointer("bytes", bytes));
    ScanParams p;
    MAMBA_TRY(read(problem, p));
    Workspace memory;
    layout(p, memory);
    *bytes = memory.bytes();
    return MAMBA_OK;
}

}
}

using namespace mamba;

extern "C" {

mamba_status mamba_scan_border_size(const mamba_scan_problem* problem, int64_t* bytes)
{
    MAMBA_TRY(checkPointer("bytes", bytes));
    ScanParams p;
    MAMBA_TRY(read(problem, p));
    *bytes = borderFloats(p) * static_cast<int64_t>(sizeof(float));
    return MAMBA_OK;
}

mamba_status mamba_scan_forward_workspace(const mamba_scan_problem* problem, int64_t* bytes)
{
    return sizeOf(problem, bytes, layoutForward);
}

mamba_status mamba_scan_backward_workspace(const mamba_scan_problem* problem, int64_t* bytes)
{
    return sizeOf(problem, bytes, layoutBackward);
}

mamba_status mamba_scan_forward(
    const mamba_scan_problem* problem, const mamba_scan_outputs* outputs, void* workspace, int64_t workspace_bytes, void* stream)
{
    ScanParams p;
    MAMBA_TRY(read(problem, p));
    MAMBA_TRY(checkInputs(p));
    MAMBA_TRY(checkHeader(outputs, sizeof *outputs, "mamba_scan_outputs"));
    p.yStride = outputs->y_stride;
    MAMBA_TRY(checkStride("y_stride", p.yStride, p.channels));
    p.yStep = p.reverse ? -p.yStride : p.yStride;
    if (p.tokens > 0)
        MAMBA_TRY(checkPointer("y", outputs->y));
    p.y = outputs->y, p.finalState = outputs->final_state, p.borders = outputs->border_states;
    p.aligned = p.aligned && rowsAligned(p.y, p.yStride, problem->dtype) && rowsAligned(p.initialState, 0, MAMBA_FLOAT32)
        && rowsAligned(p.finalState, 0, MAMBA_FLOAT32) && rowsAligned(p.borders, 0, MAMBA_FLOAT32);
    Workspace needed, memory(workspace);
    layoutForward(p, needed);
    MAMBA_TRY(checkWorkspace(workspace, workspace_bytes, needed.bytes()));
    layoutForward(p, memory);
    if (p.sequences == 0)
        return MAMBA_OK;
    cudaStream_t on = static_cast<cudaStream_t>(stream);
    return problem->dtype == MAMBA_FLOAT32 ? runScanForward<float>(p, on)
        : problem->dtype == MAMBA_FLOAT16  ? runScanForward<__half>(p, on) : runScanForward<__nv_bfloat16>(p, on);
}

mamba_status mamba_scan_backward(
    const mamba_scan_problem* problem, const mamba_scan_gradients* gradients, void* workspace, int64_t workspace_bytes, void* stream)
{
    ScanParams p;
    MAMBA_TRY(read(problem, p));
    MAMBA_TRY(checkInputs(p));
    MAMBA_TRY(checkGradients(*problem, gradients, p));
    Workspace needed, memory(workspace);
    layoutBackward(p, needed);
    MAMBA_TRY(checkWorkspace(workspace, workspace_bytes, needed.bytes()));
    layoutBackward(p, memory);
    if (p.sequences == 0)
        return MAMBA_OK;
    cudaStream_t on = static_cast<cudaStream_t>(stream);
    return problem->dtype == MAMBA_FLOAT32 ? runScanBackward<float>(p, on)
        : problem->dtype == MAMBA_FLOAT16  ? runScanBackward<__half>(p, on) : runScanBackward<__nv_bfloat16>(p, on);
}

}
