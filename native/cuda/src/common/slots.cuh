// Pieces of packed sequences. A slot is a piece of at most `length` steps of one sequence. Sequence s owns the slots that begin at
// offsets[s] / length + s; that is always enough, so that no table of pieces has to be built, and some slots stay empty.
#ifndef MAMBA_SLOTS_CUH
#define MAMBA_SLOTS_CUH

#include <cuda_runtime.h>
#include <stdint.h>

namespace mamba {

struct Slot {
    int64_t sequence, begin, length;   // the whole sequence, in tokens
    int64_t index, count;              // this piece among the sequence's
    int64_t first, last;               // steps of this piece; first == last: empty

    /// Token of a step.
    __device__ __forceinline__ int64_t token(int64_t step, bool reverse) const { return reverse ? begin + length - 1 - step : begin + step; }
};

inline int64_t slotCount(int64_t tokens, int64_t sequences, int64_t length) { return tokens / length + sequences; }

__host__ __device__ __forceinline__ int64_t slotBase(int64_t begin, int64_t sequence, int64_t length) { return begin / length + sequence; }

/// The last sequence whose slots begin at or before `slot` (length 1: the last sequence s with offsets[s] + s <= slot).
__device__ __forceinline__ Slot findSlot(const int64_t* offsets, int64_t sequences, int64_t length, int64_t slot)
{
    int64_t low = 0, high = sequences - 1;
    while (low < high) {
        int64_t middle = (low + high + 1) / 2;
        if (slotBase(offsets[middle], middle, length) <= slot)
            low = middle;
        else
            high = middle - 1;
    }

    Slot s;
    s.sequence = low;
    s.begin = offsets[low];
    s.length = offsets[low + 1] - s.begin;
    s.index = slot - slotBase(s.begin, low, length);
    s.count = (s.length + length - 1) / length;
    s.first = s.index * length < s.length ? s.index * length : s.length;
    s.last = s.first + length < s.length ? s.first + length : s.length;
    return s;
}

}

#endif
