using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class CausalConv1d
{
    private static int ForwardWorkspace(in PackedSplit split, int kernelSize)
    {
        return checked(split.Jobs * ConvForwardJob<Lanes1, float>.WorkspacePerJob(kernelSize));
    }

    private static unsafe void RunForward(in ConvPlan plan, in ConvOutputPlan output, float* workspace, CpuParallel parallel, int bits)
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

    private static unsafe void RunForward<TLanes, TVector>(in ConvPlan plan, in ConvOutputPlan output, float* workspace, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        var job = new ConvForwardJob<TLanes, TVector>(plan, output, workspace);
        parallel.For(plan.Split.Jobs, ref job);
    }
}
