// The scan itself: a channel's states lie in the registers of Lanes neighbouring threads, tiles of 32 steps in shared memory.
#ifndef MAMBA_SCAN_FORWARD_CUH
#define MAMBA_SCAN_FORWARD_CUH

#include "scan_params.cuh"

namespace mamba {

template <class T, int States, int Lanes, bool Aligned>
struct ScanForward {
    using Map = StateMap<States, Lanes>;
    static constexpr int Channels = ScanThreads / Lanes;
    static constexpr int Rows = 32;
    static constexpr int RowVectors = Channels / 4;
    static constexpr int Each = Rows * RowVectors / ScanThreads;   // vectors of four channels that a thread prepares
    static constexpr int RowStep = ScanThreads / RowVectors;
    static constexpr int OutputStride = Channels + 8;
    using StateRows = StateTile<T, Rows, Map::Padded, Aligned>;

    struct Shared {
        alignas(16) float2 inputs[Rows][Channels];   // delta, delta x
        alignas(16) float b[Rows * Map::Padded];
        alignas(16) float c[Rows * Map::Padded];
        alignas(16) float y[Rows][OutputStride];
    };

    /// A tile's rows of x, dt and z as this thread's share of them.
    struct Rows4 {
        Raw4<T> x[Each], dt[Each], z[Each];
    };

    __device__ static void run(const ScanParams& p, Shared& shared)
    {
        ChannelBlock block = channelBlock(p, blockIdx.x % p.channelBlocks, Channels);
        Slot slot = findSlot(p.offsets, p.sequences, p.segmentLength, blockIdx.x / p.channelBlocks);
        if (slot.first >= slot.last && !(slot.index == 0 && p.finalState != nullptr))
            return;

        int stateFirst = blockIdx.y * MaxSlice;
        int states = static_cast<int>(p.stateSize - stateFirst < Map::Padded ? p.stateSize - stateFirst : Map::Padded);
        int lane = threadIdx.x % Lanes, channel = threadIdx.x / Lanes;
        bool owner = channel < block.valid;
        float a[States], h[States];
        int64_t stateAt = (block.first + channel) * p.stateSize + stateFirst;
        int64_t sequenceAt = slot.sequence * p.channels * p.stateSize + stateAt;
        int64_t segment = blockIdx.x / p.channelBlocks;
        // Not the initial state itself when there are carries: the sequence's last segment may be overwriting it.
        const float* start = p.split && slot.count > 0 ? p.carries + segment * p.channels * p.stateSize + stateAt
            : p.initialState == nullptr                ? nullptr : p.initialState + sequenceAt;
#pragma unroll
        for (int s = 0; s < States; s++) {
            int n = Map::state(s, lane);
            bool here = owner && n < states;
            a[s] = here ? p.a[stateAt + n] * Log2E : 0.0f;
            h[s] = here && start != nullptr ? start[n] : 0.0f;
        }

        int column = threadIdx.x % RowVectors * 4, rowFirst = threadIdx.x / RowVectors, width = block.valid - column;
        float bias[4], skip[4];
#pragma unroll
        for (int i = 0; i < 4; i++) {
            bias[i] = p.dtBias != nullptr && i < width ? p.dtBias[block.first + column + i] : 0.0f;
            skip[i] = p.d != nullptr && i < width ? p.d[block.first + column + i] : 0.0f;
        }

        int64_t firstToken = slot.token(slot.first + rowFirst, p.reverse);
        auto rowsOf = [&](const void* base, int64_t stride) {
            return RowCursor<const T>(static_cast<const T*>(base), stride, firstToken, block.first + column, RowStep, p.reverse);
        };
        RowCursor<const T> xRows = rowsOf(p.x, p.xStride), dtRows = rowsOf(p.dt, p.dtStride), zRows = rowsOf(p.z, p.zStride);
        RowCursor<T> yRows(static_cast<T*>(p.y), p.yStride, firstToken, block.first + column, RowStep, p.reverse);
        int64_t stateColumn = block.group * p.stateSize + stateFirst;
        RowCursor<const T> bRows = StateRows::cursor(p.b, p.bStride, slot, p.reverse, slot.first, stateColumn);
        RowCursor<const T> cRows = StateRows::cursor(p.c, p.cStride, slot, p.reverse, slot.first, stateColumn);
        Rows4 current, next;
        StateRows b, c;
        bool gated = p.z != nullptr && !p.sliced;
        auto load = [&](int64_t first) {
            int rows = static_cast<int>(slot.last - first < Rows ? slot.last - first : Rows);
#pragma unroll
            for (int i = 0; i < Each; i++) {
                int valid = rowFirst + i * RowStep < rows ? width : 0;
                next.x[i] = load4(xRows.next(), valid, Aligned);
                next.dt[i] = load4(dtRows.next(), valid, Aligned);
                if (gated)
                    next.z[i] = load4(zRows.next(), valid, Aligned);
            }
            b.load(bRows, rows, states);
            c.load(cRows, rows, states);
        };
        load(slot.first);
        for (int64_t first = slot.first; first < slot.last; first += Rows) {
            int rows = static_cast<int>(slot.last - first < Rows ? slot.last - first : Rows);
            current = next;
            prepare(p, shared, current, bias, rowFirst, column, rows, width);
            b.store(shared.b);
            c.store(shared.c);
            __syncthreads();
            if (first + Rows < slot.last)
                load(first + Rows);

            if (p.borders != nullptr && first % scanChunk() == 0) {
                int64_t border = slotBase(slot.begin, slot.sequence, scanChunk()) + first / scanChunk();
                storeStates(p.borders + border * p.channels * p.stateSize + stateAt, h, owner, states, lane);
            }

#pragma unroll 1
            for (int row = 0; row < rows; row += Lanes) {
                float y[Lanes];
#pragma unroll
                for (int i = 0; i < Lanes; i++)
                    y[i] = step(shared, row + i, channel, lane, a, h);
                transposeReduce<Lanes, Lanes, 1>(y, lane);
                shared.y[row + lane][channel] = y[0];
            }

            __syncthreads();
            finish(p, shared, slot, block, current, skip, yRows, first, rowFirst, column, rows, width);
        }

        if (p.finalState != nullptr && slot.last == slot.length && slot.index + 1 >= slot.count)
            storeStates(p.finalState + sequenceAt, h, owner, states, lane);
    }

private:
    __device__ __forceinline__ static float step(
        const Shared& shared, int row, int channel, int lane, const float (&a)[States], float (&h)[States])
    {
        float2 in = shared.inputs[row][channel];
        float b[States], c[States], y = 0;
        Map::load(shared.b + row * Map::Padded, lane, b);
        Map::load(shared.c + row * Map::Padded, lane, c);
#pragma unroll
        for (int s = 0; s < States; s++) {
            h[s] = exp2Approx(in.x * a[s]) * h[s] + in.y * b[s];
            y += c[s] * h[s];
        }
        return y;
    }

    /// Steps past the end get delta = 0: they leave the state as it is.
    __device__ __forceinline__ static void prepare(
        const ScanParams& p, Shared& shared, const Rows4& from, const float (&bias)[4], int rowFirst, int column, int rows, int width)
    {
#pragma unroll
        for (int i = 0; i < Each; i++) {
            int row = rowFirst + i * RowStep;
            bool live = row < rows && width > 0;
            float2 in[4];
#pragma unroll
            for (int j = 0; j < 4; j++) {
                float delta = live && (Aligned || j < width) ? deltaOf<T>(from.dt[i][j], bias[j], p.softplus) : 0.0f;
                in[j] = make_float2(delta, delta * from.x[i][j]);
            }
            float4* to = reinterpret_cast<float4*>(&shared.inputs[row][column]);
            to[0] = make_float4(in[0].x, in[0].y, in[1].x, in[1].y);
            to[1] = make_float4(in[2].x, in[2].y, in[3].x, in[3].y);
        }
    }

    __device__ __forceinline__ static void finish(
        const ScanParams& p, const Shared& shared, const Slot& slot, const ChannelBlock& block, const Rows4& from, const float (&skip)[4],
        RowCursor<T>& yRows, int64_t first, int rowFirst, int column, int rows, int width)
    {
#pragma unroll
        for (int i = 0; i < Each; i++) {
            int row = rowFirst + i * RowStep;
            T* to = yRows.next();
            if (row >= rows)
                continue;
            float4 sum = *reinterpret_cast<const float4*>(&shared.y[row][column]);
            float y[4] = {sum.x, sum.y, sum.z, sum.w};
            if (p.sliced) {
                int64_t token = slot.token(first + row, p.reverse), at = block.first + column;
                for (int j = 0; j < 4 && j < width; j++)
                    p.partialY[(blockIdx.y * p.tokens + token) * p.channels + at + j] = y[j];
                continue;
            }

#pragma unroll
            for (int j = 0; j < 4; j++) {
                y[j] += skip[j] * from.x[i][j];
                if (p.z != nullptr)
                    y[j] *= from.z[i][j] * sigmoid(from.z[i][j]);
            }
            if (p.accumulateY) {
                Raw4<T> before = load4(static_cast<const T*>(to), width, Aligned);
                for (int j = 0; j < 4; j++)
                    y[j] += before[j];
            }
            store4(to, y, width, Aligned);
        }
    }

    __device__ __forceinline__ static void storeStates(float* to, const float (&h)[States], bool owner, int states, int lane)
    {
#pragma unroll
        for (int s = 0; s < States; s++)
            if (owner && Map::state(s, lane) < states)
                to[Map::state(s, lane)] = h[s];
    }
};

template <class T, int States, int Lanes, bool Aligned>
__global__ void __launch_bounds__(ScanThreads, 4) scanForwardKernel(const ScanParams p)
{
    __shared__ typename ScanForward<T, States, Lanes, Aligned>::Shared shared;
    ScanForward<T, States, Lanes, Aligned>::run(p, shared);
}

}

#endif
