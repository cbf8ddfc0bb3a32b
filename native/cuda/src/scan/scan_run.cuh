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

/// A grid of a block for each of `pieces` pieces of time, `channels` channels and slice of the states.
inline dim3 gridOf(ScanParams& p, int64_t pieces, int channels, int64_t slices)
{
    p.blocksPerGroup = divideUp(p.channels / p.groups, channels);
    p.channelBlocks = p.blocksPerGroup * p.groups;
    return dim3(static_cast<unsigned>(pieces * p.channelBlocks), static_cast<unsigned>(slices));
}

template <class T, bool Backward, bool Aligned>
mamba_status runCarries(ScanParams p, cudaStream_t stream)
{
    using Kernel = ScanSummary<T, Backward, Aligned>;
    dim3 grid = gridOf(p, p.segments, Kernel::Channels, carrySlices(p.stateSize));
    int shared = static_cast<int>(sizeof(typename Kernel::Shared));
    MAMBA_TRY(checkCuda(launch(scanSummaryKernel<T, Backward, Aligned>, grid, Kernel::Threads, shared, stream, p), "scan summary"));
    if (p.chained)
        return MAMBA_OK;
    dim3 blocks = threadsFor(p.sequences * p.channels * p.stateSize, 128);
    return checkCuda(launch(scanCombineKernel<Backward>, blocks, 128, 0, stream, p), "scan combine");
}

template <class T, class Layout, bool Aligned>
mamba_status forwardOf(ScanParams p, cudaStream_t stream)
{
    p.chained = p.split && p.segments <= MaxChained && ScanForward<T, Layout, Aligned>::Chains;
    if (p.split)
        MAMBA_TRY((runCarries<T, false, Aligned>(p, stream)));
    dim3 grid = gridOf(p, p.segments, Layout::Channels, scanSlices(p.stateSize));
    MAMBA_TRY(checkCuda(launch(scanForwardKernel<T, Layout, Aligned>, grid, Layout::Threads, 0, stream, p), "scan forward"));
    if (!p.sliced || p.tokens == 0)
        return MAMBA_OK;
    int slices = scanSlices(p.stateSize);
    return checkCuda(launch(scanFinishSlicesKernel<T>, threadsFor(p.tokens * p.channels, 256), 256, 0, stream, p, slices), "scan slices");
}

template <class T, bool Aligned, int Parts>
mamba_status runReduction(const ScanParams& p, int64_t values, cudaStream_t stream)
{
    int64_t projections = divideUp(values * Parts, ReduceThreads), parameters = divideUp(p.channels * (p.stateSize + 2), ReduceThreads);
    dim3 blocks(static_cast<unsigned>(projections + parameters));
    auto kernel = scanReduceKernel<T, Aligned, Parts>;
    return checkCuda(launch(kernel, blocks, ReduceThreads, 0, stream, p, projections), "scan reduction of gradients");
}

template <class T, class Layout, bool Aligned>
mamba_status backwardOf(ScanParams p, cudaStream_t stream)
{
    if (p.split)
        MAMBA_TRY((runCarries<T, true, Aligned>(p, stream)));
    constexpr int group = 4;
    using Kernel = ScanBackward<T, Layout, group, Aligned>;
    dim3 grid = gridOf(p, p.workers, Layout::Channels, scanSlices(p.stateSize));
    // Where the device's code keeps inputs it needs the room; where it does not, the room does no harm.
    int shared = static_cast<int>(sizeof(typename Kernel::Shared)) + (p.roomForInputs ? Kernel::KeptBytes : 0);
    MAMBA_TRY(checkCuda(launch(scanBackwardKernel<T, Layout, group, Aligned>, grid, Layout::Threads, shared, stream, p), "scan backward"));
    if (p.sliced) {
        dim3 finish(static_cast<unsigned>(divideUp(p.channels, 64)), static_cast<unsigned>(p.workers));
        int slices = scanSlices(p.stateSize);
        MAMBA_TRY(checkCuda(launch(scanFinishSliceGradientsKernel<T>, finish, 256, 0, stream, p, slices), "scan slice gradients"));
    }
    // Few values are shared among more threads.
    int64_t values = p.tokens * p.groups * 2 * divideUp(p.stateSize, 4);
    return values < 65536 ? runReduction<T, Aligned, 4>(p, values, stream) : runReduction<T, Aligned, 1>(p, values, stream);
}

// Layouts by state size: states a thread, lanes a channel, channels a thread, threads, rows.
template <class T, bool Aligned>
mamba_status scanForwardFor(const ScanParams& p, cudaStream_t stream)
{
    if (p.stateSize <= 8)
        return forwardOf<T, ScanLayout<4, 2, 1, 64, 32>, Aligned>(p, stream);
    if (p.stateSize > 32)
        return forwardOf<T, ScanLayout<8, 8, 2, 64, 16>, Aligned>(p, stream);
    if (p.stateSize > 16)
        return forwardOf<T, ScanLayout<8, 4, 2, 64, 16>, Aligned>(p, stream);
    return p.narrow ? forwardOf<T, ScanLayout<4, 4, 1, 128, 32>, Aligned>(p, stream)
                    : forwardOf<T, ScanLayout<4, 4, 2, 64, 32>, Aligned>(p, stream);
}

template <class T, bool Aligned>
mamba_status scanBackwardFor(const ScanParams& p, cudaStream_t stream)
{
    if (p.stateSize <= 8)
        return backwardOf<T, ScanLayout<4, 2, 1, 128, 32>, Aligned>(p, stream);
    if (p.stateSize > 32)
        return backwardOf<T, ScanLayout<8, 8, 1, 128, 32>, Aligned>(p, stream);
    if (p.stateSize > 16)
        return backwardOf<T, ScanLayout<8, 4, 1, 128, 32>, Aligned>(p, stream);
    return p.narrow ? backwardOf<T, ScanLayout<4, 4, 1, 128, 32>, Aligned>(p, stream)
                    : backwardOf<T, ScanLayout<4, 4, 2, 128, 32>, Aligned>(p, stream);
}

template <class T>
mamba_status runScanForward(const ScanParams& p, cudaStream_t stream)
{
    return p.aligned ? scanForwardFor<T, true>(p, stream) : scanForwardFor<T, false>(p, stream);
}

template <class T>
mamba_status runScanBackward(const ScanParams& p, cudaStream_t stream)
{
    return p.aligned ? scanBackwardFor<T, true>(p, stream) : scanBackwardFor<T, false>(p, stream);
}

}

#endif
