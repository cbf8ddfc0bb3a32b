// What a segment adds to the carry that passes over it, when sequences are split along time. For the states (forward)
//     h_end = sum over t of exp(A (S_end - S_t)) delta_t x_t B_t,          S the running sum of delta,
// for their gradients (backward), which run the other way,
//     g_begin = sum over t of exp(A (S_t - S_begin)) gy_t C_t,             gy = gradY SiLU(z).
// Both are summed from the carry's end outwards: once every decay that is left is zero in float32, the rest of the segment adds nothing.
#ifndef MAMBA_SCAN_SUMMARY_CUH
#define MAMBA_SCAN_SUMMARY_CUH

#include "scan_params.cuh"

namespace mamba {

template <class T, int States, int Lanes, bool Backward, bool Aligned>
struct ScanSummary {
    using Map = StateMap<States, Lanes>;
    static constexpr int Channels = ScanThreads / Lanes;
    static constexpr int Rows = 32;
    static constexpr int RowVectors = Channels / 4;
    static constexpr int Each = Rows * RowVectors / ScanThreads;
    static constexpr int RowStep = ScanThreads / RowVectors;
    static constexpr float Vanished = -150.0f;   // 2^-150 is zero in float32
    using StateRows = StateTile<T, Rows, Map::Padded, Aligned>;

    struct Shared {
        alignas(16) float2 inputs[Rows][Channels];   // delta, and delta x or gy
        alignas(16) float projections[Rows * Map::Padded];
    };

    __device__ static void run(const ScanParams& p, Shared& shared)
    {
        ChannelBlock block = channelBlock(p, blockIdx.x % p.channelBlocks, Channels);
        int64_t segment = blockIdx.x / p.channelBlocks;
        Slot slot = findSlot(p.offsets, p.sequences, p.segmentLength, segment);
        // Nothing waits for the carry of the last segment in the direction of travel.
        if (slot.first >= slot.last || (Backward ? slot.index == 0 : slot.index + 1 == slot.count))
            return;

        int stateFirst = blockIdx.y * MaxSlice;
        int states = static_cast<int>(p.stateSize - stateFirst < Map::Padded ? p.stateSize - stateFirst : Map::Padded);
        int lane = threadIdx.x % Lanes, channel = threadIdx.x / Lanes;
        bool owner = channel < block.valid;
        int64_t stateAt = (block.first + channel) * p.stateSize + stateFirst;
        float a[States], sum[States] = {}, slowest = -INFINITY;
#pragma unroll
        for (int s = 0; s < States; s++) {
            bool here = owner && Map::state(s, lane) < states;
            a[s] = here ? p.a[stateAt + Map::state(s, lane)] * Log2E : 0.0f;
            slowest = here ? fmaxf(slowest, a[s]) : slowest;
        }

        int column = threadIdx.x % RowVectors * 4, rowFirst = threadIdx.x / RowVectors, width = block.valid - column;
        float bias[4], passed = 0;
        for (int i = 0; i < 4; i++)
            bias[i] = p.dtBias != nullptr && i < width ? p.dtBias[block.first + column + i] : 0.0f;

        // Rows lie outwards: row 0 is the step next to the carry's end.
        constexpr bool outward = !Backward;
        int64_t steps = slot.last - slot.first, end = Backward ? slot.first : slot.last - 1;
        int64_t firstToken = slot.token(Backward ? end + rowFirst : end - rowFirst, p.reverse);
        auto rowsOf = [&](const void* base, int64_t stride) {
            return RowCursor<const T>(static_cast<const T*>(base), stride, firstToken, block.first + column, RowStep, p.reverse != outward);
        };
        RowCursor<const T> dtRows = rowsOf(p.dt, p.dtStride), zRows = rowsOf(p.z, p.zStride);
        RowCursor<const T> inRows = Backward ? rowsOf(p.gradY, p.gradYStride) : rowsOf(p.x, p.xStride);
        RowCursor<const T> projectionRows = StateRows::cursor(Backward ? p.c : p.b, Backward ? p.cStride : p.bStride, slot, p.reverse, end,
            block.group * p.stateSize + stateFirst, outward);
        Raw4<T> dt[Each], in[Each], z[Each];
        StateRows projections;
        auto load = [&](int64_t done) {
            int rows = static_cast<int>(steps - done < Rows ? steps - done : Rows);
#pragma unroll
            for (int i = 0; i < Each; i++) {
                int valid = rowFirst + i * RowStep < rows ? width : 0;
                dt[i] = load4(dtRows.next(), valid, Aligned);
                in[i] = load4(inRows.next(), valid, Aligned);
                if (Backward && p.z != nullptr)
                    z[i] = load4(zRows.next(), valid, Aligned);
            }
            projections.load(projectionRows, rows, states);
        };
        load(0);
        for (int64_t done = 0; done < steps; done += Rows) {
            int rows = static_cast<int>(steps - done < Rows ? steps - done : Rows);
            // Only softplus makes delta non-negative, and with it the decay monotone. Slices share one sum of delta: it must be whole.
            bool vanished = p.softplus && passed * slowest < Vanished;
            if (__syncthreads_and((vanished || slowest == -INFINITY) && !p.sliced ? 1 : 0))
                break;
#pragma unroll
            for (int i = 0; i < Each; i++) {
                bool live = rowFirst + i * RowStep < rows && width > 0;
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    float delta = live && (Aligned || j < width) ? deltaOf<T>(dt[i][j], bias[j], p.softplus) : 0.0f, v = in[i][j];
                    if (!Backward)
                        v *= delta;
                    else if (p.z != nullptr)
                        v *= z[i][j] * sigmoid(z[i][j]);
                    shared.inputs[rowFirst + i * RowStep][column + j] = make_float2(delta, v);
                }
            }
            projections.store(shared.projections);
            __syncthreads();
            if (done + Rows < steps)
                load(done + Rows);

#pragma unroll 4
            for (int row = 0; row < rows; row++) {
                float2 step = shared.inputs[row][channel];
                float projection[States];
                Map::load(shared.projections + row * Map::Padded, lane, projection);
                float before = passed;
                passed += step.x;
#pragma unroll
                for (int s = 0; s < States; s++)
                    sum[s] += exp2Approx((Backward ? passed : before) * a[s]) * (step.y * projection[s]);
            }
        }

        if (!owner)
            return;
        float* to = p.carries + segment * p.channels * p.stateSize + stateAt;
#pragma unroll
        for (int s = 0; s < States; s++)
            if (Map::state(s, lane) < states)
                to[Map::state(s, lane)] = sum[s];
        if (lane == 0 && blockIdx.y == 0)
            p.decays[segment * p.channels + block.first + channel] = passed;
    }
};

template <class T, int States, int Lanes, bool Backward, bool Aligned>
__global__ void __launch_bounds__(ScanThreads, 4) scanSummaryKernel(const ScanParams p)
{
    __shared__ typename ScanSummary<T, States, Lanes, Backward, Aligned>::Shared shared;
    ScanSummary<T, States, Lanes, Backward, Aligned>::run(p, shared);
}

/// Turns what each segment adds into what each segment starts from, in place.
template <bool Backward>
__global__ void scanCombineKernel(const ScanParams p)
{
    int64_t index = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x, perSequence = p.channels * p.stateSize;
    if (index >= p.sequences * perSequence)
        return;
    int64_t sequence = index / perSequence, at = index % perSequence, channel = at / p.stateSize;
    int64_t begin = p.offsets[sequence], length = p.offsets[sequence + 1] - begin;
    int64_t base = slotBase(begin, sequence, p.segmentLength), count = (length + p.segmentLength - 1) / p.segmentLength;
    const float* outer = Backward ? p.gradFinal : p.initialState;
    float carry = outer != nullptr ? outer[index] : 0.0f, a = p.a[at] * Log2E;
    for (int64_t i = 0; i < count; i++) {
        int64_t segment = base + (Backward ? count - 1 - i : i);
        float* slot = p.carries + segment * perSequence + at;
        bool last = i + 1 == count;
        float own = last ? 0.0f : *slot, decay = last ? 0.0f : exp2Approx(a * p.decays[segment * p.channels + channel]);
        *slot = carry;
        carry = decay * carry + own;
    }
}

}

#endif
