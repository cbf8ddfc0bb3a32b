// Between the C functions and the kernels of each element type.
#ifndef MAMBA_SCAN_RUN_H
#define MAMBA_SCAN_RUN_H

#include "../common/status.h"
#include "scan_params.cuh"

namespace mamba {

inline int scanSlices(int64_t stateSize) { return static_cast<int>(divideUp(stateSize, MaxSlice)); }

/// Channels of a block of the backward pass, each of which leaves its own sums over channels: must be those of the layouts in scan_run.cuh.
inline int scanBackwardChannels(int64_t stateSize, bool narrow)
{
    return stateSize > 32 ? 16 : stateSize > 16 ? 32 : stateSize <= 8 || !narrow ? 64 : 32;
}

/// Shared memory of a block of the backward pass that is not narrow, rounded up.
constexpr int ScanWideSharedBytes = 74 * 1024;

/// Up to so many segments each chains for itself the carries of those before it: one kernel less.
constexpr int MaxChained = 24;

/// Shared memory of a multiprocessor from which on the backward pass keeps inputs there.
constexpr int ScanKeepingSharedBytes = 200 * 1024;

template <class T> mamba_status runScanForward(const ScanParams& p, cudaStream_t stream);
template <class T> mamba_status runScanBackward(const ScanParams& p, cudaStream_t stream);

}

#endif
