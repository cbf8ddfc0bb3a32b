using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class SelectiveScan
{
    private static int ForwardWorkspace(in PackedSplit split, int stateSize)
    {
        return checked(split.Jobs * ScanForwardJob<Lanes1, float>.WorkspacePerJob(stateSize));
    }

    private static unsafe void RunForward(in ScanPlan plan, in ScanOutputPlan output, float* workspace, CpuParallel parallel, int bits)
    {
        switch (bits)
        {
            case 512:
                RunForward<Lanes512, Vector512<float>>(plan, output, workspace, parallel);
                break;
            case 256:
                RunForward<Lanes256, Vector256<float>>(plan, output, workspace, parallel);
                break;
            case 128:
                RunForward<Lanes128, Vector128<float>>(plan, output, workspace, parallel);
                break;
            default:
                RunForward<Lanes1, float>(plan, output, workspace, parallel);
                break;
        }
    }

    private static unsafe void RunForward<TLanes, TVector>(in ScanPlan plan, in ScanOutputPlan output, float* workspace, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        var job = new ScanForwardJob<TLanes, TVector>(plan, output, workspace);
        parallel.For(plan.Split.Jobs, ref job);
    }
}
