// Backward pass of the scan. Saved: the states at chunk borders. Recomputed, for a chunk at a time: delta, the gate, the states and
// their decays; first forwards, keeping the state of every Group-th step in shared memory, then backwards group by group. With
// gy_t = gradY_t SiLU(z_t) and g_t = dL/dh_t:
//     g_t = gy_t C_t + aBar_{t+1} g_{t+1},    gradC_t = sum over channels of gy_t h_t,    gradB_t = sum over channels of g_t delta_t x_t,
//     gradDeltaX_t = g_t . B_t,               gradDelta_t = sum over n of g_t aBar_t h_{t-1} A,      gradA += g_t aBar_t h_{t-1} delta_t.
#ifndef MAMBA_SCAN_BACKWARD_CUH
#define MAMBA_SCAN_BACKWARD_CUH

#include "scan_backward_steps.cuh"
#include "scan_gradients.cuh"

namespace mamba {

/// Whether a chunk's inputs, if of 16 bits, stay in shared memory: on devices with 228 KB a multiprocessor, where as many blocks fit all
/// the same. Elsewhere, and where they are wider and would leave little of it as a cache, they are read twice.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900 && __CUDA_ARCH__ < 1200
constexpr bool RoomForInputs = true;
#else
constexpr bool RoomForInputs = false;
#endif

template <class T, class Layout, int Group, bool Aligned>
struct ScanBackward {
    static constexpr int States = Layout::States, Held = Layout::Held, Rows = Layout::Rows, Each = Layout::Each, Threads = Layout::Threads;
    using Steps = ScanBackwardSteps<Layout, Group, Aligned>;
    using Shared = typename Steps::Shared;
    using Place = typename Steps::Place;
    using Sums = typename Steps::Sums;
    using StateRows = StateTile<T, Layout, Aligned, Sums::Versions>;
    using Inputs = GradientRows<T, Each, Layout::RowStep, Rows, Aligned>;
    using Registers = float[Held][States];
    static constexpr bool KeepsInputs = RoomForInputs && sizeof(T) == 2;
    static_assert(Rows == scanChunk(), "");

    /// What lies behind Shared where KeepsInputs, which the host does not know: a chunk's inputs as they were read, which its end needs.
    static constexpr int KeptBytes = sizeof(T) == 2 ? Inputs::Kept * Threads * static_cast<int>(sizeof(RawPair<T>)) : 0;

    __device__ static void run(const ScanParams& p, Shared& shared)
    {
        Place at(p);
        int64_t worker = blockIdx.x / p.channelBlocks, perState = p.channels * p.stateSize;

        float a[Held][States], gradA[Held][States] = {}, bias[4], skip[4], gradD[4] = {}, gradBias[4] = {};
        at.load(p, p.a, a);
#pragma unroll
        for (int k = 0; k < Held; k++)
#pragma unroll
            for (int s = 0; s < States; s++)
                a[k][s] *= Log2E;
        for (int i = 0; i < 4; i++) {
            bias[i] = p.dtBias != nullptr && i < at.width ? p.dtBias[at.block.first + at.column + i] : 0.0f;
            skip[i] = p.d != nullptr && i < at.width ? p.d[at.block.first + at.column + i] : 0.0f;
        }

        for (int64_t segment = worker; segment < p.segments; segment += p.workers) {
            at.slot = findSlot(p.offsets, p.sequences, p.segmentLength, segment);
            const Slot& slot = at.slot;
            if (slot.first >= slot.last && slot.index > 0)
                continue;
            float g[Held][States];
            const float* start = p.split && slot.count > 0 ? p.carries + segment * perState
                : p.gradFinal == nullptr                   ? nullptr : p.gradFinal + slot.sequence * perState;
            at.load(p, start, g);
            int64_t chunks = (slot.last - slot.first + Rows - 1) / Rows;
            int64_t lastBorder = slotBase(slot.begin, slot.sequence, Rows) + slot.first / Rows + chunks - 1;
            const float* border = p.borders + lastBorder * perState;
            int64_t first = slot.first + (chunks - 1) * Rows;
            int rows = static_cast<int>(slot.last - first);
            Fetched fetched;
            if (chunks > 0)
                fetched = fetch(p, at, border, first, rows);
            for (int64_t chunk = chunks - 1; chunk >= 0; chunk--, first -= Rows) {
                bool whole = at.wide && rows == Rows;
                __syncthreads();
                prepare(p, shared, at, bias, fetched, rows);
                if constexpr (KeepsInputs)
                    fetched.inputs.keep(keptOf(shared), Threads);
                __syncthreads();
                if (Aligned && at.wide)
                    at.order(fetched.border);
                Steps::keepStates(shared, at, a, fetched.border, rows);
                Steps::reverse(p, shared, at, a, g, gradA, first, rows);
                Inputs inputs(at.slot.token(first + at.rowFirst, p.reverse), at.block.first + at.column);
                if constexpr (!KeepsInputs)
                    inputs.load(p, at.rowFirst, at.width, rows, whole);
                __syncthreads();
                if constexpr (Sums::Overlaid) {
                    if (whole)
                        Sums::template write<Aligned>(p, Steps::projectedOf(shared), at, 0, first, Rows, Layout::Padded);
                    else
                        Sums::template write<Aligned>(p, Steps::projectedOf(shared), at, 0, first, rows, at.states);
                }
                // The chunk before this one, which comes next, is on its way meanwhile.
                border -= perState;
                if (chunk > 0)
                    fetched = fetch(p, at, border, first - Rows, Rows);
                if constexpr (KeepsInputs)
                    inputs.recall(keptOf(shared), Threads);
                if (whole)
                    finish(p, shared, at, inputs, bias, skip, gradD, gradBias, Rows, 4);
                else
                    finish(p, shared, at, inputs, bias, skip, gradD, gradBias, rows, at.width);
                rows = Rows;
            }

            if (p.gradInitial != nullptr && slot.index == 0)
                at.store(p, p.gradInitial + slot.sequence * perState, g);
        }

        at.store(p, p.partialGradA + worker * perState, gradA);
        if (!p.sliced)
            storeChannelGradients<Layout>(p, reinterpret_cast<float*>(&shared.saved[0][0][0][0]), at.block, worker, gradD, gradBias);
    }

private:
    __device__ __forceinline__ static RawPair<T>* keptOf(Shared& shared) { return reinterpret_cast<RawPair<T>*>(&shared + 1); }

    /// A chunk's rows as this thread's share of them, on their way from memory.
    struct Fetched {
        Inputs inputs{0, 0};
        StateRows b, c;
        Registers border;
    };

    __device__ __forceinline__ static Fetched fetch(const ScanParams& p, const Place& at, const float* border, int64_t first, int rows)
    {
        Fetched to;
        to.inputs = Inputs(at.slot.token(first + at.rowFirst, p.reverse), at.block.first + at.column);
        int64_t column = at.block.group * p.stateSize + at.stateFirst;
        RowCursor<const T> bRows = StateRows::cursor(p.b, p.bStride, p.bStep, at.slot, p.reverse, first, column);
        RowCursor<const T> cRows = StateRows::cursor(p.c, p.cStride, p.cStep, at.slot, p.reverse, first, column);
        to.inputs.load(p, at.rowFirst, at.width, rows, at.wide && rows == Rows);
        if (at.wide && rows == Rows) {
            to.b.load(bRows, Rows, Layout::Padded);
            to.c.load(cRows, Rows, Layout::Padded);
        } else {
            to.b.load(bRows, rows, at.states);
            to.c.load(cRows, rows, at.states);
        }
        if (Aligned && at.wide)
            at.loadVectors(p, border, to.border);
        else
            at.load(p, border, to.border);
        return to;
    }

    /// Steps past the end get delta = gy = 0: they change nothing.
    __device__ __forceinline__ static void prepare(
        const ScanParams& p, Shared& shared, const Place& at, const float (&bias)[4], const Fetched& from, int rows)
    {
        from.b.store(shared.b);
        from.c.store(shared.c);
        float gy[Each][4], delta[Each][4];
        from.inputs.gatedGradient(p, gy);
        deltasOf<T>(p.softplus, from.inputs.dt, bias, delta);
#pragma unroll
        for (int i = 0; i < Each; i++) {
            int row = at.rowFirst + i * Layout::RowStep;
            float2 in[4];
#pragma unroll
            for (int j = 0; j < 4; j++)
                in[j] = make_float2(delta[i][j], delta[i][j] * from.inputs.x[i][j]);
            float4* to = reinterpret_cast<float4*>(&shared.inputs[row][at.column]);
            to[0] = make_float4(in[0].x, in[0].y, in[1].x, in[1].y);
            to[1] = make_float4(in[2].x, in[2].y, in[3].x, in[3].y);
            *reinterpret_cast<float4*>(&shared.gy[row][at.column]) = make_float4(gy[i][0], gy[i][1], gy[i][2], gy[i][3]);
        }
        if (rows == Rows)
            return;
#pragma unroll
        for (int i = 0; i < Each; i++) {
            int row = at.rowFirst + i * Layout::RowStep;
            float4* to = reinterpret_cast<float4*>(&shared.inputs[row][at.column]);
            if (row >= rows)
                to[0] = to[1] = *reinterpret_cast<float4*>(&shared.gy[row][at.column]) = make_float4(0, 0, 0, 0);
        }
    }

    __device__ __forceinline__ static void finish(
        const ScanParams& p, const Shared& shared, const Place& at, const Inputs& inputs, const float (&bias)[4], const float (&skip)[4],
        float (&gradD)[4], float (&gradBias)[4], int rows, int width)
    {
        GradientSums sums[Each];
#pragma unroll
        for (int i = 0; i < Each; i++) {
            int row = at.rowFirst + i * Layout::RowStep;
            const float4* pairs = reinterpret_cast<const float4*>(&shared.inputs[row][at.column]);
            float4 low = pairs[0], high = pairs[1], y = *reinterpret_cast<const float4*>(&shared.gy[row][at.column]);
            sums[i] = GradientSums{{low.x, low.z, high.x, high.z}, {low.y, low.w, high.y, high.w}, {y.x, y.y, y.z, y.w}};
        }
        if constexpr (Layout::Padded == MaxSlice) {
            if (p.sliced) {
                inputs.storeSlice(p, at.rowFirst, width, rows, sums);
                return;
            }
        }
        inputs.finish(p, at.rowFirst, width, rows, sums, bias, skip, gradD, gradBias);
    }
};

/// Blocks of a multiprocessor: as many as leave the registers that a layout wants.
template <class Layout>
constexpr int scanBackwardBlocks() { return (Layout::Held * Layout::States > 4 || Layout::Each > 2 ? 256 : 384) / Layout::Threads; }

template <class T, class Layout, int Group, bool Aligned>
__global__ void __launch_bounds__(Layout::Threads, scanBackwardBlocks<Layout>()) scanBackwardKernel(const ScanParams p)
{
    using Kernel = ScanBackward<T, Layout, Group, Aligned>;
    Kernel::run(p, *dynamicShared<typename Kernel::Shared>());
}

}

#endif
