namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class SelectiveScan
{
    private static ScanPlan Validate(in SelectiveScanArguments arguments)
    {
        int tokens = PackedChecks.Tokens(arguments.Offsets);
        int channels = arguments.Channels, state = arguments.StateSize, groups = arguments.Groups;
        PackedChecks.Range("Channels", channels, 1, int.MaxValue / MaxStateSize);
        PackedChecks.Range("StateSize", state, 1, MaxStateSize);
        PackedChecks.Range("Groups", groups, 1, channels);
        if (channels % groups != 0)
            throw new ArgumentException($"Groups must divide the {channels} channels; got {groups}.", "Groups");

        int sequences = arguments.Offsets.Length - 1;
        ShapeText perChannel = $"channels={channels}", perGroup = $"groups={groups}, state={state}";
        PackedChecks.OptionalExact("DtBias", arguments.DtBias.Length, channels, perChannel);
        PackedChecks.Exact("A", arguments.A.Length, (long)channels * state, $"channels={channels}, state={state}");
        PackedChecks.OptionalExact("D", arguments.D.Length, channels, perChannel);
        CheckStates("InitialState", arguments.InitialState.Length, sequences, channels, state);
        return new ScanPlan
        {
            Tokens = tokens,
            Sequences = sequences,
            Channels = channels,
            StateSize = state,
            Groups = groups,
            Softplus = arguments.Softplus,
            Reverse = arguments.Reverse,
            Stretches = arguments.Stretches,
            HasD = !arguments.D.IsEmpty,
            HasDtBias = !arguments.DtBias.IsEmpty,
            Split = new PackedSplit(tokens, sequences, channels, groups),
            XStride = PackedChecks.Rows("X", arguments.X.Length, tokens, arguments.XStride, channels, perChannel),
            DtStride = PackedChecks.Rows("Dt", arguments.Dt.Length, tokens, arguments.DtStride, channels, perChannel),
            BStride = PackedChecks.Rows("B", arguments.B.Length, tokens, arguments.BStride, groups * state, perGroup),
            CStride = PackedChecks.Rows("C", arguments.C.Length, tokens, arguments.CStride, groups * state, perGroup),
            ZStride = PackedChecks.OptionalRows("Z", arguments.Z.Length, tokens, arguments.ZStride, channels, perChannel),
        };
    }

    private static ScanOutputPlan Validate(in ScanPlan plan, in SelectiveScanOutputs outputs, ReadOnlySpan<float> workspace)
    {
        CheckStates("FinalState", outputs.FinalState.Length, plan.Sequences, plan.Channels, plan.StateSize);
        if (!outputs.BorderStates.IsEmpty)
            CheckBorders(plan, outputs.BorderStates.Length);
        KernelCheck.Workspace(workspace.Length, ForwardWorkspace(plan.Split, plan.StateSize));
        return new ScanOutputPlan
        {
            AccumulateY = outputs.AccumulateY,
            YStride = PackedChecks.Rows("Y", outputs.Y.Length, plan.Tokens, outputs.YStride, plan.Channels, $"channels={plan.Channels}"),
        };
    }

    private static ScanGradientPlan Validate(in ScanPlan plan, ReadOnlySpan<float> borders, in SelectiveScanGradients gradients, ReadOnlySpan<float> workspace)
    {
        int tokens = plan.Tokens, channels = plan.Channels, state = plan.StateSize, groupWidth = plan.Groups * state;
        ShapeText perChannel = $"channels={channels}", perGroup = $"groups={plan.Groups}, state={state}";
        CheckBorders(plan, borders.Length);
        CheckStates("GradFinalState", gradients.GradFinalState.Length, plan.Sequences, channels, state);
        CheckStates("GradInitialState", gradients.GradInitialState.Length, plan.Sequences, channels, state);
        PackedChecks.Exact("GradA", gradients.GradA.Length, (long)channels * state, $"channels={channels}, state={state}");
        PackedChecks.Exact("GradD", gradients.GradD.Length, plan.HasD ? channels : 0, plan.HasD ? perChannel : (ShapeText)$"0: there is no D");
        PackedChecks.Exact(
            "GradDtBias", gradients.GradDtBias.Length, plan.HasDtBias ? channels : 0,
            plan.HasDtBias ? perChannel : (ShapeText)$"0: there is no DtBias");
        if (plan.ZStride == 0)
            PackedChecks.Exact("GradZ", gradients.GradZ.Length, 0, $"0: there is no Z");
        KernelCheck.Workspace(workspace.Length, BackwardWorkspace(plan.Split, tokens, state));
        return new ScanGradientPlan
        {
            AccumulateX = gradients.AccumulateX,
            AccumulateDt = gradients.AccumulateDt,
            AccumulateB = gradients.AccumulateB,
            AccumulateC = gradients.AccumulateC,
            AccumulateZ = gradients.AccumulateZ,
            GradYStride = PackedChecks.Rows("GradY", gradients.GradY.Length, tokens, gradients.GradYStride, channels, perChannel),
            GradXStride = PackedChecks.Rows("GradX", gradients.GradX.Length, tokens, gradients.GradXStride, channels, perChannel),
            GradDtStride = PackedChecks.Rows("GradDt", gradients.GradDt.Length, tokens, gradients.GradDtStride, channels, perChannel),
            GradBStride = PackedChecks.Rows("GradB", gradients.GradB.Length, tokens, gradients.GradBStride, groupWidth, perGroup),
            GradCStride = PackedChecks.Rows("GradC", gradients.GradC.Length, tokens, gradients.GradCStride, groupWidth, perGroup),
            GradZStride = plan.ZStride == 0 ? 0 : PackedChecks.Rows("GradZ", gradients.GradZ.Length, tokens, gradients.GradZStride, channels, perChannel),
        };
    }

    private static void CheckStates(string name, int length, int sequences, int channels, int state)
    {
        PackedChecks.OptionalExact(name, length, (long)sequences * channels * state, $"sequences={sequences}, channels={channels}, state={state}");
    }

    private static void CheckBorders(in ScanPlan plan, int length)
    {
        int borders = plan.Split.Borders, width = plan.Split.PaddedChannels, state = PackedSplit.PadState(plan.StateSize);
        PackedChecks.Exact("BorderStates", length, (long)borders * width * state, $"borders={borders}, padded channels={width}, padded state={state}");
    }
}
