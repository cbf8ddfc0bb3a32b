using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class CausalConv1d
{
    private static int BackwardWorkspace(in PackedSplit split, int kernelSize)
    {
        return checked(split.Jobs * ConvJobBuffers.Floats(kernelSize));
    }

    private static unsafe void RunBackward(in ConvPlan plan, in ConvGradientPlan gradient, float* workspace, CpuParallel parallel, int bits)
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

    private static unsafe void RunBackward<TLanes, TVector>(in ConvPlan plan, in ConvGradientPlan gradient, float* workspace, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        var job = new ConvBackwardJob<TLanes, TVector>(plan, gradient, workspace);
        parallel.For(plan.Split.Jobs, ref job);
        var reduce = new ConvReduceJob(plan, gradient, workspace);
        parallel.For(plan.Split.Tiles, ref reduce);
    }
}
