using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

public sealed class SelectiveScanForwardTests
{
    [Theory]
    [MemberData(nameof(ScanShapes.All), MemberType = typeof(ScanShapes))]
    public void Forward_MatchesReference(int channels, int state, int groups, int[] lengths)
    {
        foreach (bool reverse in new[] { false, true })
        {
            Check(ScanCase.Random(1, lengths, channels, state, groups, initial: true, reverse: reverse, gap: 3));
            Check(ScanCase.Random(2, lengths, channels, state, groups, all: false, reverse: reverse));
        }
    }

    [Theory]
    [MemberData(nameof(ScanShapes.Bits), MemberType = typeof(ScanShapes))]
    public void Forward_MatchesReference_AtEveryLaneWidth(int bits)
    {
        foreach (int channels in new[] { 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 65 })
            Check(ScanCase.Random(channels, [33, 1, 4], channels, 9, initial: true, reverse: channels % 2 == 0), bits);
    }

    [Fact]
    public void Forward_MatchesReference_ForExtremeSteps()
    {
        ScanCase scan = ScanCase.Random(3, [40], 20, 16);
        for (int i = 0; i < scan.Dt.Length; i++)
            scan.Dt[i] = (i % 5) switch { 0 => -90, 1 => -15, 2 => 30, 3 => 200, _ => scan.Dt[i] };
        foreach (int bits in new[] { 512, 256, 128, 32 })
            Check(scan, bits);
    }

    [Fact]
    public void Forward_KeepsSlowStatesOverLongSequences()
    {
        ScanCase scan = ScanCase.Random(4, [4000], 16, 4);
        for (int i = 0; i < scan.A.Length; i++)
            scan.A[i] = -0.5f;
        for (int i = 0; i < scan.Dt.Length; i++)
            scan.Dt[i] = -8;
        Check(scan, tolerance: Tolerances.ScanSlowDecay);
    }

    [Fact]
    public void Forward_PropagatesNaN()
    {
        ScanCase scan = ScanCase.Random(5, [40], 20, 16);
        scan.X[(10 * 20) + 7] = float.NaN;
        float[] y = new float[40 * 20], workspace = new float[SelectiveScan.ForwardWorkspaceSize(40, 1, 20, 16, 1)];
        SelectiveScan.Forward(scan.Arguments, new SelectiveScanOutputs { Y = y }, workspace, ScanRun.OneThread);
        for (int i = 0; i < y.Length; i++)
            Assert.Equal(i % 20 == 7 && i / 20 >= 10, float.IsNaN(y[i]));
    }

    [Fact]
    public void Forward_AddsToYWhenAsked()
    {
        ScanCase scan = ScanCase.Random(6, [33, 1], 21, 5);
        float[] once = ScanRun.Forward(scan).Y, before = KernelRandom.Uniform(new Random(7), once.Length), y = (float[])before.Clone();
        float[] workspace = new float[SelectiveScan.ForwardWorkspaceSize(34, 2, 21, 5, 1)];
        SelectiveScan.Forward(scan.Arguments, new SelectiveScanOutputs { Y = y, AccumulateY = true }, workspace, ScanRun.OneThread);
        for (int i = 0; i < y.Length; i++)
            Assert.Equal(before[i] + once[i], y[i]);
    }

    [Fact]
    public void Forward_DoesNotDependOnWhetherStatesAreWanted()
    {
        ScanCase scan = ScanCase.Random(8, [70, 1, 2], 33, 16, initial: true);
        float[] expected = ScanRun.Forward(scan).Y, y = new float[expected.Length];
        float[] workspace = new float[SelectiveScan.ForwardWorkspaceSize(73, 3, 33, 16, 1)];
        SelectiveScan.Forward(scan.Arguments, new SelectiveScanOutputs { Y = y }, workspace, ScanRun.OneThread);
        Close.Bits(expected, y, "y");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public void Forward_UpdatesTheStateInPlace(int length)
    {
        ScanCase scan = ScanCase.Random(9, [length, length, 0], 33, 16, initial: true);
        ScanRun.Outputs expected = ScanRun.Forward(scan);
        float[] y = new float[expected.Y.Length], workspace = new float[SelectiveScan.ForwardWorkspaceSize(scan.Tokens, 3, 33, 16, 1)];
        SelectiveScan.Forward(scan.Arguments, new SelectiveScanOutputs { Y = y, FinalState = scan.InitialState }, workspace, ScanRun.OneThread);
        Close.Bits(expected.Y, y, "y");
        Close.Bits(expected.FinalState, scan.InitialState, "state");
    }

    [Fact]
    public void Forward_AllocatesNothing()
    {
        ScanCase scan = ScanCase.Random(10, [70, 1], 33, 16);
        float[] y = new float[71 * 33], workspace = new float[SelectiveScan.ForwardWorkspaceSize(71, 2, 33, 16, 1)];
        Allocations.AssertNone(() => SelectiveScan.Forward(scan.Arguments, new SelectiveScanOutputs { Y = y }, workspace, ScanRun.OneThread));
    }

    private static void Check(ScanCase scan, int? bits = null, double tolerance = Tolerances.ScanForward)
    {
        (double[] y, double[] state) = new SelectiveScanReference(scan).Forward();
        ScanRun.Outputs outputs = ScanRun.Forward(scan, bits);
        Close.Tensor(y, outputs.Y, tolerance, "y");
        Close.Tensor(state, outputs.FinalState, tolerance, "final state");
    }
}
