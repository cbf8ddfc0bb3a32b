// Backward pass of the scan. Saved: the states at chunk borders. Recomputed, for a chunk at a time: delta, the gate, the states and
// their decays; first forwards, keeping the state of every Group-th step in shared memory, then backwards group by group. With
// gy_t = gradY_t SiLU(z_t) and g_t = dL/dh_t:
//     g_t = gy_t C_t + aBar_{t+1} g_{t+1},    gradC_t = sum over channels of gy_t h_t,    gradB_t = sum over channels of g_t delta_t x_t,
//     gradDeltaX_t = g_t . B_t,               gradDelta_t = sum over n of g_t aBar_t h_{t-1} A,      gradA += g_t aBar_t h_{t-1} delta_t.
#ifndef MAMBA_SCAN_BACKWARD_CUH
#define MAMBA_SCAN_BACKWARD_CUH

#include "scan_gradients.cuh"
#include "scan_params.cuh"

namespace mamba {

template <class T, int States, int Lanes, int Rows, int Group, bool Aligned>
struct ScanBackward {
    using Map = StateMap<States, Lanes>;
    static constexpr int Channels = ScanThreads / Lanes;
    static constexpr int WarpChannels = 32 / Lanes;
    static constexpr int Warps = ScanThreads / 32;
    static constexpr int Groups = Rows / Group;
    static constexpr int RowVectors = Channels / 4;
    static constexpr int Each = Rows * RowVectors / ScanThreads;
    static constexpr int RowStep = ScanThreads / RowVectors;
    static constexpr int Projected = 2 * Map::Padded;            // grad B and grad C of a step
    static constexpr int Buffers = Map::Padded > 32 ? 1 : 2;     // one where two would not fit the 64 KB of the smallest target
    static constexpr int Reduced = 2 * States > WarpChannels ? 2 * States / WarpChannels : 1;
    using StateRows = StateTile<T, Rows, Map::Padded, Aligned>;

    struct Shared {
        alignas(16) float2 inputs[Rows][Channels];               // delta, delta x; then grad delta, grad (delta x)
        alignas(16) float gy[Rows][Channels];                    // gy; then the sum over states of C h
        alignas(16) float b[Rows * Map::Padded];
        alignas(16) float c[Rows * Map::Padded];
        alignas(16) float saved[Groups][States][ScanThreads];
        alignas(16) float projected[Buffers][Warps][Group][Projected];
    };

    struct Place {
        Slot slot;
        ChannelBlock block;
        int stateFirst, states, lane, channel;
        int column, rowFirst, width;                             // this thread's share of a tile's rows
    };

    __device__ static void run(const ScanParams& p, Shared& shared)
    {
        Place at;
        at.block = channelBlock(p, blockIdx.x % p.channelBlocks, Channels);
        at.stateFirst = blockIdx.y * MaxSlice;
        at.states = static_cast<int>(p.stateSize - at.stateFirst < Map::Padded ? p.stateSize - at.stateFirst : Map::Padded);
        // Channels neighbour within a warp, lanes of a channel stand WarpChannels apart.
        at.lane = threadIdx.x % 32 / WarpChannels;
        at.channel = threadIdx.x / 32 * WarpChannels + threadIdx.x % WarpChannels;
        at.column = threadIdx.x % RowVectors * 4;
        at.rowFirst = threadIdx.x / RowVectors;
        at.width = at.block.valid - at.column;
        bool owner = at.channel < at.block.valid;
        int64_t worker = blockIdx.x / p.channelBlocks, perState = p.channels * p.stateSize;
        int64_t stateAt = (at.block.first + at.channel) * p.stateSize + at.stateFirst;

        float a[States], gradA[States] = {}, bias[4], skip[4], gradD[4] = {}, gradBias[4] = {};
#pragma unroll
        for (int s = 0; s < States; s++)
            a[s] = owner && Map::state(s, at.lane) < at.states ? p.a[stateAt + Map::state(s, at.lane)] * Log2E : 0.0f;
        for (int i = 0; i < 4; i++) {
            bias[i] = p.dtBias != nullptr && i < at.width ? p.dtBias[at.block.first + at.column + i] : 0.0f;
            skip[i] = p.d != nullptr && i < at.width ? p.d[at.block.first + at.column + i] : 0.0f;
        }

        for (int64_t segment = worker; segment < p.segments; segment += p.workers) {
            at.slot = findSlot(p.offsets, p.sequences, p.segmentLength, segment);
            const Slot& slot = at.slot;
            if (slot.first >= slot.last && slot.index > 0)
                continue;
            int64_t sequenceAt = slot.sequence * perState + stateAt;
            float g[States];
            const float* start = p.split && slot.count > 0 ? p.carries + segment * perState + stateAt
                : p.gradFinal == nullptr                   ? nullptr : p.gradFinal + sequenceAt;
            loadStates(start, g, owner, at);
            int64_t chunks = (slot.last - slot.first + Rows - 1) / Rows, firstBorder = slotBase(slot.begin, slot.sequence, Rows) + slot.first / Rows;
            const float* border = p.borders + (firstBorder + chunks - 1) * perState + stateAt;
            int64_t first = slot.first + (chunks - 1) * Rows;
            int rows = static_cast<int>(slot.last - first);
            for (int64_t chunk = chunks - 1; chunk >= 0; chunk--, first -= Rows) {
                Fetched fetched;
                fetch(p, fetched, at, border, owner, first, rows);
                __syncthreads();
                prepare(p, shared, at, bias, fetched, rows);
                float h[States];
#pragma unroll
                for (int s = 0; s < States; s++)
                    h[s] = fetched.border[s];
                __syncthreads();
                border -= perState;
                if (chunk > 0)
                    prefetch(p, at, border, first - Rows);
                keepStates(shared, at, a, h, rows);
                reverse(p, shared, at, a, g, gradA, first, rows);
                __syncthreads();
                finish(p, shared, at, bias, skip, gradD, gradBias, first, rows);
                rows = Rows;
            }

            if (p.gradInitial != nullptr && slot.index == 0)
                storeStates(p.gradInitial + sequenceAt, g, owner, at);
        }

        storeStates(p.partialGradA + worker * perState + stateAt, gradA, owner, at);
        if (!p.sliced)
            storeChannelSums(p, shared, at, worker, gradD, gradBias);
    }

private:
    __device__ __forceinline__ static void loadStates(const float* from, float (&v)[States], bool owner, const Place& at)
    {
#pragma unroll
        for (int s = 0; s < States; s++)
            v[s] = from != nullptr && owner && Map::state(s, at.lane) < at.states ? from[Map::state(s, at.lane)] : 0.0f;
    }

    __device__ __forceinline__ static void storeStates(float* to, const float (&v)[States], bool owner, const Place& at)
    {
#pragma unroll
        for (int s = 0; s < States; s++)
            if (owner && Map::state(s, at.lane) < at.states)
                to[Map::state(s, at.lane)] = v[s];
    }

    __device__ __forceinline__ static RowCursor<const T> rowsOf(const ScanParams& p, const void* base, int64_t stride, const Place& at, int64_t first)
    {
        int64_t token = at.slot.token(first + at.rowFirst, p.reverse);
        return RowCursor<const T>(static_cast<const T*>(base), stride, token, at.block.first + at.column, RowStep, p.reverse);
    }

    /// A chunk's rows as this thread's share of them, on their way from memory.
    struct Fetched {
        Raw4<T> dt[Each], x[Each], gradY[Each], z[Each];
        StateRows b, c;
        float border[States];
    };

    __device__ __forceinline__ static void fetch(const ScanParams& p, Fetched& to, const Place& at, const float* border, bool owner, int64_t first, int rows)
    {
        int64_t column = at.block.group * p.stateSize + at.stateFirst;
        RowCursor<const T> bRows = StateRows::cursor(p.b, p.bStride, at.slot, p.reverse, first, column);
        RowCursor<const T> cRows = StateRows::cursor(p.c, p.cStride, at.slot, p.reverse, first, column);
        RowCursor<const T> dtRows = rowsOf(p, p.dt, p.dtStride, at, first), xRows = rowsOf(p, p.x, p.xStride, at, first);
        RowCursor<const T> gradYRows = rowsOf(p, p.gradY, p.gradYStride, at, first), zRows = rowsOf(p, p.z, p.zStride, at, first);
#pragma unroll
        for (int i = 0; i < Each; i++) {
            int valid = at.rowFirst + i * RowStep < rows ? at.width : 0;
            to.dt[i] = load4(dtRows.next(), valid, Aligned);
            to.x[i] = load4(xRows.next(), valid, Aligned);
            to.gradY[i] = load4(gradYRows.next(), valid, Aligned);
            if (p.z != nullptr)
                to.z[i] = load4(zRows.next(), valid, Aligned);
        }
        to.b.load(bRows, rows, at.states);
        to.c.load(cRows, rows, at.states);
        loadStates(border, to.border, owner, at);
    }

    /// Brings the chunk before this one, which comes next, near.
    __device__ __forceinline__ static void prefetch(const ScanParams& p, const Place& at, const float* border, int64_t first)
    {
        const void* const bases[4] = {p.dt, p.x, p.gradY, p.z};
        const int64_t strides[4] = {p.dtStride, p.xStride, p.gradYStride, p.zStride};
        int row = threadIdx.x % Rows;
        int64_t token = at.slot.token(first + row, p.reverse);
#pragma unroll
        for (int i = 0; i < 4; i++)
            if (threadIdx.x / Rows == static_cast<unsigned>(i) % (ScanThreads / Rows) && bases[i] != nullptr)
                prefetchL2(static_cast<const T*>(bases[i]) + token * strides[i] + at.block.first);
        if (at.channel < at.block.valid && at.lane == 0)
            prefetchL2(border);
    }

    /// Steps past the end get delta = gy = 0: they change nothing.
    __device__ __forceinline__ static void prepare(const ScanParams& p, Shared& shared, const Place& at, const float (&bias)[4], const Fetched& from, int rows)
    {
        from.b.store(shared.b);
        from.c.store(shared.c);
#pragma unroll
        for (int i = 0; i < Each; i++) {
            int row = at.rowFirst + i * RowStep;
            bool live = row < rows && at.width > 0;
            float2 in[4];
            float gy[4];
#pragma unroll
            for (int j = 0; j < 4; j++) {
                float delta = live && (Aligned || j < at.width) ? deltaOf<T>(from.dt[i][j], bias[j], p.softplus) : 0.0f;
                in[j] = make_float2(delta, delta * from.x[i][j]);
                gy[j] = p.z != nullptr ? from.gradY[i][j] * from.z[i][j] * sigmoid(from.z[i][j]) : from.gradY[i][j];
            }
            float4* to = reinterpret_cast<float4*>(&shared.inputs[row][at.column]);
            to[0] = make_float4(in[0].x, in[0].y, in[1].x, in[1].y);
            to[1] = make_float4(in[2].x, in[2].y, in[3].x, in[3].y);
            *reinterpret_cast<float4*>(&shared.gy[row][at.column]) = make_float4(gy[0], gy[1], gy[2], gy[3]);
        }
    }

    __device__ __forceinline__ static void keepStates(Shared& shared, const Place& at, const float (&a)[States], float (&h)[States], int rows)
    {
        for (int group = 0; group * Group < rows; group++) {
#pragma unroll
            for (int s = 0; s < States; s++)
                shared.saved[group][s][threadIdx.x] = h[s];
            if ((group + 1) * Group >= rows)
                break;
#pragma unroll
            for (int i = 0; i < Group; i++) {
                int row = group * Group + i;
                float2 in = shared.inputs[row][at.channel];
                float b[States];
                Map::load(shared.b + row * Map::Padded, at.lane, b);
#pragma unroll
                for (int s = 0; s < States; s++)
                    h[s] = exp2Approx(in.x * a[s]) * h[s] + in.y * b[s];
            }
        }
    }

    __device__ __forceinline__ static void reverse(
        const ScanParams& p, Shared& shared, const Place& at, const float (&a)[States], float (&g)[States], float (&gradA)[States], int64_t first, int rows)
    {
        int warp = threadIdx.x / 32;
        int groups = (rows + Group - 1) / Group;
        for (int group = groups - 1; group >= 0; group--) {
            float decay[Group][States], h[Group + 1][States];
            float gradDelta[Group], gradDeltaX[Group], y[Group];
#pragma unroll
            for (int s = 0; s < States; s++)
                h[0][s] = shared.saved[group][s][threadIdx.x];
#pragma unroll
            for (int i = 0; i < Group; i++) {
                int row = group * Group + i;
                float2 in = shared.inputs[row][at.channel];
                float b[States];
                Map::load(shared.b + row * Map::Padded, at.lane, b);
#pragma unroll
                for (int s = 0; s < States; s++) {
                    decay[i][s] = exp2Approx(in.x * a[s]);
                    h[i + 1][s] = decay[i][s] * h[i][s] + in.y * b[s];
                }
            }

#pragma unroll
            for (int i = Group - 1; i >= 0; i--) {
                int row = group * Group + i;
                float2 in = shared.inputs[row][at.channel];
                float gy = shared.gy[row][at.channel], b[States], c[States], projected[2 * States];
                Map::load(shared.b + row * Map::Padded, at.lane, b);
                Map::load(shared.c + row * Map::Padded, at.lane, c);
                gradDelta[i] = gradDeltaX[i] = y[i] = 0;
#pragma unroll
                for (int s = 0; s < States; s++) {
                    g[s] += gy * c[s];
                    projected[s] = g[s] * in.y;
                    projected[States + s] = gy * h[i + 1][s];
                    y[i] += c[s] * h[i + 1][s];
                    gradDeltaX[i] += g[s] * b[s];
                    g[s] *= decay[i][s];
                    float w = g[s] * h[i][s];
                    gradDelta[i] += w * a[s];
                    gradA[s] += w * in.x;
                }
                sumOverChannels(shared.projected[group % Buffers][warp][i], projected, at.lane);
            }

            transposeReduce<Group, Lanes, WarpChannels>(gradDelta, at.lane);
            transposeReduce<Group, Lanes, WarpChannels>(gradDeltaX, at.lane);
            transposeReduce<Group, Lanes, WarpChannels>(y, at.lane);
            __syncwarp();
            constexpr int sums = Group >= Lanes ? Group / Lanes : 1;
            int row = group * Group + at.lane * Group / Lanes;
            if (Group >= Lanes || at.lane % (Group >= Lanes ? 1 : Lanes / Group) == 0) {
#pragma unroll
                for (int k = 0; k < sums; k++) {
                    shared.inputs[row + k][at.channel] = make_float2(gradDelta[k], gradDeltaX[k]);
                    shared.gy[row + k][at.channel] = y[k];
                }
            }

            __syncthreads();
            writeProjected(p, shared, at, group, first, rows);
            if (Buffers == 1)
                __syncthreads();
        }
    }

    /// Sums a step's grad B and grad C over the warp's channels into shared memory [2, Padded].
    __device__ __forceinline__ static void sumOverChannels(float* to, float (&v)[2 * States], int lane)
    {
        int channelLane = threadIdx.x % WarpChannels;
        transposeReduce<2 * States, WarpChannels, 1>(v, channelLane);
        if constexpr (2 * States >= WarpChannels) {
#pragma unroll
            for (int k = 0; k < Reduced; k++)
                to[place(channelLane * Reduced + k, lane)] = v[k];
        } else {
            constexpr int copies = WarpChannels / (2 * States);
            if (channelLane % copies == 0)
                to[place(channelLane / copies, lane)] = v[0];
        }
    }

    /// Where value v of a lane's 2 States (grad B, then grad C) belongs.
    __device__ __forceinline__ static int place(int v, int lane) { return v / States * Map::Padded + Map::state(v % States, lane); }

    /// Adds the warps' sums, in order, into this block's part of grad B and grad C. The other buffer, if there are two, fills meanwhile.
    __device__ __forceinline__ static void writeProjected(const ScanParams& p, const Shared& shared, const Place& at, int group, int64_t first, int rows)
    {
#pragma unroll
        for (int i = 0; i < (Group * Projected + ScanThreads - 1) / ScanThreads; i++) {
            int index = threadIdx.x + i * ScanThreads, step = index / Projected, value = index % Projected, n = value % Map::Padded;
            int row = group * Group + step;
            if (index >= Group * Projected || row >= rows || n >= at.states)
                continue;
            float sum = 0;
#pragma unroll
            for (int w = 0; w < Warps; w++)
                sum += shared.projected[group % Buffers][w][step][value];
            int64_t token = at.slot.token(first + row, p.reverse);
            p.partialGradBC[((at.block.index * p.tokens + token) * 2 + value / Map::Padded) * p.stateSize + at.stateFirst + n] = sum;
        }
    }

    __device__ __forceinline__ static void finish(
        const ScanParams& p, const Shared& shared, const Place& at, const float (&bias)[4], const float (&skip)[4], float (&gradD)[4],
        float (&gradBias)[4], int64_t first, int rows)
    {
        GradientRows<T> places(p, at.slot.token(first + at.rowFirst, p.reverse), at.block.first + at.column);
#pragma unroll
        for (int i = 0; i < Each; i++, places.move(p, p.reverse ? -RowStep : RowStep)) {
            int row = at.rowFirst + i * RowStep;
            if (row >= rows || at.width <= 0)
                continue;
            GradientSums sums;
            for (int j = 0; j < 4; j++) {
                float2 s = shared.inputs[row][at.column + j];
                sums.delta[j] = s.x, sums.deltaX[j] = s.y, sums.y[j] = shared.gy[row][at.column + j];
            }
            if (p.sliced) {
                int64_t token = at.slot.token(first + row, p.reverse);
                float* to = p.partialGradSums + (blockIdx.y * p.tokens + token) * 3 * p.channels + at.block.first + at.column;
                for (int j = 0; j < 4 && j < at.width; j++) {
                    to[j] = sums.delta[j];
                    to[p.channels + j] = sums.deltaX[j];
                    to[2 * p.channels + j] = sums.y[j];
                }
            } else {
                finishGradients<T, Aligned>(p, places, at.width, sums, bias, skip, gradD, gradBias);
            }
        }
    }

    __device__ __forceinline__ static void storeChannelSums(
        const ScanParams& p, Shared& shared, const Place& at, int64_t worker, const float (&gradD)[4], const float (&gradBias)[4])
    {
        float* scratch = &shared.saved[0][0][0];
        __syncthreads();
        for (int j = 0; j < 4; j++) {
            scratch[(at.rowFirst * 2) * Channels + at.column + j] = gradD[j];
            scratch[(at.rowFirst * 2 + 1) * Channels + at.column + j] = gradBias[j];
        }
        __syncthreads();
        if (threadIdx.x < 2 * Channels && static_cast<int>(threadIdx.x % Channels) < at.block.valid) {
            float sum = 0;
            for (int r = 0; r < RowStep; r++)
                sum += scratch[r * 2 * Channels + threadIdx.x];
            p.partialGradChannel[(worker * 2 + threadIdx.x / Channels) * p.channels + at.block.first + threadIdx.x % Channels] = sum;
        }
    }
};

template <class T, int States, int Lanes, int Rows, int Group, bool Aligned>
__global__ void __launch_bounds__(ScanThreads, States > 4 ? 2 : 4) scanBackwardKernel(const ScanParams p)
{
    using Kernel = ScanBackward<T, States, Lanes, Rows, Group, Aligned>;
    Kernel::run(p, *dynamicShared<typename Kernel::Shared>());
}

}

#endif
