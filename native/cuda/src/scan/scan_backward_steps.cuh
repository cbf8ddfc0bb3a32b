// The steps of a chunk in the scan's backward pass: forwards, keeping the state of every Group-th step in shared memory, then backwards
// group by group. The equations stand in scan_backward.cuh.
#ifndef MAMBA_SCAN_BACKWARD_STEPS_CUH
#define MAMBA_SCAN_BACKWARD_STEPS_CUH

#include "scan_backward_place.cuh"
#include "scan_channel_sums.cuh"

namespace mamba {

template <class Layout, int Group, bool Aligned>
struct ScanBackwardSteps {
    static constexpr int States = Layout::States, Lanes = Layout::Lanes, Held = Layout::Held, Rows = Layout::Rows;
    using Sums = ScanChannelSums<Layout, Group>;
    using Place = BackwardPlace<Layout, Sums::Versions>;
    using Map = typename Place::Map;
    using Registers = float[Held][States];
    static constexpr int WarpChannels = Place::WarpChannels, RowFloats = Layout::Padded * Sums::Versions;

    struct Shared {
        alignas(16) float2 inputs[Rows][Layout::Channels];       // delta, delta x; then grad delta, grad (delta x)
        alignas(16) float gy[Rows][Layout::Channels];            // gy; then the sum over states of C h
        alignas(16) float b[Rows * RowFloats];
        alignas(16) float c[Rows * RowFloats];
        alignas(16) float4 saved[Rows / Group][Layout::Threads / 32][Held * States / 4][32];
        alignas(16) float projected[Sums::Floats];
    };

    /// Where the sums over a warp's channels go: over saved states that are not needed any more, or to a place of their own.
    __device__ __forceinline__ static float* projectedOf(Shared& shared)
    {
        return Sums::Overlaid ? reinterpret_cast<float*>(&shared.saved[0][0][0][0]) : shared.projected;
    }

    /// Runs the chunk forwards. As in the forward pass a step's decays are computed one step ahead of their use, its inputs read two ahead.
    __device__ __forceinline__ static void keepStates(Shared& shared, const Place& at, const Registers& a, Registers& h, int rows)
    {
        float2 in[Group][Held];
        float b[2][States], decay[2][Held][States];
        auto begin = [&](int row, const float2 (&from)[Held], float (&toB)[States], float (&to)[Held][States]) {
            Map::load(shared.b + row * RowFloats, at.lane, at.version, toB);
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

    /// Runs it backwards, from g = dL/dh after its last step to that before its first.
    __device__ __forceinline__ static void reverse(
        const ScanParams& p, Shared& shared, const Place& at, const Registers& a, Registers& g, Registers& gradA, int64_t first, int rows)
    {
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
                Map::load(shared.b + row * RowFloats, at.lane, at.version, b);
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
                Map::load(shared.b + row * RowFloats, at.lane, at.version, b);
                Map::load(shared.c + row * RowFloats, at.lane, at.version, c);
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
                Sums::template write<Aligned>(p, projectedOf(shared), at, group, first, rows, at.states);
                __syncthreads();
            }
        }
    }

private:
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
};

}

#endif
