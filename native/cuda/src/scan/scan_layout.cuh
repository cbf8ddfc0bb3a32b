// How the scan's work lies on threads and in shared memory.
#ifndef MAMBA_SCAN_LAYOUT_CUH
#define MAMBA_SCAN_LAYOUT_CUH

#include "scan_params.cuh"

namespace mamba {

/// A channel's states lie on Lanes threads, States each; a thread holds its states of Held channels, which halves (two) what it reads of
/// B and C for each. Rows steps are worked on between two barriers.
template <int States_, int Lanes_, int Held_, int Threads_, int Rows_>
struct ScanLayout {
    static constexpr int States = States_, Lanes = Lanes_, Held = Held_, Threads = Threads_, Rows = Rows_;
    static constexpr int Padded = States * Lanes;                 // states of a channel, those past the end included
    static constexpr int Channels = Threads / Lanes * Held;       // of a block
    static constexpr int RowVectors = Channels / 4;               // rows of x, dt ... are prepared four channels at a time:
    static constexpr int RowStep = Threads / RowVectors;          // a thread takes every RowStep-th row,
    static constexpr int Each = Rows / RowStep;                   // Each of them
    static_assert(States % 4 == 0 && Held <= Lanes && RowStep <= Rows && RowStep * RowVectors == Threads, "");
};

template <int Threads>
__device__ __forceinline__ void syncBlock()
{
    if constexpr (Threads <= 32)
        __syncwarp();
    else
        __syncthreads();
}

/// Neighbouring lanes hold neighbouring vectors of four states, so that shared reads do not collide. With Versions = 4 a row lies in shared
/// memory four times, version v with state i of a vector at place i ^ v: see exchangeReduce.
template <int States, int Lanes, int Versions = 1>
struct StateMap {
    __device__ __forceinline__ static constexpr int state(int s, int lane) { return s / 4 * (4 * Lanes) + lane * 4 + s % 4; }

    /// This lane's states of a row [States * Lanes / 4][Versions][4] in shared memory.
    __device__ __forceinline__ static void load(const float* row, int lane, int version, float (&v)[States])
    {
#pragma unroll
        for (int q = 0; q < States / 4; q++) {
            float4 f = *reinterpret_cast<const float4*>(row + ((q * Lanes + lane) * Versions + version) * 4);
            v[q * 4] = f.x, v[q * 4 + 1] = f.y, v[q * 4 + 2] = f.z, v[q * 4 + 3] = f.w;
        }
    }
};

/// Puts value i ^ version at place i.
__device__ __forceinline__ void exchangeOrder(float (&v)[4], int version)
{
    bool one = (version & 1) != 0, two = (version & 2) != 0;
    float a[4] = {one ? v[1] : v[0], one ? v[0] : v[1], one ? v[3] : v[2], one ? v[2] : v[3]};
#pragma unroll
    for (int i = 0; i < 4; i++)
        v[i] = two ? a[i ^ 2] : a[i];
}

/// Sums over Count lanes that stand Stride apart, of Count values whose order differs by lane: value k of lane i is number k ^ i. Lane i is
/// left with number i in v[0]. Unlike transposeReduce it selects nothing: what a lane sends and keeps stands at the same place in all.
template <int Count, int Stride, int Size>
__device__ __forceinline__ void exchangeReduce(float (&v)[Size])
{
#pragma unroll
    for (int half = Count / 2; half > 0; half /= 2)
#pragma unroll
        for (int i = 0; i < half; i++)
            v[i] += __shfl_xor_sync(FullWarp, v[i + half], half * Stride);
}

/// Walks the rows of a tensor, `step` elements at a time.
template <class T>
struct RowCursor {
    T* at;
    int64_t step;

    __device__ __forceinline__ RowCursor(T* first, int64_t step) : at(first), step(step) {}

    __device__ __forceinline__ T* next()
    {
        T* row = at;
        at += step;
        return row;
    }
};

/// Stores a thread's vectors of a tile's rows, or adds to what is there. The question is asked once, so that the loads of several rows are
/// on their way together.
template <class T, int Each, int RowStep, int Rows, bool Aligned>
__device__ __forceinline__ void storeRows(RowCursor<T>& to, float (&v)[Each][4], int rowFirst, int width, int rows, bool add)
{
    auto valid = [&](int i) { return rows == Rows || rowFirst + i * RowStep < rows ? width : 0; };
    if (add) {
        T* from = to.at;
#pragma unroll
        for (int i = 0; i < Each; i++, from += to.step) {
            Raw4<T> before = load4(static_cast<const T*>(from), valid(i), Aligned);
#pragma unroll
            for (int j = 0; j < 4; j++)
                v[i][j] += before[j];
        }
    }
#pragma unroll
    for (int i = 0; i < Each; i++)
        store4(to.next(), v[i], valid(i), Aligned);
}

/// Lays a tile's rows of B or C into shared memory [Rows][Padded / 4][Versions][4] as float32; what is not there becomes zero.
template <class T, class Layout, bool Aligned, int Versions = 1>
struct StateTile {
    static constexpr int Rows = Layout::Rows, Padded = Layout::Padded, Threads = Layout::Threads;
    static constexpr int RowVectors = Padded / 4;
    static constexpr int RowStep = Threads / RowVectors < Rows ? Threads / RowVectors : Rows;
    static constexpr int Each = Rows / RowStep;
    static constexpr int Floats = Rows * Padded * Versions;
    Raw4<T> raw[Each];

    __device__ __forceinline__ static int row() { return threadIdx.x / RowVectors; }
    __device__ __forceinline__ static int column() { return threadIdx.x % RowVectors * 4; }

    /// From the row of step `first` on, or (`outward`) down from it; `step` is the signed stride.
    __device__ __forceinline__ static RowCursor<const T> cursor(
        const void* source, int64_t stride, int64_t step, const Slot& slot, bool reverse, int64_t first, int64_t column,
        bool outward = false)
    {
        const T* at = static_cast<const T*>(source) + slot.token(outward ? first - row() : first + row(), reverse) * stride;
        return RowCursor<const T>(at + column + StateTile::column(), (outward ? -step : step) * RowStep);
    }

    __device__ __forceinline__ void load(RowCursor<const T>& from, int rows, int states)
    {
#pragma unroll
        for (int i = 0; i < Each; i++) {
            const T* p = from.next();
            int valid = rows == Rows && states == Padded ? 4 : row() + i * RowStep < rows ? states - column() : 0;
            raw[i] = load4(p, valid, Aligned);
        }
    }

    __device__ __forceinline__ void store(float* tile) const
    {
        if (RowStep * RowVectors != Threads && row() >= RowStep)
            return;
#pragma unroll
        for (int i = 0; i < Each; i++) {
            float4* to = reinterpret_cast<float4*>(tile + ((row() + i * RowStep) * Padded + column()) * Versions);
            if constexpr (Versions == 1) {
                to[0] = make_float4(raw[i][0], raw[i][1], raw[i][2], raw[i][3]);
            } else {
                // Neighbouring threads begin with different versions, which lie in different banks.
                int own = threadIdx.x % Versions;
                float v[4] = {raw[i][0], raw[i][1], raw[i][2], raw[i][3]};
                exchangeOrder(v, own);
#pragma unroll
                for (int k = 0; k < Versions; k++)
                    to[own ^ k] = make_float4(v[k], v[1 ^ k], v[2 ^ k], v[3 ^ k]);
            }
        }
    }
};

}

#endif
