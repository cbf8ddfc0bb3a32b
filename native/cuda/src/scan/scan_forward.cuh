// The scan itself: a channel's states lie in the registers of a few neighbouring threads, tiles of some steps in shared memory.
#ifndef MAMBA_SCAN_FORWARD_CUH
#define MAMBA_SCAN_FORWARD_CUH

#include "scan_layout.cuh"
#include "scan_summary.cuh"

namespace mamba {

template <class T, class Layout, bool Aligned>
struct ScanForward {
    static constexpr int States = Layout::States, Lanes = Layout::Lanes, Held = Layout::Held, Rows = Layout::Rows, Each = Layout::Each;
    static constexpr int Batch = Lanes / Held;                   // steps whose sums over states are finished together
    static constexpr int Steps = Batch > 4 ? Batch : 4;          // steps worked on together
    static constexpr bool Sliced = Layout::Padded == MaxSlice;   // states may have been cut into slices
    /// The narrow layout is for whole sequences, but on small devices: there a kernel of its own chains segments.
    static constexpr bool Chains = Held > 1 || Layout::Padded != 16;
    static constexpr int OutputStride = Layout::Channels + 8;
    static_assert(scanChunk() % Rows == 0 && Rows % Steps == 0 && Steps % Batch == 0, "");
    using Map = StateMap<States, Lanes>;
    using StateRows = StateTile<T, Layout, Aligned>;
    using Registers = float[Held][States];

    struct Shared {
        alignas(16) float2 inputs[Rows + 2][Layout::Channels];   // delta, delta x; rows past the end are read ahead, but not used
        alignas(16) float b[StateRows::Floats + Layout::Padded];
        alignas(16) float c[StateRows::Floats + Layout::Padded];
        alignas(16) float y[Rows][OutputStride];
    };

    /// This thread's share of a tile's rows, and its channels: value k of what it holds belongs to channel `channel` ^ k of the block.
    struct Place {
        Slot slot;
        ChannelBlock block;
        int stateFirst, states, lane, channel;
        int column, rowFirst, width;
    };

    __device__ static void run(const ScanParams& p, Shared& shared)
    {
        Place at;
        int64_t segment = blockIdx.x / p.channelBlocks;
        at.block = channelBlock(p, blockIdx.x % p.channelBlocks, Layout::Channels);
        at.slot = findSlot(p.offsets, p.sequences, p.segmentLength, segment);
        const Slot& slot = at.slot;
        if (slot.first >= slot.last && !(slot.index == 0 && p.finalState != nullptr))
            return;
        at.stateFirst = blockIdx.y * MaxSlice;
        at.states = static_cast<int>(p.stateSize - at.stateFirst < Layout::Padded ? p.stateSize - at.stateFirst : Layout::Padded);
        at.lane = threadIdx.x % Lanes;
        at.channel = threadIdx.x / Lanes * Held + at.lane % Held;
        at.column = threadIdx.x % Layout::RowVectors * 4;
        at.rowFirst = threadIdx.x / Layout::RowVectors;
        at.width = at.block.valid - at.column;

        float a[Held][States], h[Held][States], bias[4], skip[4];
#pragma unroll
        for (int k = 0; k < Held; k++)
#pragma unroll
            for (int s = 0; s < States; s++)
                a[k][s] = here(at, k, s) ? p.a[stateAt(p, at, k) + Map::state(s, at.lane)] * Log2E : 0.0f;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            bias[i] = p.dtBias != nullptr && i < at.width ? p.dtBias[at.block.first + at.column + i] : 0.0f;
            skip[i] = p.d != nullptr && i < at.width ? p.d[at.block.first + at.column + i] : 0.0f;
        }

        int64_t firstToken = slot.token(slot.first + at.rowFirst, p.reverse), column = at.block.first + at.column;
        auto rowsOf = [&](const void* base, int64_t stride, int64_t step) {
            return RowCursor<const T>(static_cast<const T*>(base) + firstToken * stride + column, step * Layout::RowStep);
        };
        RowCursor<const T> xRows = rowsOf(p.x, p.xStride, p.xStep), dtRows = rowsOf(p.dt, p.dtStride, p.dtStep);
        RowCursor<const T> zRows = rowsOf(p.z, p.zStride, p.zStep);
        RowCursor<T> yRows(static_cast<T*>(p.y) + firstToken * p.yStride + column, p.yStep * Layout::RowStep);
        int64_t stateColumn = at.block.group * p.stateSize + at.stateFirst;
        RowCursor<const T> bRows = StateRows::cursor(p.b, p.bStride, p.bStep, slot, p.reverse, slot.first, stateColumn);
        RowCursor<const T> cRows = StateRows::cursor(p.c, p.cStride, p.cStep, slot, p.reverse, slot.first, stateColumn);
        int64_t perSequence = p.channels * p.stateSize;
        float* borders = p.borders == nullptr ? nullptr
            : p.borders + (slotBase(slot.begin, slot.sequence, scanChunk()) + slot.first / scanChunk()) * perSequence + firstState(p, at);
        Raw4<T> x[Each], z[Each], nextX[Each], nextDt[Each];
        StateRows b, c;
        bool gated = p.z != nullptr && !(Sliced && p.sliced), wide = at.block.valid == Layout::Channels && at.states == Layout::Padded;
        auto load = [&](int rows) {
            // Whole tiles are read without asking for each vector whether it is there.
            if (wide && rows == Rows)
                loadRows(nextX, nextDt, b, c, xRows, dtRows, bRows, cRows, at.rowFirst, Rows, 4, Layout::Padded);
            else
                loadRows(nextX, nextDt, b, c, xRows, dtRows, bRows, cRows, at.rowFirst, rows, at.width, at.states);
        };
        int64_t left = slot.last - slot.first;
        int rows = static_cast<int>(left < Rows ? left : Rows), tile = 0;
        load(rows);
        // Not the initial state itself when there are carries: the sequence's last segment may be overwriting it.
        const float* start = p.split && slot.count > 0 ? p.carries + segment * perSequence
            : p.initialState == nullptr                ? nullptr : p.initialState + slot.sequence * perSequence;
        if (Chains && p.chained && slot.count > 0)
            chainStates(p, at, a, h);
        else
            loadStates(p, start, at, h);
        while (left > 0) {
            left -= Rows;
            int nextRows = static_cast<int>(left < Rows ? left : Rows);
            prepare(p, shared, at, nextX, nextDt, bias, rows);
            b.store(shared.b);
            c.store(shared.c);
#pragma unroll
            for (int i = 0; i < Each; i++)
                x[i] = nextX[i];
            syncBlock<Layout::Threads>();
            // What the end of this tile needs, and the next tile, are on their way while the steps run.
            bool whole = wide && rows == Rows, border = borders != nullptr && tile % (scanChunk() / Rows) == 0;
            if (whole)
                beginTile(p, at, z, zRows, gated, border ? borders : nullptr, h, Rows, 4, true);
            else
                beginTile(p, at, z, zRows, gated, border ? borders : nullptr, h, rows, at.width, false);
            if (border)
                borders += perSequence;
            if (left > 0)
                load(nextRows);
            steps(shared, at, a, h, rows);
            syncBlock<Layout::Threads>();
            int64_t first = slot.last - left - Rows;
            if (whole)
                finish(p, shared, at, x, z, skip, yRows, first, Rows, 4, gated);
            else
                finish(p, shared, at, x, z, skip, yRows, first, rows, at.width, gated);
            rows = nextRows;
            tile++;
        }

        if (p.finalState != nullptr && slot.last == slot.length && slot.index + 1 >= slot.count)
            storeStates(p, p.finalState + slot.sequence * perSequence + firstState(p, at), h, at, false);
    }

private:
    /// Of the block, in a tensor [channels, state].
    __device__ __forceinline__ static int64_t firstState(const ScanParams& p, const Place& at)
    {
        return at.block.first * p.stateSize + at.stateFirst;
    }

    /// From a tensor [channels, state], or zero.
    __device__ __forceinline__ static void loadStates(const ScanParams& p, const float* from, const Place& at, Registers& h)
    {
#pragma unroll
        for (int k = 0; k < Held; k++)
#pragma unroll
            for (int s = 0; s < States; s += 4) {
                int valid = from != nullptr && (at.channel ^ k) < at.block.valid ? at.states - Map::state(s, at.lane) : 0;
                Raw4<float> v = load4(from + stateAt(p, at, k) + Map::state(s, at.lane), valid, Aligned);
#pragma unroll
                for (int i = 0; i < 4; i++)
                    h[k][s + i] = v[i];
            }
    }

    /// The states that a segment starts from, out of what those before it add. The sequence's initial state is at the last one's place.
    __device__ static void chainStates(const ScanParams& p, const Place& at, const Registers& a, Registers& h)
    {
        int64_t perSegment = p.channels * p.stateSize, slices = carrySlices(p.stateSize);
        int64_t base = slotBase(at.slot.begin, at.slot.sequence, p.segmentLength);
        loadStates(p, p.initialState == nullptr ? nullptr : p.carries + (base + at.slot.count - 1) * perSegment, at, h);
#pragma unroll 4
        for (int64_t segment = base; segment < base + at.slot.index; segment++) {
            float added[Held][States];
            loadStates(p, p.carries + segment * perSegment, at, added);
#pragma unroll
            for (int k = 0; k < Held; k++)
#pragma unroll
                for (int s = 0; s < States; s++) {
                    int64_t slice = (at.stateFirst + Map::state(s, at.lane)) / CarryStates;
                    int64_t channel = at.block.first + (at.channel ^ k);
                    float passed = here(at, k, s) ? p.decays[(segment * slices + slice) * p.channels + channel] : 0.0f;
                    h[k][s] = exp2Approx(a[k][s] * passed) * h[k][s] + added[k][s];
                }
        }
    }

    __device__ __forceinline__ static void beginTile(
        const ScanParams& p, const Place& at, Raw4<T> (&z)[Each], RowCursor<const T>& zRows, bool gated, float* border, const Registers& h,
        int rows, int width, bool whole)
    {
        if (gated) {
#pragma unroll
            for (int i = 0; i < Each; i++)
                z[i] = load4(zRows.next(), rows == Rows || at.rowFirst + i * Layout::RowStep < rows ? width : 0, Aligned);
        }
        if (border != nullptr)
            storeStates(p, border, h, at, whole);
    }

    __device__ __forceinline__ static int64_t stateAt(const ScanParams& p, const Place& at, int k)
    {
        return (at.block.first + (at.channel ^ k)) * p.stateSize + at.stateFirst;
    }

    __device__ __forceinline__ static bool here(const Place& at, int k, int s)
    {
        return (at.channel ^ k) < at.block.valid && Map::state(s, at.lane) < at.states;
    }

    __device__ __forceinline__ static void loadRows(
        Raw4<T> (&x)[Each], Raw4<T> (&dt)[Each], StateRows& b, StateRows& c, RowCursor<const T>& xRows, RowCursor<const T>& dtRows,
        RowCursor<const T>& bRows, RowCursor<const T>& cRows, int rowFirst, int rows, int width, int states)
    {
#pragma unroll
        for (int i = 0; i < Each; i++) {
            int valid = rows == Rows || rowFirst + i * Layout::RowStep < rows ? width : 0;
            x[i] = load4(xRows.next(), valid, Aligned);
            dt[i] = load4(dtRows.next(), valid, Aligned);
        }
        b.load(bRows, rows, states);
        c.load(cRows, rows, states);
    }

    /// What a step needs, read ahead of it: nothing waits for shared memory or an exponential that was just asked for.
    struct Step {
        float2 in[Held];
        float b[States], c[States], decay[Held][States];

        __device__ __forceinline__ void readInputs(const Shared& shared, const Place& at, int row)
        {
#pragma unroll
            for (int k = 0; k < Held; k++)
                in[k] = shared.inputs[row][at.channel ^ k];
        }

        __device__ __forceinline__ void begin(const Shared& shared, const Place& at, int row, const Registers& a)
        {
            Map::load(shared.b + row * Layout::Padded, at.lane, 0, b);
            Map::load(shared.c + row * Layout::Padded, at.lane, 0, c);
#pragma unroll
            for (int k = 0; k < Held; k++)
#pragma unroll
                for (int s = 0; s < States; s++)
                    decay[k][s] = exp2Approx(in[k].x * a[k][s]);
        }
    };

    /// Step i works while the decays of step i + 1 are computed and the inputs of step i + 2 are read. Rows past the last are read too,
    /// but not used.
    __device__ __forceinline__ static void steps(Shared& shared, const Place& at, const Registers& a, Registers& h, int rows)
    {
        Step step[Steps];
        step[0].readInputs(shared, at, 0);
        step[1].readInputs(shared, at, 1);
        step[0].begin(shared, at, 0, a);
#pragma unroll 1
        for (int row = 0; row < rows; row += Steps) {
            float y[Steps];
#pragma unroll
            for (int i = 0; i < Steps; i++) {
                step[(i + 2) % Steps].readInputs(shared, at, row + i + 2);
                step[(i + 1) % Steps].begin(shared, at, row + i + 1, a);
                const Step& now = step[i];
                float sums[Held] = {};
#pragma unroll
                for (int k = 0; k < Held; k++)
#pragma unroll
                    for (int s = 0; s < States; s++) {
                        h[k][s] = now.decay[k][s] * h[k][s] + now.in[k].y * now.b[s];
                        sums[k] += now.c[s] * h[k][s];
                    }
                exchangeReduce<Held, 1>(sums);
                y[i] = sums[0];
            }
#pragma unroll
            for (int i = 0; i < Steps; i += Batch) {
                float part[Batch];
#pragma unroll
                for (int j = 0; j < Batch; j++)
                    part[j] = y[i + j];
                transposeReduce<Batch, Batch, Held>(part, at.lane / Held);
                y[i] = part[0];
            }
#pragma unroll
            for (int i = 0; i < Steps; i += Batch)
                shared.y[row + i + at.lane / Held][at.channel] = y[i];
        }
    }

    /// Steps past the end get delta = 0: they leave the state as it is.
    __device__ __forceinline__ static void prepare(
        const ScanParams& p, Shared& shared, const Place& at, const Raw4<T> (&x)[Each], const Raw4<T> (&dt)[Each], const float (&bias)[4],
        int rows)
    {
        float delta[Each][4];
        deltasOf<T>(p.softplus, dt, bias, delta);
#pragma unroll
        for (int i = 0; i < Each; i++) {
            float2 in[4];
#pragma unroll
            for (int j = 0; j < 4; j++)
                in[j] = make_float2(delta[i][j], delta[i][j] * x[i][j]);
            float4* to = reinterpret_cast<float4*>(&shared.inputs[at.rowFirst + i * Layout::RowStep][at.column]);
            to[0] = make_float4(in[0].x, in[0].y, in[1].x, in[1].y);
            to[1] = make_float4(in[2].x, in[2].y, in[3].x, in[3].y);
        }
        if (rows == Rows)
            return;
#pragma unroll
        for (int i = 0; i < Each; i++) {
            int row = at.rowFirst + i * Layout::RowStep;
            if (row >= rows)
                for (int j = 0; j < 4; j++)
                    shared.inputs[row][at.column + j] = make_float2(0, 0);
        }
    }

    /// Without branches from element to element, whose latencies would add up.
    __device__ __forceinline__ static void finish(
        const ScanParams& p, const Shared& shared, const Place& at, const Raw4<T> (&x)[Each], const Raw4<T> (&z)[Each],
        const float (&skip)[4], RowCursor<T>& yRows, int64_t first, int rows, int width, bool gated)
    {
        float y[Each][4];
#pragma unroll
        for (int i = 0; i < Each; i++) {
            float4 sum = *reinterpret_cast<const float4*>(&shared.y[at.rowFirst + i * Layout::RowStep][at.column]);
            y[i][0] = sum.x, y[i][1] = sum.y, y[i][2] = sum.z, y[i][3] = sum.w;
        }
        if constexpr (Sliced) {
            if (p.sliced) {
                storeSlice(p, at, y, first, rows);
                return;
            }
        }
#pragma unroll
        for (int i = 0; i < Each; i++)
#pragma unroll
            for (int j = 0; j < 4; j++)
                y[i][j] += skip[j] * x[i][j];
        if (gated) {
#pragma unroll
            for (int i = 0; i < Each; i++)
#pragma unroll
                for (int j = 0; j < 4; j++)
                    y[i][j] *= z[i][j] * sigmoid(z[i][j]);
        }
        storeRows<T, Each, Layout::RowStep, Rows, Aligned>(yRows, y, at.rowFirst, width, rows, p.accumulateY);
    }

    __device__ static void storeSlice(const ScanParams& p, const Place& at, const float (&y)[Each][4], int64_t first, int rows)
    {
        for (int i = 0; i < Each; i++) {
            int row = at.rowFirst + i * Layout::RowStep;
            if (row >= rows)
                break;
            int64_t token = at.slot.token(first + row, p.reverse);
            float* to = p.partialY + (blockIdx.y * p.tokens + token) * p.channels + at.block.first + at.column;
            for (int j = 0; j < 4 && j < at.width; j++)
                to[j] = y[i][j];
        }
    }

    /// To a tensor [channels, state] from the block's first state on.
    __device__ __forceinline__ static void storeStates(const ScanParams& p, float* to, const Registers& h, const Place& at, bool whole)
    {
#pragma unroll
        for (int k = 0; k < Held; k++) {
            int row = (at.channel ^ k) * static_cast<int>(p.stateSize);
            if (!whole && (at.channel ^ k) >= at.block.valid)
                continue;
#pragma unroll
            for (int s = 0; s < States; s += 4) {
                float v[4] = {h[k][s], h[k][s + 1], h[k][s + 2], h[k][s + 3]};
                int n = Map::state(s, at.lane);
                store4(to + (row + n), v, whole ? 4 : at.states - n, Aligned);
            }
        }
    }
};

/// Blocks of a multiprocessor: as many as leave the registers that a layout wants.
template <class Layout>
constexpr int scanForwardBlocks() { return (Layout::Held * Layout::States > 4 ? 256 : 512) / Layout::Threads; }

template <class T, class Layout, bool Aligned>
__global__ void __launch_bounds__(Layout::Threads, scanForwardBlocks<Layout>()) scanForwardKernel(const ScanParams p)
{
    __shared__ typename ScanForward<T, Layout, Aligned>::Shared shared;
    ScanForward<T, Layout, Aligned>::run(p, shared);
}

}

#endif
