// Between the C functions and the kernels of each element type.
#ifndef MAMBA_SCAN_RUN_H
#define MAMBA_SCAN_RUN_H

#include "../common/status.h"
#include "scan_params.cuh"

namespace mamba {

/// States of a lane and lanes of a channel by state size, and what follows from them.
struct ScanShape {
    int channels;     // of a block
    int slices;
};

inline ScanShape scanShape(int64_t stateSize)
{
    return ScanShape{stateSize <= 32 ? 32 : 16, static_cast<int>(divideUp(stateSize, MaxSlice))};
}

template <class T> mamba_status runScanForward(const ScanParams& p, cudaStream_t stream);
template <class T> mamba_status runScanBackward(const ScanParams& p, cudaStream_t stream);

}

#endif
