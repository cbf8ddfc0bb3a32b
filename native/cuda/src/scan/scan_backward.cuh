// Backward pass of the scan. Saved: the states at chunk borders. Recomputed, for a chunk at a time: delta, the gate, the states and
// their decays; first forwards, keeping the state of every Group-th step in shared memory, then backwards group by group. With
// gy_t = gradY_t SiLU(z_t) and g_t = dL/dh_t:
//     g_t = gy_t C_t + aBar_{t+1} g_{t+1},    gradC_t = sum over channels of gy_t h_t,    gradB_t = sum over channels of g_t delta_t x_t,
//     gradDeltaX_t = g_t . B_t,               gradDelta_t = sum over n of g_t aBar_t h_{t-1} A,      gradA += g_t aBar_t h_{t-1} delta_t.
#ifndef MAMBA_SCAN_BACKWARD_CUH
#define MAMBA_SCAN_BACKWARD_CUH

#include "scan_channel_sums.cuh"
#include "scan_gradients.cuh"
#include "scan_layout.cuh"

namespace mamba {

template <class T, class Layout, int Group, bool Aligned>
struct ScanBackward {
    static constexpr int States = Layout::States, Lanes = Layout::Lanes, Held = Layout::Held, Rows = Layout::Rows, Each = Layout::Each;
    static constexpr int Threads = Layout::Threads;
    static constexpr int WarpChannels = 32 / Lanes;              // channels of a warp's lanes, Held times as many in all
    static constexpr int Groups = Rows / Group;
    using Sums = ScanChannelSums<Layout, Group>;
    using Map = StateMap<States, Lanes, Sums::Versions>;
    using StateRows = StateTile<T, Layout, Aligned, Sums::Versions>;
    using Inputs = GradientRows<T, Each, Layout::RowStep, Rows, Aligned>;
    using Registers = float[Held][States];
    static_assert(Rows == scanChunk(), "");

    struct Shared {
        alignas(16) float2 inputs[Rows][Layout::Channels];       // delta, delta x; then grad delta, grad (delta x)
        alignas(16) float gy[Rows][Layout::Channels];            // gy; then the sum over states of C h
        alignas(16) float b[StateRows::Floats];
        alignas(16) float c[StateRows::Floats];
        alignas(16) float4 saved[Groups][Threads / 32][Held * States / 4][32];
        alignas(16) float projected[Sums::Floats];
    };

    /// Value k of what a thread holds belongs to channel `channel` ^ k of the block, value s of a channel to state stateOf(s).
    struct Place {
        Slot slot;
        ChannelBlock block;
        int stateFirst, states, lane, channel, version;
        int column, rowFirst, width;                             // this thread's share of a tile's rows
        bool wide;                                               // all channels and states of the block are there
    };

    __device__ static void run(const ScanParams& p, Shared& shared)
    {
        Place at;
        at.block = channelBlock(p, blockIdx.x % p.channelBlocks, Layout::Channels);
        at.stateFirst = blockIdx.y * MaxSlice;
        at.states = static_cast<int>(p.stateSize - at.stateFirst < Layout::Padded ? p.stateSize - at.stateFirst : Layout::Padded);
        // Channels neighbour within a warp, lanes of a channel stand WarpChannels apart.
        at.lane = threadIdx.x % 32 / WarpChannels;
        at.channel = (threadIdx.x / 32 * WarpChannels + threadIdx.x % WarpChannels) * Held + at.lane % Held;
        at.version = threadIdx.x % Sums::Versions;
        at.column = threadIdx.x % Layout::RowVectors * 4;
        at.rowFirst = threadIdx.x / Layout::RowVectors;
        at.width = at.block.valid - at.column;
        at.wide = at.block.valid == Layout::Channels && at.states == Layout::Padded;
        int64_t worker = blockIdx.x / p.channelBlocks, perState = p.channels * p.stateSize;

        float a[Held][States], gradA[Held][States] = {}, bias[4], skip[4], gradD[4] = {}, gradBias[4] = {};
        loadStates(p, p.a, a, at);
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
            loadStates(p, start, g, at);
            int64_t chunks = (slot.last - slot.first + Rows - 1) / Rows;
            int64_t lastBorder = slotBase(slot.begin, slot.sequence, Rows) + slot.first / Rows + chunks - 1;
            const float* border = p.borders + lastBorder * perState;
            int64_t first = slot.first + (chunks - 1) * Rows;
            int rows = static_cast<int>(slot.last - first);
            Fetched fetched;
            if (chunks > 0)
                fetched = fetch(p, at, border, first, rows);
            for (int64_t chunk = chunks - 1; chunk >= 0; chunk--, first -= Rows) {
                __syncthreads();
                prepare(p, shared, at, bias, fetched, rows);
                __syncthreads();
                keepStates(shared, at, a, fetched.border, rows);
                reverse(p, shared, at, a, g, gradA, first, rows);
                Inputs inputs(at.slot.token(first + at.rowFirst, p.reverse), at.block.first + at.column);
                inputs.load(p, at.rowFirst, at.width, rows, at.wide && rows == Rows);
                __syncthreads();
                if constexpr (Sums::Overlaid)
                    Sums::write(p, projectedOf(shared), at, 0, first, rows);
                // The chunk before this one, which comes next, is on its way meanwhile.
                border -= perState;
                if (chunk > 0)
                    fetched = fetch(p, at, border, first - Rows, Rows);
                finish(p, shared, at, inputs, bias, skip, gradD, gradBias, rows);
                rows = Rows;
            }

            if (p.gradInitial != nullptr && slot.index == 0)
                storeStates(p, p.gradInitial + slot.sequence * perState, g, at);
        }

        storeStates(p, p.partialGradA + worker * perState, gradA, at);
        if (!p.sliced)
            storeChannelGradients<Layout>(p, reinterpret_cast<float*>(&shared.saved[0][0][0][0]), at.block, worker, gradD, gradBias);
    }

private:
    __device__ __forceinline__ static int stateOf(const Place& at, int s) { return Map::state(s ^ at.version, at.lane); }

    /// Of a state in a tensor [channels, state], from the block's first on.
    __device__ __forceinline__ static int indexOf(const ScanParams& p, const Place& at, int k, int s)
    {
        return (at.channel ^ k) * static_cast<int>(p.stateSize) + stateOf(at, s);
    }

    __device__ __forceinline__ static bool here(const Place& at, int k, int s)
    {
        return at.wide || ((at.channel ^ k) < at.block.valid && stateOf(at, s) < at.states);
    }

    /// From a tensor [channels, state].
    __device__ __forceinline__ static void loadStates(const ScanParams& p, const float* from, Registers& v, const Place& at)
    {
        from = from == nullptr ? nullptr : from + at.block.first * p.stateSize + at.stateFirst;
#pragma unroll
        for (int k = 0; k < Held; k++)
#pragma unroll
            for (int s = 0; s < States; s++)
                v[k][s] = from != nullptr && here(at, k, s) ? from[indexOf(p, at, k, s)] : 0.0f;
    }

    __device__ __forceinline__ static void storeStates(const ScanParams& p, float* to, const Registers& v, const Place& at)
    {
        to += at.block.first * p.stateSize + at.stateFirst;
#pragma unroll
        for (int k = 0; k < Held; k++)
#pragma unroll
            for (int s = 0; s < States; s++)
                if (here(at, k, s))
                    to[indexOf(p, at, k, s)] = v[k][s];
    }

    /// Where the sums over a warp's channels go: over saved states that are not needed any more, or to a place of their own.
    __device__ __forceinline__ static float* projectedOf(Shared& shared)
    {
        return Sums::Overlaid ? reinterpret_cast<float*>(&shared.saved[0][0][0][0]) : shared.projected;
    }

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
        loadStates(p, border, to.border, at);
        return to;
    }

    /// Steps past the end get delta = gy = 0: they change nothing.
    __device__ __forceinline__ static void prepare(
        const ScanParams& p, Shared& shared, const Place& at, const float (&bias)[4], const Fetched& from, int rows)
    {
        from.b.store(shared.b);
        from.c.store(shared.c);
        float gy[Each][4];
        from.inputs.gatedGradient(p, gy);
#pragma unroll
        for (int i = 0; i < Each; i++) {
            int row = at.rowFirst + i * Layout::RowStep;
            float2 in[4];
#pragma unroll
            for (int j = 0; j < 4; j++) {
                float delta = deltaOf<T>(from.inputs.dt[i][j], bias[j], p.softplus);
                in[j] = make_float2(delta, delta * from.inputs.x[i][j]);
            }
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

    /// A group's saved states, as vectors that a warp's lanes write side by side.
    __device__ __forceinline__ static float4* savedOf(Shared& shared, int group, int q)
    {
        return &shared.saved[group][threadIdx.x / 32][q][threadIdx.x % 32];
    }

    __device__ __forceinline__ static void readInputs(const Shared& shared, const Place& at, int row, float2 (&in)[Held])
    {
#pragma unroll
        for (int k = 0; k < Held; k++)
            in[k] = shared.inputs[row][at.channel ^ k];
    }

    /// Runs the chunk forwards. As in the forward pass a step's decays are computed one step ahead of their use, its inputs read two ahead.
    __device__ __forceinline__ static void keepStates(Shared& shared, const Place& at, const Registers& a, Registers& h, int rows)
    {
        float2 in[Group][Held];
        float b[2][States], decay[2][Held][States];
        auto begin = [&](int row, const float2 (&from)[Held], float (&toB)[States], float (&to)[Held][States]) {
            Map::load(shared.b + row * (Layout::Padded * Sums::Versions), at.lane, at.version, toB);
#pragma unroll
            for (int k = 0; k < Held; k++)
#pragma unroll
                for (int s = 0; s < States; s++)
                    to[k][s] = exp2Approx(from[k].x * a[k][s]);
        };
        readInputs(shared, at, 0, in[0]);
        readInputs(shared, at, 1, in[1]);
        begin(0, in[0], b[0], decay[0]);
#pragma unroll 1
        for (int group = 0; group * Group < rows; group++) {
#pragma unroll
            for (int q = 0; q < Held * States / 4; q++) {
                const float* v = &h[q / (States / 4)][q % (States / 4) * 4];
                *savedOf(shared, group, q) = make_float4(v[0], v[1], v[2], v[3]);
            }
            if ((group + 1) * Group >= rows)
                break;
#pragma unroll
            for (int i = 0; i < Group; i++) {
                int row = group * Group + i;
                readInputs(shared, at, row + 2, in[(i + 2) % Group]);
                begin(row + 1, in[(i + 1) % Group], b[(i + 1) % 2], decay[(i + 1) % 2]);
#pragma unroll
                for (int k = 0; k < Held; k++)
#pragma unroll
                    for (int s = 0; s < States; s++)
                        h[k][s] = decay[i % 2][k][s] * h[k][s] + in[i][k].y * b[i % 2][s];
            }
        }
    }

    __device__ __forceinline__ static void reverse(
        const ScanParams& p, Shared& shared, const Place& at, const Registers& a, Registers& g, Registers& gradA, int64_t first, int rows)
    {
        constexpr int rowFloats = Layout::Padded * Sums::Versions;
        int groups = (rows + Group - 1) / Group;
        float2 in[Group][Held];
#pragma unroll
        for (int i = 0; i < Group; i++)
            readInputs(shared, at, (groups - 1) * Group + i, in[i]);
#pragma unroll 1
        for (int group = groups - 1; group >= 0; group--) {
            float decay[Group][Held][States], h[Group + 1][Held][States];
            float gradDelta[Group], gradDeltaX[Group], y[Group], projected[Group][Sums::Left];
#pragma unroll
            for (int q = 0; q < Held * States / 4; q++) {
                float4 v = *savedOf(shared, group, q);
                float* to = &h[0][q / (States / 4)][q % (States / 4) * 4];
                to[0] = v.x, to[1] = v.y, to[2] = v.z, to[3] = v.w;
            }
            __syncwarp();
#pragma unroll
            for (int i = 0; i < Group; i++) {
                int row = group * Group + i;
                float b[States];
                Map::load(shared.b + row * rowFloats, at.lane, at.version, b);
#pragma unroll
                for (int k = 0; k < Held; k++) {
#pragma unroll
                    for (int s = 0; s < States; s++) {
                        decay[i][k][s] = exp2Approx(in[i][k].x * a[k][s]);
                        h[i + 1][k][s] = decay[i][k][s] * h[i][k][s] + in[i][k].y * b[s];
                    }
                }
            }

#pragma unroll
            for (int i = Group - 1; i >= 0; i--) {
                int row = group * Group + i;
                float b[States], c[States], gradB[States], gradC[States];
                float forDelta[Held] = {}, forDeltaX[Held] = {}, forY[Held] = {};
                Map::load(shared.b + row * rowFloats, at.lane, at.version, b);
                Map::load(shared.c + row * rowFloats, at.lane, at.version, c);
#pragma unroll
                for (int k = 0; k < Held; k++) {
                    float gy = shared.gy[row][at.channel ^ k];
#pragma unroll
                    for (int s = 0; s < States; s++) {
                        float& state = g[k][s];
                        state += gy * c[s];
                        gradB[s] = k == 0 ? state * in[i][k].y : gradB[s] + state * in[i][k].y;
                        gradC[s] = k == 0 ? gy * h[i + 1][k][s] : gradC[s] + gy * h[i + 1][k][s];
                        forY[k] += c[s] * h[i + 1][k][s];
                        forDeltaX[k] += state * b[s];
                        state *= decay[i][k][s];
                        float w = state * h[i][k][s];
                        forDelta[k] += w * a[k][s];
                        gradA[k][s] += w * in[i][k].x;
                    }
                }
                // The same step's inputs of the group that comes next, over those that are not needed any more.
                readInputs(shared, at, (group > 0 ? group - 1 : 0) * Group + i, in[i]);
                Sums::add(gradB, gradC, projected[i]);
                exchangeReduce<Held, WarpChannels>(forDelta);
                exchangeReduce<Held, WarpChannels>(forDeltaX);
                exchangeReduce<Held, WarpChannels>(forY);
                gradDelta[i] = forDelta[0], gradDeltaX[i] = forDeltaX[0], y[i] = forY[0];
            }

            // Of the lanes that hold a channel at the same place, each is left with some of the group's steps.
            constexpr int sharing = Lanes / Held, sums = Group >= sharing ? Group / sharing : 1;
            int part = at.lane / Held;
            transposeReduce<Group, sharing, WarpChannels * Held>(gradDelta, part);
            transposeReduce<Group, sharing, WarpChannels * Held>(gradDeltaX, part);
            transposeReduce<Group, sharing, WarpChannels * Held>(y, part);
            __syncwarp();
            // Stored at last, so that reads of shared memory need not wait for it.
#pragma unroll
            for (int i = 0; i < Group; i++)
                Sums::store(projectedOf(shared), group, i, projected[i], at.lane);
            int row = group * Group + part * Group / sharing;
            if (Group >= sharing || part % (Group >= sharing ? 1 : sharing / Group) == 0) {
#pragma unroll
                for (int k = 0; k < sums; k++) {
                    shared.inputs[row + k][at.channel] = make_float2(gradDelta[k], gradDeltaX[k]);
                    shared.gy[row + k][at.channel] = y[k];
                }
            }

            if constexpr (!Sums::Overlaid) {
                __syncthreads();
                Sums::write(p, projectedOf(shared), at, group, first, rows);
                __syncthreads();
            }
        }
    }

    __device__ __forceinline__ static void finish(
        const ScanParams& p, const Shared& shared, const Place& at, const Inputs& inputs, const float (&bias)[4], const float (&skip)[4],
        float (&gradD)[4], float (&gradBias)[4], int rows)
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
                inputs.storeSlice(p, at.rowFirst, at.width, rows, sums);
                return;
            }
        }
        inputs.finish(p, at.rowFirst, at.width, rows, sums, bias, skip, gradD, gradBias);
    }
};

/// Blocks of a multiprocessor: as many as leave the registers that a layout wants.
template <class Layout>
constexpr int scanBackwardBlocks() { return Layout::Held * Layout::States > 4 ? 256 / Layout::Threads : 3; }

template <class T, class Layout, int Group, bool Aligned>
__global__ void __launch_bounds__(Layout::Threads, scanBackwardBlocks<Layout>()) scanBackwardKernel(const ScanParams p)
{
    using Kernel = ScanBackward<T, Layout, Group, Aligned>;
    Kernel::run(p, *dynamicShared<typename Kernel::Shared>());
}

}

#endif
