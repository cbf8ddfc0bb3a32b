// What a segment adds to the carry that passes over it, when sequences are split along time. For the states (forward)
//     h_end = sum over t of exp(A (S_end - S_t)) delta_t x_t B_t,          S the running sum of delta,
// for their gradients (backward), which run the other way,
//     g_begin = sum over t of exp(A (S_t - S_begin)) gy_t C_t,             gy = gradY SiLU(z).
// Both are summed from the carry's end outwards: once a state's decays that are left are zero in float32, the rest of the segment adds
// nothing to it. As these are plain sums, a block's threads share the steps among them: each has all states of one channel over its share
// of a tile, so that all have the same to do however few states are left. States are given up some at a time.
#ifndef MAMBA_SCAN_SUMMARY_CUH
#define MAMBA_SCAN_SUMMARY_CUH

#include "scan_layout.cuh"

namespace mamba {

template <class T, bool Backward, bool Aligned>
struct ScanSummary {
    static constexpr int Threads = 64, Channels = 16, States = CarryStates, Rows = 32;
    static constexpr int Groups = States / 4;                                  // states are given up four at a time
    static constexpr int Shares = Threads / Channels, Share = Rows / Shares;   // threads of a channel, and the rows of each
    static constexpr int RowVectors = Channels / 4, Slots = Threads / RowVectors, Each = Rows / Slots;   // of rows being prepared
    static constexpr int SlotsOfShare = Share / Each;
    static constexpr float Vanished = -127.0f;   // exp2Approx gives zero for it
    static constexpr float Absent = -1e30f;      // A of a state that is not there: gone at once
    static_assert(SlotsOfShare == 4 && Each * SlotsOfShare == Share && Groups <= 4, "");
    using StateRows = StateTile<T, ScanLayout<4, Groups, 1, Threads, Rows>, Aligned>;

    /// Groups of rows lie apart so far that what is written or read together is in different banks.
    struct Tile {
        alignas(16) float2 inputs[Rows * Channels + Slots * 2];      // delta, and delta x or gy
        alignas(16) float projections[Rows * States + Shares * 4];
        alignas(16) float totals[Shares][Channels];                  // sums of delta
    };

    struct Shared {
        Tile tiles[2];                                               // one is filled while the other is read
        float4 sums[Groups][Threads], a[Groups][Channels];
        float slowest[Groups][Channels];                             // largest A of a group
    };

    /// A block's channels and states, and a thread's among them: of one channel the rows of one share.
    struct Place {
        ChannelBlock block;
        int stateFirst, states, channel, share;
        int column, rowFirst, width;                                 // the rows and columns that this thread prepares
    };

    __device__ static void run(const ScanParams& p, Shared& shared)
    {
        int64_t segment = blockIdx.x / p.channelBlocks;
        Slot slot = findSlot(p.offsets, p.sequences, p.segmentLength, segment);
        if (slot.first >= slot.last)
            return;
        Place at;
        at.block = channelBlock(p, blockIdx.x % p.channelBlocks, Channels);
        at.stateFirst = blockIdx.y * States;
        at.states = static_cast<int>(p.stateSize - at.stateFirst < States ? p.stateSize - at.stateFirst : States);
        // Nothing waits for the carry of the last segment in the direction of travel.
        if (Backward ? slot.index == 0 : slot.index + 1 == slot.count) {
            if (!Backward && p.chained && p.initialState != nullptr)
                copyInitialState(p, at, segment, slot.sequence);
            return;
        }

        at.channel = threadIdx.x % Channels, at.share = threadIdx.x / Channels;
        at.column = threadIdx.x % RowVectors * 4, at.rowFirst = threadIdx.x / RowVectors * Each, at.width = at.block.valid - at.column;
        start(p, shared, at);
        float bias[4], passed = 0;
        for (int i = 0; i < 4; i++)
            bias[i] = p.dtBias != nullptr && i < at.width ? p.dtBias[at.block.first + at.column + i] : 0.0f;

        // Rows lie outwards: row 0 is the step next to the carry's end.
        constexpr int64_t sign = Backward ? 1 : -1;
        int64_t steps = slot.last - slot.first, end = Backward ? slot.first : slot.last - 1;
        int64_t firstToken = slot.token(end + sign * at.rowFirst, p.reverse);
        auto rowsOf = [&](const void* base, int64_t stride, int64_t step) {
            return RowCursor<const T>(static_cast<const T*>(base) + firstToken * stride + at.block.first + at.column, step * sign);
        };
        RowCursor<const T> dtRows = rowsOf(p.dt, p.dtStride, p.dtStep), zRows = rowsOf(p.z, p.zStride, p.zStep);
        RowCursor<const T> inRows = Backward ? rowsOf(p.gradY, p.gradYStride, p.gradYStep) : rowsOf(p.x, p.xStride, p.xStep);
        RowCursor<const T> projectionRows = StateRows::cursor(Backward ? p.c : p.b, Backward ? p.cStride : p.bStride,
            Backward ? p.cStep : p.bStep, slot, p.reverse, end, at.block.group * p.stateSize + at.stateFirst, !Backward);
        Raw4<T> dt[Each], in[Each], z[Each];
        StateRows projections;
        bool wide = at.block.valid == Channels && at.states == States;
        auto rowsAt = [&](int64_t done) { return static_cast<int>(steps - done < Rows ? steps - done : Rows); };
        auto loadRows = [&](int rows, int width, int states) {
            readRows(dtRows, dt, at.rowFirst, rows, width);
            readRows(inRows, in, at.rowFirst, rows, width);
            if (Backward && p.z != nullptr)
                readRows(zRows, z, at.rowFirst, rows, width);
            projections.load(projectionRows, rows, states);
        };
        auto load = [&](int64_t done) {
            int rows = rowsAt(done);
            if (wide && rows == Rows)
                loadRows(Rows, 4, States);
            else
                loadRows(rows, at.width, at.states);
        };
        auto put = [&](Tile& tile, int64_t done) {
            prepare(p, tile, at, dt, in, z, bias, rowsAt(done));
            store(projections, tile.projections);
        };
        load(0);
        put(shared.tiles[0], 0);
        if (Rows < steps)
            load(Rows);
        int turn = 0;
        for (int64_t done = 0; done < steps; done += Rows, turn ^= 1) {
            // With this barrier a tile is ready, and the one before it has been read by all.
            __syncthreads();
            Needed needed = stillNeeded(shared, at, p.softplus, passed);
            if (needed.count == 0)
                break;
            if (done + Rows < steps) {
                put(shared.tiles[turn ^ 1], done + Rows);
                if (done + 2 * Rows < steps)
                    load(done + 2 * Rows);
            }
            addUp(shared, shared.tiles[turn], at, needed, passed);
        }

        __syncthreads();
        storeSums(p, shared, at, segment);
        if (at.share == 0 && at.channel < at.block.valid)
            p.decays[(segment * gridDim.y + blockIdx.y) * p.channels + at.block.first + at.channel] = passed;
    }

private:
    /// To the place of the last segment, which adds to no carry: where it comes from may be overwritten before all have read it.
    __device__ static void copyInitialState(const ScanParams& p, const Place& at, int64_t segment, int64_t sequence)
    {
        for (int i = threadIdx.x; i < at.block.valid * States; i += Threads) {
            int64_t place = (at.block.first + i / States) * p.stateSize + at.stateFirst + i % States;
            if (i % States < at.states)
                p.carries[segment * p.channels * p.stateSize + place] = p.initialState[sequence * p.channels * p.stateSize + place];
        }
    }

    __device__ __forceinline__ static void start(const ScanParams& p, Shared& shared, const Place& at)
    {
        for (int i = threadIdx.x; i < Groups * Channels; i += Threads) {
            int group = i / Channels, channel = i % Channels;
            float a[4], slowest = Absent;
            for (int s = 0; s < 4; s++) {
                bool here = channel < at.block.valid && group * 4 + s < at.states;
                a[s] = here ? p.a[(at.block.first + channel) * p.stateSize + at.stateFirst + group * 4 + s] * Log2E : Absent;
                if (!(a[s] <= slowest) && slowest == slowest)   // NaN never vanishes
                    slowest = a[s];
            }
            shared.a[group][channel] = make_float4(a[0], a[1], a[2], a[3]);
            shared.slowest[group][channel] = slowest;
        }
        for (int g = 0; g < Groups; g++)
            shared.sums[g][threadIdx.x] = make_float4(0, 0, 0, 0);
    }

    __device__ __forceinline__ static void readRows(RowCursor<const T>& from, Raw4<T> (&to)[Each], int rowFirst, int rows, int width)
    {
        const T* row = from.at;
#pragma unroll
        for (int i = 0; i < Each; i++, row += from.step)
            to[i] = load4(row, rows == Rows || rowFirst + i < rows ? width : 0, Aligned);
        from.at += from.step * Rows;
    }

    __device__ __forceinline__ static constexpr int inputAt(int row) { return row * Channels + row / Each * 2; }
    __device__ __forceinline__ static constexpr int projectionAt(int row) { return row * States + row / Share * 4; }

    __device__ __forceinline__ static void store(const StateRows& from, float* tile)
    {
        if (StateRows::RowStep * StateRows::RowVectors != Threads && StateRows::row() >= StateRows::RowStep)
            return;
#pragma unroll
        for (int i = 0; i < StateRows::Each; i++) {
            const Raw4<T>& v = from.raw[i];
            *reinterpret_cast<float4*>(tile + projectionAt(StateRows::row() + i * StateRows::RowStep) + StateRows::column())
                = make_float4(v[0], v[1], v[2], v[3]);
        }
    }

    /// Questions that are the same for all elements are asked once, so that elements do not wait for each other.
    __device__ __forceinline__ static void prepare(
        const ScanParams& p, Tile& tile, const Place& at, const Raw4<T> (&dt)[Each], const Raw4<T> (&in)[Each], const Raw4<T> (&z)[Each],
        const float (&bias)[4], int rows)
    {
        float v[Each][4], delta[Each][4], total[4] = {};
#pragma unroll
        for (int i = 0; i < Each; i++)
#pragma unroll
            for (int j = 0; j < 4; j++)
                v[i][j] = in[i][j];
        if (Backward && p.z != nullptr) {
#pragma unroll
            for (int i = 0; i < Each; i++)
#pragma unroll
                for (int j = 0; j < 4; j++)
                    v[i][j] *= z[i][j] * sigmoid(z[i][j]);
        }
        deltasOf<T>(p.softplus, dt, bias, delta);
        if (rows != Rows) {
            // Steps past the end pass nothing and add nothing.
#pragma unroll
            for (int i = 0; i < Each; i++)
#pragma unroll
                for (int j = 0; j < 4; j++)
                    delta[i][j] = at.rowFirst + i < rows ? delta[i][j] : 0.0f;
        }
#pragma unroll
        for (int i = 0; i < Each; i++) {
#pragma unroll
            for (int j = 0; j < 4; j++) {
                total[j] += delta[i][j];
                v[i][j] = Backward ? v[i][j] : v[i][j] * delta[i][j];
            }
            float4* to = reinterpret_cast<float4*>(&tile.inputs[inputAt(at.rowFirst + i) + at.column]);
            to[0] = make_float4(delta[i][0], v[i][0], delta[i][1], v[i][1]);
            to[1] = make_float4(delta[i][2], v[i][2], delta[i][3], v[i][3]);
        }
        int slot = threadIdx.x / RowVectors;
        transposeReduce<4, SlotsOfShare, RowVectors>(total, slot % SlotsOfShare);
        tile.totals[slot / SlotsOfShare][at.column + slot % SlotsOfShare] = total[0];
    }

    /// Groups of states, two bits each.
    struct Needed {
        unsigned groups;
        int count;
    };

    /// The groups whose decay since the carry's end is not zero for all channels. Only softplus makes delta non-negative, and with it the
    /// decay monotone. All threads of a block get the same, as all count the same sums.
    __device__ __forceinline__ static Needed stillNeeded(const Shared& shared, const Place& at, bool softplus, float passed)
    {
        Needed needed{0, 0};
#pragma unroll
        for (int g = 0; g < Groups; g++)
            if (__any_sync(FullWarp, !softplus || !(passed * shared.slowest[g][at.channel] < Vanished)))
                needed.groups |= static_cast<unsigned>(g) << (2 * needed.count++);
        return needed;
    }

    /// This thread's share of a tile.
    __device__ __forceinline__ static void addUp(Shared& shared, const Tile& tile, const Place& at, const Needed& needed, float& passed)
    {
        float start = 0, before[Share], v[Share];
#pragma unroll
        for (int i = 0; i < Shares; i++) {
            start = i == at.share ? passed : start;
            passed += tile.totals[i][at.channel];
        }
        const float2* inputs = tile.inputs + inputAt(at.share * Share) + at.channel;
#pragma unroll
        for (int i = 0; i < Share; i++) {
            float2 in = inputs[inputAt(i)];
            before[i] = Backward ? start + in.x : start;
            start += in.x;
            v[i] = in.y;
        }
#pragma unroll 1
        for (int k = 0; k < needed.count; k++) {
            int group = needed.groups >> (2 * k) & 3;
            const float* rows = tile.projections + projectionAt(at.share * Share) + group * 4;
            float4 a = shared.a[group][at.channel], sum = shared.sums[group][threadIdx.x];
#pragma unroll
            for (int i = 0; i < Share; i++) {
                float4 projection = *reinterpret_cast<const float4*>(rows + i * States);
                sum.x += exp2Approx(before[i] * a.x) * (v[i] * projection.x);
                sum.y += exp2Approx(before[i] * a.y) * (v[i] * projection.y);
                sum.z += exp2Approx(before[i] * a.z) * (v[i] * projection.z);
                sum.w += exp2Approx(before[i] * a.w) * (v[i] * projection.w);
            }
            shared.sums[group][threadIdx.x] = sum;
        }
    }

    /// The shares' sums added in order.
    __device__ __forceinline__ static void storeSums(const ScanParams& p, const Shared& shared, const Place& at, int64_t segment)
    {
        for (int i = threadIdx.x; i < Channels * Groups; i += Threads) {
            int channel = i / Groups, group = i % Groups;
            float v[4] = {};
            for (int k = 0; k < Shares; k++) {
                float4 part = shared.sums[group][k * Channels + channel];
                v[0] += part.x, v[1] += part.y, v[2] += part.z, v[3] += part.w;
            }
            float* to = p.carries + (segment * p.channels + at.block.first + channel) * p.stateSize + at.stateFirst + group * 4;
            if (channel < at.block.valid)
                store4(to, v, at.states - group * 4, p.stateSize % 4 == 0);
        }
    }
};

template <class T, bool Backward, bool Aligned>
__global__ void __launch_bounds__(64, 8) scanSummaryKernel(const ScanParams p)
{
    using Kernel = ScanSummary<T, Backward, Aligned>;
    Kernel::run(p, *dynamicShared<typename Kernel::Shared>());
}

/// Turns what each segment adds into what each segment starts from, in place. Segments are read eight at a time, as reads do not depend
/// on each other.
template <bool Backward>
__global__ void __launch_bounds__(128) scanCombineKernel(const ScanParams p)
{
    constexpr int Ahead = 8;
    int64_t index = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x, perSequence = p.channels * p.stateSize;
    if (index >= p.sequences * perSequence)
        return;
    int64_t sequence = index / perSequence, at = index % perSequence;
    int64_t begin = p.offsets[sequence], length = p.offsets[sequence + 1] - begin;
    int64_t base = slotBase(begin, sequence, p.segmentLength), count = (length + p.segmentLength - 1) / p.segmentLength;
    int64_t perSegment = carrySlices(p.stateSize) * p.channels, decayAt = at % p.stateSize / CarryStates * p.channels + at / p.stateSize;
    const float* outer = Backward ? p.gradFinal : p.initialState;
    float carry = outer != nullptr ? outer[index] : 0.0f, a = p.a[at] * Log2E;
    for (int64_t first = 0; first < count; first += Ahead) {
        float own[Ahead], passed[Ahead];
#pragma unroll
        for (int i = 0; i < Ahead; i++) {
            // The last segment's own part is waited for by none, and never computed.
            bool here = first + i + 1 < count;
            int64_t segment = base + (Backward ? count - 1 - first - i : first + i);
            own[i] = here ? p.carries[segment * perSequence + at] : 0.0f;
            passed[i] = here ? p.decays[segment * perSegment + decayAt] : 0.0f;
        }
#pragma unroll
        for (int i = 0; i < Ahead; i++) {
            if (first + i >= count)
                break;
            p.carries[(base + (Backward ? count - 1 - first - i : first + i)) * perSequence + at] = carry;
            carry = exp2Approx(a * passed[i]) * carry + own[i];
        }
    }
}

}

#endif
