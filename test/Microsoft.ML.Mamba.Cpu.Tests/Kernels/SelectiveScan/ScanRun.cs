using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

/// <summary>Runs the kernel on a case and checks that it writes all of its outputs and nothing else. Results are dense.</summary>
internal static class ScanRun
{
    public static readonly CpuParallel OneThread = new(1);

    public sealed record Outputs(float[] Y, float[] FinalState, float[] BorderStates);

    public sealed record Gradients(
        float[] X, float[] Dt, float[] B, float[] C, float[] Z, float[] A, float[] D, float[] DtBias, float[] InitialState);

    public static Outputs Forward(ScanCase scan, int? bits = null, CpuParallel? parallel = null)
    {
        var y = new Guarded(scan.Tokens * scan.ChannelStride);
        var final = new Guarded(scan.StateLength);
        float[] borders = new float[SelectiveScan.BorderStateSize(scan.Tokens, scan.Channels, scan.State, scan.Groups)];
        var workspace = new Guarded(SelectiveScan.ForwardWorkspaceSize(scan.Tokens, scan.Sequences, scan.Channels, scan.State, scan.Groups));
        var outputs = new SelectiveScanOutputs { Y = y.Span, YStride = scan.ChannelStride, FinalState = final.Span, BorderStates = borders };
        SelectiveScan.Forward(scan.Arguments, outputs, workspace.Span, parallel ?? OneThread, bits ?? SimdWidth.Bits);
        workspace.CheckGuard("workspace");
        return new Outputs(y.Rows("Y", scan.Tokens, scan.ChannelStride, scan.Channels), final.All("FinalState"), borders);
    }

    public static Gradients Backward(ScanCase scan, float[] gradY, float[]? gradFinal, int? bits = null, CpuParallel? parallel = null)
    {
        float[] borders = Forward(scan, bits, parallel).BorderStates;
        int tokens = scan.Tokens, stride = scan.ChannelStride;
        Guarded x = new(tokens * stride), dt = new(tokens * stride), z = new(scan.Z.Length);
        Guarded b = new(tokens * scan.GroupStride), c = new(tokens * scan.GroupStride), initial = new(scan.StateLength);
        Guarded a = new(scan.A.Length), d = new(scan.D.Length), bias = new(scan.DtBias.Length);
        a.Span.Clear();
        d.Span.Clear();
        bias.Span.Clear();
        var workspace = new Guarded(SelectiveScan.BackwardWorkspaceSize(tokens, scan.Sequences, scan.Channels, scan.State, scan.Groups));
        var gradients = new SelectiveScanGradients
        {
            GradY = gradY,
            GradFinalState = gradFinal,
            GradX = x.Span,
            GradXStride = stride,
            GradDt = dt.Span,
            GradDtStride = stride,
            GradB = b.Span,
            GradBStride = scan.GroupStride,
            GradC = c.Span,
            GradCStride = scan.GroupStride,
            GradZ = z.Span,
            GradZStride = stride,
            GradA = a.Span,
            GradD = d.Span,
            GradDtBias = bias.Span,
            GradInitialState = initial.Span,
        };
        SelectiveScan.Backward(scan.Arguments, borders, gradients, workspace.Span, parallel ?? OneThread, bits ?? SimdWidth.Bits);
        workspace.CheckGuard("workspace");
        return new Gradients(
            x.Rows("GradX", tokens, stride, scan.Channels),
            dt.Rows("GradDt", tokens, stride, scan.Channels),
            b.Rows("GradB", tokens, scan.GroupStride, scan.GroupWidth),
            c.Rows("GradC", tokens, scan.GroupStride, scan.GroupWidth),
            scan.Z.Length == 0 ? [] : z.Rows("GradZ", tokens, stride, scan.Channels),
            a.All("GradA"),
            d.All("GradD"),
            bias.All("GradDtBias"),
            initial.All("GradInitialState"));
    }
}
