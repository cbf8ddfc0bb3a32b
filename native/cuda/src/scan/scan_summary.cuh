// What a segment adds to the carry that passes over it, when sequences are split along time. For the states (forward)
//     h_end = sum over t of exp(A (S_end - S_t)) delta_t x_t B_t,          S the running sum of delta,
// for their gradients (backward), which run the other way,
//     g_begin = sum over t of exp(A (S_t - S_begin)) gy_t C_t,             gy = gradY SiLU(z).
// Both are summed from the carry's end outwards: once a state's decays that are left are zero in float32, the rest of the segment adds
// nothing to it. A warp has four states of 32 channels, not neighbours but the warps' number apart: states often decay the faster the
// higher they are, and so each warp has some that stop early.
#ifndef MAMBA_SCAN_SUMMARY_CUH
#define MAMBA_SCAN_SUMMARY_CUH

#include "scan_layout.cuh"

namespace mamba {

template <class T, class Layout, bool Backward, bool Aligned>
struct ScanSummary {
    static constexpr int States = Layout::States, Lanes = Layout::Lanes, Rows = Layout::Rows, Each = Layout::Each;
    static constexpr float Vanished = -127.0f;   // exp2Approx gives zero for it
    static_assert(States == 4 && Layout::Held == 1 && Layout::Channels == 32, "");
    using StateRows = StateTile<T, Layout, Aligned>;

    /// Two tiles, one filled while the other is read, where they fit the 48 KB of a kernel that asks for no more.
    static constexpr int Buffers = Layout::Padded <= 32 ? 2 : 1;

    struct Tile {
        alignas(16) float2 inputs[Rows][Layout::Channels];   // delta, and delta x or gy
        alignas(16) float projections[StateRows::Floats];
    };

    struct Shared {
        Tile tiles[Buffers];
        float passed[Lanes][32];
    };

    __device__ static void run(const ScanParams& p, Shared& shared)
    {
        ChannelBlock block = channelBlock(p, blockIdx.x % p.channelBlocks, Layout::Channels);
        int64_t segment = blockIdx.x / p.channelBlocks;
        Slot slot = findSlot(p.offsets, p.sequences, p.segmentLength, segment);
        // Nothing waits for the carry of the last segment in the direction of travel.
        if (slot.first >= slot.last || (Backward ? slot.index == 0 : slot.index + 1 == slot.count))
            return;

        int stateFirst = blockIdx.y * MaxSlice;
        int states = static_cast<int>(p.stateSize - stateFirst < Layout::Padded ? p.stateSize - stateFirst : Layout::Padded);
        int lane = threadIdx.x / 32, channel = threadIdx.x % 32;
        bool owner = channel < block.valid;
        int64_t stateAt = (block.first + channel) * p.stateSize + stateFirst;
        float a[States], sum[States] = {}, passed = 0;
        bool here[States];
#pragma unroll
        for (int s = 0; s < States; s++) {
            here[s] = owner && stateOf(s, lane) < states;
            a[s] = here[s] ? p.a[stateAt + stateOf(s, lane)] * Log2E : 0.0f;
        }

        int column = threadIdx.x % Layout::RowVectors * 4, rowFirst = threadIdx.x / Layout::RowVectors, width = block.valid - column;
        float bias[4];
        for (int i = 0; i < 4; i++)
            bias[i] = p.dtBias != nullptr && i < width ? p.dtBias[block.first + column + i] : 0.0f;

        // Rows lie outwards: row 0 is the step next to the carry's end.
        constexpr bool outward = !Backward;
        int64_t steps = slot.last - slot.first, end = Backward ? slot.first : slot.last - 1;
        int64_t firstToken = slot.token(Backward ? end + rowFirst : end - rowFirst, p.reverse);
        constexpr int64_t sign = outward ? -Layout::RowStep : Layout::RowStep;
        auto rowsOf = [&](const void* base, int64_t stride, int64_t step) {
            return RowCursor<const T>(static_cast<const T*>(base) + firstToken * stride + block.first + column, step * sign);
        };
        RowCursor<const T> dtRows = rowsOf(p.dt, p.dtStride, p.dtStep), zRows = rowsOf(p.z, p.zStride, p.zStep);
        RowCursor<const T> inRows = Backward ? rowsOf(p.gradY, p.gradYStride, p.gradYStep) : rowsOf(p.x, p.xStride, p.xStep);
        RowCursor<const T> projectionRows = StateRows::cursor(Backward ? p.c : p.b, Backward ? p.cStride : p.bStride,
            Backward ? p.cStep : p.bStep, slot, p.reverse, end, block.group * p.stateSize + stateFirst, outward);
        Raw4<T> dt[Each], in[Each], z[Each];
        StateRows projections;
        auto rowsAt = [&](int64_t done) { return static_cast<int>(steps - done < Rows ? steps - done : Rows); };
        auto load = [&](int64_t done) {
            int rows = rowsAt(done);
#pragma unroll
            for (int i = 0; i < Each; i++) {
                int valid = rowFirst + i * Layout::RowStep < rows ? width : 0;
                dt[i] = load4(dtRows.next(), valid, Aligned);
                in[i] = load4(inRows.next(), valid, Aligned);
                if (Backward && p.z != nullptr)
                    z[i] = load4(zRows.next(), valid, Aligned);
            }
            projections.load(projectionRows, rows, states);
        };
        auto put = [&](int buffer) {
            prepare(p, shared.tiles[buffer], dt, in, z, bias, rowFirst, column);
            store(projections, shared.tiles[buffer].projections);
        };
        load(0);
        if (Buffers == 2) {
            put(0);
            if (Rows < steps)
                load(Rows);
        }
        int buffer = 0;
        for (int64_t done = 0; done < steps; done += Rows) {
            // Only softplus makes delta non-negative, and with it the decay monotone. Slices share one sum of delta: it must be whole.
            bool all = !p.softplus || p.sliced;
            int needed = 0;   // states, those before one that is needed included
#pragma unroll
            for (int s = 0; s < States; s++)
                if (__any_sync(FullWarp, all || (here[s] && !(passed * a[s] < Vanished))))
                    needed = s + 1;
            // With this barrier a tile is ready, and the one before it has been read by all.
            if (__syncthreads_and(needed == 0))
                break;
            int64_t ahead = done + (Buffers == 2 ? Rows : 0);
            if (ahead < steps) {
                put(Buffers == 2 ? 1 - buffer : 0);
                if (ahead + Rows < steps)
                    load(ahead + Rows);
            }
            if (Buffers == 1)
                __syncthreads();

            const Tile& tile = shared.tiles[buffer];
            int rows = rowsAt(done);
            if (needed == 4)
                addUp<4>(tile, channel, lane, rows, passed, a, sum);
            else if (needed == 3)
                addUp<3>(tile, channel, lane, rows, passed, a, sum);
            else if (needed == 2)
                addUp<2>(tile, channel, lane, rows, passed, a, sum);
            else if (needed == 1)
                addUp<1>(tile, channel, lane, rows, passed, a, sum);
            buffer = Buffers - 1 - buffer;
        }

        // The warp that went on longest has passed all that counts.
        shared.passed[lane][channel] = passed;
        __syncthreads();
        if (!owner)
            return;
        float* to = p.carries + segment * p.channels * p.stateSize + stateAt;
#pragma unroll
        for (int s = 0; s < States; s++)
            if (here[s])
                to[stateOf(s, lane)] = sum[s];
        if (lane > 0 || blockIdx.y > 0)
            return;
        for (int i = 1; i < Lanes && p.softplus; i++)
            passed = fmaxf(passed, shared.passed[i][channel]);
        p.decays[segment * p.channels + block.first + channel] = passed;
    }

private:
    /// To and fro, so that all warps have about as much to do.
    __device__ __forceinline__ static constexpr int stateOf(int s, int lane) { return s * Lanes + (s % 2 == 0 ? lane : Lanes - 1 - lane); }

    /// Lays the rows of B or C into shared memory [Rows][Lanes][4]: a warp's states side by side.
    __device__ __forceinline__ static void store(const StateRows& from, float* tile)
    {
        if (StateRows::RowStep * StateRows::RowVectors != Layout::Threads && StateRows::row() >= StateRows::RowStep)
            return;
#pragma unroll
        for (int i = 0; i < StateRows::Each; i++)
#pragma unroll
            for (int j = 0; j < 4; j++) {
                int n = StateRows::column() + j, s = n / Lanes, lane = stateOf(s, n % Lanes) - s * Lanes;
                tile[(StateRows::row() + i * StateRows::RowStep) * Layout::Padded + lane * 4 + s] = from.raw[i][j];
            }
    }

    /// Questions that are the same for all elements are asked once, so that elements do not wait for each other.
    __device__ __forceinline__ static void prepare(
        const ScanParams& p, Tile& tile, const Raw4<T> (&dt)[Each], const Raw4<T> (&in)[Each], const Raw4<T> (&z)[Each], const float (&bias)[4], int rowFirst, int column)
    {
        float v[Each][4];
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
#pragma unroll
        for (int i = 0; i < Each; i++) {
            float2 pairs[4];
#pragma unroll
            for (int j = 0; j < 4; j++) {
                float delta = deltaOf<T>(dt[i][j], bias[j], p.softplus);
                pairs[j] = make_float2(delta, Backward ? v[i][j] : v[i][j] * delta);
            }
            float4* to = reinterpret_cast<float4*>(&tile.inputs[rowFirst + i * Layout::RowStep][column]);
            to[0] = make_float4(pairs[0].x, pairs[0].y, pairs[1].x, pairs[1].y);
            to[1] = make_float4(pairs[2].x, pairs[2].y, pairs[3].x, pairs[3].y);
        }
    }

    /// A tile's part of the sums over time of the first Needed states.
    template <int Needed>
    __device__ __forceinline__ static void addUp(
        const Tile& tile, int channel, int lane, int rows, float& passed, const float (&a)[States], float (&sum)[States])
    {
#pragma unroll 8
        for (int row = 0; row < rows; row++) {
            float2 in = tile.inputs[row][channel];
            float4 f = *reinterpret_cast<const float4*>(tile.projections + row * Layout::Padded + lane * 4);
            float projection[4] = {f.x, f.y, f.z, f.w}, before = passed;
            passed += in.x;
#pragma unroll
            for (int s = 0; s < Needed; s++)
                sum[s] += exp2Approx((Backward ? passed : before) * a[s]) * (in.y * projection[s]);
        }
    }
};

template <class T, class Layout, bool Backward, bool Aligned>
__global__ void __launch_bounds__(Layout::Threads) scanSummaryKernel(const ScanParams p)
{
    __shared__ typename ScanSummary<T, Layout, Backward, Aligned>::Shared shared;
    ScanSummary<T, Layout, Backward, Aligned>::run(p, shared);
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
    int64_t sequence = index / perSequence, at = index % perSequence, channel = at / p.stateSize;
    int64_t begin = p.offsets[sequence], length = p.offsets[sequence + 1] - begin;
    int64_t base = slotBase(begin, sequence, p.segmentLength), count = (length + p.segmentLength - 1) / p.segmentLength;
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
            passed[i] = here ? p.decays[segment * p.channels + channel] : 0.0f;
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
