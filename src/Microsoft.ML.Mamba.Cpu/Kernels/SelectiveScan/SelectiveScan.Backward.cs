using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class SelectiveScan
{
    private static int BackwardWorkspace(in PackedSplit split, int tokens, int stateSize) => ScanWorkspace.Floats(split, tokens, stateSize);

    private static unsafe void RunBackward(in ScanPlan plan, in ScanGradientPlan gradient, float* workspace, CpuParallel parallel, int bits)
    {
        switch (bits)
        {
            case 512:
                RunBackward<Lanes512, Vector512<float>>(plan, gradient, workspace, parallel);
                break;
            case 256:
                RunBackward<Lanes256, Vector256<float>>(plan, gradient, workspace, parallel);
                break;
            case 128:
                RunBackward<Lanes128, Vector128<float>>(plan, gradient, workspace, parallel);
                break;
            default:
                RunBackward<Lanes1, float>(plan, gradient, workspace, parallel);
                break;
        }
    }

    private static unsafe void RunBackward<TLanes, TVector>(in ScanPlan plan, in ScanGradientPlan gradient, float* memory, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        var workspace = new ScanWorkspace(memory, plan.Split, plan.Tokens, plan.StateSize);
        var scan = new ScanBackwardJob<TLanes, TVector>(plan, gradient, workspace);
        parallel.For(plan.Split.Jobs, ref scan);
        var reduce = new ScanReduceJob(plan, gradient, workspace, TLanes.Count);
        parallel.For(reduce.Pieces, ref reduce);
    }
}
