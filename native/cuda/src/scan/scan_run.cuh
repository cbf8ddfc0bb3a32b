// Picks the kernels for a state size and launches the passes in order.
#ifndef MAMBA_SCAN_RUN_CUH
#define MAMBA_SCAN_RUN_CUH

#include "../common/launch.cuh"
#include "scan_backward.cuh"
#include "scan_forward.cuh"
#include "scan_gradients.cuh"
#include "scan_run.h"
#include "scan_summary.cuh"

namespace mamba {

inline dim3 threadsFor(int64_t count, int block) { return dim3(static_cast<unsigned>(divideUp(count, block))); }

template <class T, int States, int Lanes, bool Backward, bool Aligned>
mamba_status runCarries(const ScanParams& p, cudaStream_t stream)
{
    dim3 grid(static_cast<unsigned>(p.segments * p.channelBlocks), static_cast<unsigned>(scanShape(p.stateSize).slices));
    MAMBA_TRY(checkCuda(launch(scanSummaryKernel<T, States, Lanes, Backward, Aligned>, grid, ScanThreads, 0, stream, p), "scan summary"));
    dim3 blocks = threadsFor(p.sequences * p.channels * p.stateSize, 256);
    return checkCuda(launch(scanCombineKernel<Backward>, blocks, 256, 0, stream, p), "scan combine");
}

template <class T, int States, int Lanes, bool Aligned>
mamba_status forwardOf(const ScanParams& p, cudaStream_t stream)
{
    if (p.split)
        MAMBA_TRY((runCarries<T, States, Lanes, false, Aligned>(p, stream)));
    int slices = scanShape(p.stateSize).slices;
    dim3 grid(static_cast<unsigned>(p.segments * p.channelBlocks), static_cast<unsigned>(slices));
    MAMBA_TRY(checkCuda(launch(scanForwardKernel<T, States, Lanes, Aligned>, grid, ScanThreads, 0, stream, p), "scan forward"));
    if (!p.sliced || p.tokens == 0)
        return MAMBA_OK;
    return checkCuda(launch(scanFinishSlicesKernel<T>, threadsFor(p.tokens * p.channels, 256), 256, 0, stream, p, slices), "scan slices");
}

template <class T, int States, int Lanes, int Group, bool Aligned>
mamba_status backwardOf(const ScanParams& p, cudaStream_t stream)
{
    if (p.split)
        MAMBA_TRY((runCarries<T, States, Lanes, true, Aligned>(p, stream)));
    constexpr int rows = static_cast<int>(scanChunk());
    using Kernel = ScanBackward<T, States, Lanes, rows, Group, Aligned>;
    int slices = scanShape(p.stateSize).slices;
    dim3 grid(static_cast<unsigned>(p.workers * p.channelBlocks), static_cast<unsigned>(slices));
    MAMBA_TRY(checkCuda(
        launch(scanBackwardKernel<T, States, Lanes, rows, Group, Aligned>, grid, ScanThreads, sizeof(typename Kernel::Shared), stream, p), "scan backward"));
    if (p.sliced) {
        dim3 finish(static_cast<unsigned>(divideUp(p.channels, 64)), static_cast<unsigned>(p.workers));
        MAMBA_TRY(checkCuda(launch(scanFinishSliceGradientsKernel<T>, finish, 256, 0, stream, p, slices), "scan slice gradients"));
    }
    if (p.tokens > 0) {
        dim3 reduce = threadsFor(p.tokens * p.groups * 2 * divideUp(p.stateSize, 4), 256);
        MAMBA_TRY(checkCuda(launch(scanReduceProjectionsKernel<T, Aligned>, reduce, 256, 0, stream, p), "scan gradients of B and C"));
    }
    dim3 reduce = threadsFor(p.channels * (p.stateSize + 2), 256);
    return checkCuda(launch(scanReduceParametersKernel, reduce, 256, 0, stream, p), "scan gradients of parameters");
}

template <class T>
mamba_status runScanForward(const ScanParams& p, cudaStream_t stream)
{
    if (p.stateSize <= 8)
        return p.aligned ? forwardOf<T, 2, 4, true>(p, stream) : forwardOf<T, 2, 4, false>(p, stream);
    if (p.stateSize <= 16)
        return p.aligned ? forwardOf<T, 4, 4, true>(p, stream) : forwardOf<T, 4, 4, false>(p, stream);
    if (p.stateSize <= 32)
        return p.aligned ? forwardOf<T, 8, 4, true>(p, stream) : forwardOf<T, 8, 4, false>(p, stream);
    return p.aligned ? forwardOf<T, 8, 8, true>(p, stream) : forwardOf<T, 8, 8, false>(p, stream);
}

template <class T>
mamba_status runScanBackward(const ScanParams& p, cudaStream_t stream)
{
    if (p.stateSize <= 8)
        return p.aligned ? backwardOf<T, 2, 4, 8, true>(p, stream) : backwardOf<T, 2, 4, 8, false>(p, stream);
    if (p.stateSize <= 16)
        return p.aligned ? backwardOf<T, 4, 4, 4, true>(p, stream) : backwardOf<T, 4, 4, 4, false>(p, stream);
    if (p.stateSize <= 32)
        return p.aligned ? backwardOf<T, 8, 4, 4, true>(p, stream) : backwardOf<T, 8, 4, 4, false>(p, stream);
    return p.aligned ? backwardOf<T, 8, 8, 4, true>(p, stream) : backwardOf<T, 8, 8, 4, false>(p, stream);
}

}

#endif
