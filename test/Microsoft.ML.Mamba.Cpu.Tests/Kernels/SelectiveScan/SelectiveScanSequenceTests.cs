using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

public sealed class SelectiveScanSequenceTests
{
    [Theory]
    [MemberData(nameof(ScanShapes.Some), MemberType = typeof(ScanShapes))]
    public void PackedSequences_MatchOneByOne(int channels, int state, int groups, int[] lengths)
    {
        foreach (bool reverse in new[] { false, true })
        {
            ScanCase packed = ScanCase.Random(21, lengths, channels, state, groups, initial: true, reverse: reverse);
            float[] gradY = KernelRandom.Uniform(new Random(22), packed.Tokens * channels);
            ScanRun.Outputs outputs = ScanRun.Forward(packed);
            ScanRun.Gradients gradients = ScanRun.Backward(packed, gradY, null);
            int size = channels * state;
            for (int s = 0; s < packed.Sequences; s++)
            {
                int first = packed.Offsets[s], end = packed.Offsets[s + 1];
                Range rows = (first * channels)..(end * channels), projections = (first * groups * state)..(end * groups * state);
                ScanCase one = packed.Slice(first, end, packed.InitialStateOf(s));
                ScanRun.Outputs single = ScanRun.Forward(one);
                Close.Bits(outputs.Y[rows], single.Y, "y");
                Close.Bits(outputs.FinalState[(s * size)..((s + 1) * size)], single.FinalState, "final state");
                if (first == end)
                    continue;
                ScanRun.Gradients singleGradients = ScanRun.Backward(one, gradY[rows], null);
                Close.Bits(gradients.X[rows], singleGradients.X, "gradX");
                Close.Bits(gradients.Dt[rows], singleGradients.Dt, "gradDt");
                Close.Bits(gradients.Z[rows], singleGradients.Z, "gradZ");
                Close.Bits(gradients.B[projections], singleGradients.B, "gradB");
                Close.Bits(gradients.C[projections], singleGradients.C, "gradC");
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(98)]
    public void SplitSequence_MatchesFull(int cut)
    {
        ScanCase full = ScanCase.Random(23, [100], 37, 16, initial: true);
        ScanRun.Outputs expected = ScanRun.Forward(full), first = ScanRun.Forward(full.Slice(0, cut, full.InitialState));
        ScanRun.Outputs second = ScanRun.Forward(full.Slice(cut, 100, first.FinalState));
        Close.Bits(expected.Y, [.. first.Y, .. second.Y], "y");
        Close.Bits(expected.FinalState, second.FinalState, "final state");
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(40, false)]
    [InlineData(79, true)]
    public void SplitSequence_MatchesFull_AlsoInStretchesOfOneToken(int cut, bool reverse)
    {
        ScanCase full = ScanCase.Random(29, [80], 37, 17, initial: true, reverse: reverse);
        full.Stretches = true;
        ScanRun.Outputs expected = ScanRun.Forward(full);
        var y = new float[expected.Y.Length];
        float[] state = full.InitialState;
        int[] borders = cut == 40 ? [.. Enumerable.Range(0, 81)] : [0, cut, 80];
        (int First, int End)[] stretches = [.. borders.Zip(borders.Skip(1))];
        foreach ((int first, int end) in reverse ? stretches.Reverse() : stretches)
        {
            ScanRun.Outputs part = ScanRun.Forward(full.Slice(first, end, state));
            part.Y.CopyTo(y, first * 37);
            state = part.FinalState;
        }

        Close.Bits(expected.Y, y, "y");
        Close.Bits(expected.FinalState, state, "final state");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(256)]
    public void Step_MatchesForward(int state)
    {
        ScanCase full = ScanCase.Random(24, [40], 21, state, initial: true);
        ScanRun.Outputs expected = ScanRun.Forward(full);
        float[] h = full.InitialState;
        var y = new List<float>();
        for (int t = 0; t < 40; t++)
        {
            ScanRun.Outputs step = ScanRun.Forward(full.Slice(t, t + 1, h));
            h = step.FinalState;
            y.AddRange(step.Y);
        }

        Close.Tensor(KernelRandom.Widen(expected.Y), y.ToArray(), Tolerances.OtherOrder, "y");
        Close.Tensor(KernelRandom.Widen(expected.FinalState), h, Tolerances.OtherOrder, "state");
    }

    [Fact]
    public void Reverse_IsForwardOfTheFlippedSequence()
    {
        ScanCase reversed = ScanCase.Random(25, [70], 19, 16, reverse: true), flipped = ScanCase.Random(25, [70], 19, 16);
        flipped.X = Flip(flipped.X, 19);
        flipped.Dt = Flip(flipped.Dt, 19);
        flipped.Z = Flip(flipped.Z, 19);
        flipped.B = Flip(flipped.B, 16);
        flipped.C = Flip(flipped.C, 16);
        float[] gradY = KernelRandom.Uniform(new Random(26), 70 * 19);
        ScanRun.Outputs expected = ScanRun.Forward(flipped), actual = ScanRun.Forward(reversed);
        Close.Bits(Flip(expected.Y, 19), actual.Y, "y");
        Close.Bits(expected.FinalState, actual.FinalState, "final state");
        ScanRun.Gradients wanted = ScanRun.Backward(flipped, Flip(gradY, 19), null), got = ScanRun.Backward(reversed, gradY, null);
        Close.Bits(Flip(wanted.X, 19), got.X, "gradX");
        Close.Bits(Flip(wanted.B, 16), got.B, "gradB");
        Close.Bits(wanted.A, got.A, "gradA");
    }

    [Fact]
    public void Results_DoNotDependOnTheNumberOfThreads()
    {
        ScanCase scan = ScanCase.Random(27, [200, 1, 90, 0, 33, 128, 64], 150, 16, groups: 2, initial: true);
        float[] gradY = KernelRandom.Uniform(new Random(28), scan.Tokens * 150);
        ScanRun.Outputs expected = ScanRun.Forward(scan);
        ScanRun.Gradients wanted = ScanRun.Backward(scan, gradY, null);
        foreach (int threads in new[] { 2, 8 })
        {
            using var parallel = new CpuParallel(threads);
            ScanRun.Outputs outputs = ScanRun.Forward(scan, parallel: parallel);
            ScanRun.Gradients gradients = ScanRun.Backward(scan, gradY, null, parallel: parallel);
            Close.Bits(expected.Y, outputs.Y, "y");
            Close.Bits(expected.FinalState, outputs.FinalState, "final state");
            Close.Bits(wanted.X, gradients.X, "gradX");
            Close.Bits(wanted.Dt, gradients.Dt, "gradDt");
            Close.Bits(wanted.Z, gradients.Z, "gradZ");
            Close.Bits(wanted.B, gradients.B, "gradB");
            Close.Bits(wanted.C, gradients.C, "gradC");
            Close.Bits(wanted.A, gradients.A, "gradA");
            Close.Bits(wanted.D, gradients.D, "gradD");
            Close.Bits(wanted.DtBias, gradients.DtBias, "gradDtBias");
            Close.Bits(wanted.InitialState, gradients.InitialState, "gradInitialState");
        }
    }

    [Fact]
    public void NoTokens_LeaveTheStateAsItIs()
    {
        ScanCase scan = ScanCase.Random(29, [0, 0], 5, 3, all: false, initial: true);
        Close.Bits(scan.InitialState, ScanRun.Forward(scan).FinalState, "final state");
        float[] gradFinal = KernelRandom.Uniform(new Random(30), scan.StateLength);
        Close.Bits(gradFinal, ScanRun.Backward(scan, [], gradFinal).InitialState, "gradInitialState");
    }

    private static float[] Flip(float[] rows, int width) => [.. rows.Chunk(width).Reverse().SelectMany(row => row)];
}
