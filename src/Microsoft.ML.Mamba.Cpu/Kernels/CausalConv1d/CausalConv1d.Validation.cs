namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class CausalConv1d
{
    private static ConvPlan Validate(in CausalConv1dArguments arguments)
    {
        int tokens = PackedChecks.Tokens(arguments.Offsets);
        int sequences = arguments.Offsets.Length - 1, channels = arguments.Channels, k = arguments.KernelSize;
        PackedChecks.Range("Channels", channels, 1, int.MaxValue / MaxKernelSize);
        PackedChecks.Range("KernelSize", k, 1, MaxKernelSize);
        PackedChecks.Exact("Weight", arguments.Weight.Length, (long)channels * k, $"channels={channels}, k={k}");
        PackedChecks.OptionalExact("Bias", arguments.Bias.Length, channels, $"channels={channels}");
        CheckInputs("InitialInputs", arguments.InitialInputs.Length, sequences, channels, k);
        return new ConvPlan
        {
            Tokens = tokens,
            Sequences = sequences,
            Channels = channels,
            KernelSize = k,
            Silu = arguments.Silu,
            Reverse = arguments.Reverse,
            HasBias = !arguments.Bias.IsEmpty,
            Split = new PackedSplit(tokens, sequences, channels, 1),
            XStride = PackedChecks.Rows("X", arguments.X.Length, tokens, arguments.XStride, channels, $"channels={channels}"),
        };
    }

    private static ConvOutputPlan Validate(in ConvPlan plan, in CausalConv1dOutputs outputs, ReadOnlySpan<float> workspace)
    {
        CheckInputs("FinalInputs", outputs.FinalInputs.Length, plan.Sequences, plan.Channels, plan.KernelSize);
        KernelCheck.Workspace(workspace.Length, ForwardWorkspace(plan.Split, plan.KernelSize));
        return new ConvOutputPlan
        {
            YStride = PackedChecks.Rows("Y", outputs.Y.Length, plan.Tokens, outputs.YStride, plan.Channels, $"channels={plan.Channels}"),
        };
    }

    private static ConvGradientPlan Validate(in ConvPlan plan, in CausalConv1dGradients gradients, ReadOnlySpan<float> workspace)
    {
        ShapeText perChannel = $"channels={plan.Channels}";
        PackedChecks.Exact("GradWeight", gradients.GradWeight.Length, (long)plan.Channels * plan.KernelSize, $"channels={plan.Channels}, k={plan.KernelSize}");
        PackedChecks.Exact(
            "GradBias", gradients.GradBias.Length, plan.HasBias ? plan.Channels : 0, plan.HasBias ? perChannel : (ShapeText)$"0: there is no Bias");
        KernelCheck.Workspace(workspace.Length, BackwardWorkspace(plan.Split, plan.KernelSize));
        return new ConvGradientPlan
        {
            AccumulateX = gradients.AccumulateX,
            GradYStride = PackedChecks.Rows("GradY", gradients.GradY.Length, plan.Tokens, gradients.GradYStride, plan.Channels, perChannel),
            GradXStride = PackedChecks.Rows("GradX", gradients.GradX.Length, plan.Tokens, gradients.GradXStride, plan.Channels, perChannel),
        };
    }

    private static void CheckInputs(string name, int length, int sequences, int channels, int k)
    {
        PackedChecks.OptionalExact(name, length, (long)sequences * (k - 1) * channels, $"sequences={sequences}, k-1={k - 1}, channels={channels}");
    }
}
