using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

public sealed class SelectiveScanBackwardTests
{
    [Theory]
    [MemberData(nameof(ScanShapes.All), MemberType = typeof(ScanShapes))]
    public void Backward_MatchesReference(int channels, int state, int groups, int[] lengths)
    {
        foreach (bool reverse in new[] { false, true })
        {
            Check(ScanCase.Random(11, lengths, channels, state, groups, initial: true, reverse: reverse, gap: 3), withFinal: true);
            Check(ScanCase.Random(12, lengths, channels, state, groups, all: false, reverse: reverse), withFinal: false);
        }
    }

    [Theory]
    [MemberData(nameof(ScanShapes.Bits), MemberType = typeof(ScanShapes))]
    public void Backward_MatchesReference_AtEveryLaneWidth(int bits)
    {
        foreach (int channels in new[] { 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 65 })
            Check(ScanCase.Random(channels, [33, 1, 4], channels, 9, initial: true, reverse: channels % 2 == 0), withFinal: true, bits);
    }

    [Fact]
    public void Reference_MatchesFiniteDifference()
    {
        foreach (bool all in new[] { true, false })
        {
            ScanCase scan = ScanCase.Random(13, [3, 1, 4], 4, 3, groups: 2, all: all, initial: true, reverse: all);
            var reference = new SelectiveScanReference(scan);
            var random = new Random(14);
            double[] gradY = KernelRandom.Widen(KernelRandom.Uniform(random, reference.X.Length));
            double[] gradFinal = KernelRandom.Widen(KernelRandom.Uniform(random, scan.StateLength));
            ScanReferenceGradients gradients = reference.Backward(gradY, gradFinal);
            (double[] Values, double[] Gradients)[] pairs =
            [
                (reference.X, gradients.X), (reference.Dt, gradients.Dt), (reference.B, gradients.B), (reference.C, gradients.C),
                (reference.Z, gradients.Z), (reference.A, gradients.A), (reference.D, gradients.D), (reference.DtBias, gradients.DtBias),
                (reference.InitialState, gradients.InitialState),
            ];
            foreach ((double[] values, double[] expected) in pairs)
            {
                for (int i = 0; i < values.Length; i++)
                {
                    const double Step = 1e-5;
                    double at = values[i];
                    values[i] = at + Step;
                    double up = Loss(reference, gradY, gradFinal);
                    values[i] = at - Step;
                    double down = Loss(reference, gradY, gradFinal);
                    values[i] = at;
                    double difference = Math.Abs(((up - down) / (2 * Step)) - expected[i]);
                    Assert.True(difference <= Tolerances.ReferenceDifference, $"[{i}]: {expected[i]} is {difference} away.");
                }
            }
        }
    }

    [Fact]
    public void Backward_OverwritesOrAddsAsAsked()
    {
        ScanCase scan = ScanCase.Random(15, [40, 3], 20, 5);
        float[] gradY = KernelRandom.Uniform(new Random(16), 43 * 20);
        ScanRun.Gradients once = ScanRun.Backward(scan, gradY, null);
        for (int flags = 0; flags < 32; flags++)
        {
            float[][] to = [Ones(once.X), Ones(once.Dt), Ones(once.B), Ones(once.C), Ones(once.Z), Ones(once.A), Ones(once.D), Ones(once.DtBias)];
            var gradients = new SelectiveScanGradients
            {
                GradY = gradY,
                GradX = to[0],
                AccumulateX = (flags & 1) != 0,
                GradDt = to[1],
                AccumulateDt = (flags & 2) != 0,
                GradB = to[2],
                AccumulateB = (flags & 4) != 0,
                GradC = to[3],
                AccumulateC = (flags & 8) != 0,
                GradZ = to[4],
                AccumulateZ = (flags & 16) != 0,
                GradA = to[5],
                GradD = to[6],
                GradDtBias = to[7],
            };
            float[] workspace = new float[SelectiveScan.BackwardWorkspaceSize(43, 2, 20, 5, 1)];
            SelectiveScan.Backward(scan.Arguments, ScanRun.Forward(scan).BorderStates, gradients, workspace, ScanRun.OneThread);
            float[][] expected = [once.X, once.Dt, once.B, once.C, once.Z, once.A, once.D, once.DtBias];
            for (int tensor = 0; tensor < expected.Length; tensor++)
            {
                bool adds = tensor >= 5 || (flags & (1 << tensor)) != 0;
                for (int i = 0; i < expected[tensor].Length; i++)
                    Assert.Equal(adds ? 1 + expected[tensor][i] : expected[tensor][i], to[tensor][i]);
            }
        }
    }

    [Fact]
    public void Backward_AllocatesNothing()
    {
        ScanCase scan = ScanCase.Random(17, [70, 1], 33, 16, all: false);
        float[] x = new float[71 * 33], dt = new float[71 * 33], b = new float[71 * 16], c = new float[71 * 16], a = new float[33 * 16];
        float[] borders = ScanRun.Forward(scan).BorderStates, workspace = new float[SelectiveScan.BackwardWorkspaceSize(71, 2, 33, 16, 1)];
        Allocations.AssertNone(() =>
        {
            var gradients = new SelectiveScanGradients { GradY = scan.X, GradX = x, GradDt = dt, GradB = b, GradC = c, GradA = a };
            SelectiveScan.Backward(scan.Arguments, borders, gradients, workspace, ScanRun.OneThread);
        });
    }

    private static float[] Ones(float[] like) => [.. Enumerable.Repeat(1f, like.Length)];

    private static double Loss(SelectiveScanReference reference, double[] gradY, double[] gradFinal)
    {
        (double[] y, double[] final) = reference.Forward();
        return y.Zip(gradY, (v, g) => v * g).Sum() + final.Zip(gradFinal, (v, g) => v * g).Sum();
    }

    private static void Check(ScanCase scan, bool withFinal, int? bits = null)
    {
        var random = new Random(18);
        float[] gradY = KernelRandom.Uniform(random, scan.Tokens * scan.Channels);
        float[]? gradFinal = withFinal ? KernelRandom.Uniform(random, scan.StateLength) : null;
        ScanReferenceGradients expected = new SelectiveScanReference(scan)
            .Backward(KernelRandom.Widen(gradY), gradFinal is null ? null : KernelRandom.Widen(gradFinal));
        ScanRun.Gradients actual = ScanRun.Backward(scan, gradY, gradFinal, bits);
        Close.Tensor(expected.X, actual.X, Tolerances.ScanBackward, "gradX");
        Close.Tensor(expected.Dt, actual.Dt, Tolerances.ScanBackward, "gradDt");
        Close.Tensor(expected.B, actual.B, Tolerances.ScanBackward, "gradB");
        Close.Tensor(expected.C, actual.C, Tolerances.ScanBackward, "gradC");
        Close.Tensor(expected.Z, actual.Z, Tolerances.ScanBackward, "gradZ");
        Close.Tensor(expected.A, actual.A, Tolerances.ScanBackward, "gradA");
        Close.Tensor(expected.D, actual.D, Tolerances.ScanBackward, "gradD");
        Close.Tensor(expected.DtBias, actual.DtBias, Tolerances.ScanBackward, "gradDtBias");
        Close.Tensor(expected.InitialState, actual.InitialState, Tolerances.ScanBackward, "gradInitialState");
    }
}
