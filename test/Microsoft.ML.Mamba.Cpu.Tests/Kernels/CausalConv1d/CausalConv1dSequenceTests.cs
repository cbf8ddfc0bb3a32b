using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

public sealed class CausalConv1dSequenceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PackedSequences_MatchOneByOne(bool reverse)
    {
        ConvCase packed = ConvCase.Random(41, [4, 1, 0, 63, 2], 37, 4, initial: true, reverse: reverse);
        float[] gradY = KernelRandom.Uniform(new Random(42), packed.X.Length);
        (float[] y, float[] final) = packed.Forward();
        float[] gradX = packed.Backward(gradY).X;
        for (int s = 0; s < packed.Sequences; s++)
        {
            int first = packed.Offsets[s], end = packed.Offsets[s + 1];
            Range rows = (first * 37)..(end * 37);
            ConvCase one = packed.Slice(first, end, packed.InitialInputsOf(s));
            (float[] singleY, float[] singleFinal) = one.Forward();
            Close.Bits(y[rows], singleY, "y");
            Close.Bits(final[(s * 3 * 37)..((s + 1) * 3 * 37)], singleFinal, "final inputs");
            Close.Bits(gradX[rows], one.Backward(gradY[rows]).X, "gradX");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(19)]
    public void SplitSequence_MatchesFull(int cut)
    {
        ConvCase full = ConvCase.Random(43, [20], 21, 4, initial: true);
        (float[] y, float[] final) = full.Forward();
        (float[] firstY, float[] between) = full.Slice(0, cut, full.InitialInputs).Forward();
        (float[] secondY, float[] end) = full.Slice(cut, 20, between).Forward();
        Close.Bits(y, [.. firstY, .. secondY], "y");
        Close.Bits(final, end, "final inputs");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Forward_UpdatesTheInputsInPlace(int length)
    {
        ConvCase conv = ConvCase.Random(44, [length, 0, length], 21, 4, initial: true);
        (float[] y, float[] final) = conv.Forward();
        float[] workspace = new float[CausalConv1d.ForwardWorkspaceSize(2 * length, 3, 21, 4)], again = new float[y.Length];
        CausalConv1d.Forward(conv.Arguments, new CausalConv1dOutputs { Y = again, FinalInputs = conv.InitialInputs }, workspace, ScanRun.OneThread);
        Close.Bits(y, again, "y");
        Close.Bits(final, conv.InitialInputs, "inputs");
    }

    [Fact]
    public void Reverse_IsForwardOfTheFlippedSequence()
    {
        ConvCase reversed = ConvCase.Random(45, [70], 19, 4, reverse: true), flipped = ConvCase.Random(45, [70], 19, 4);
        flipped.X = Flip(flipped.X);
        float[] gradY = KernelRandom.Uniform(new Random(46), 70 * 19);
        Close.Bits(Flip(flipped.Forward().Y), reversed.Forward().Y, "y");
        Close.Bits(Flip(flipped.Backward(Flip(gradY)).X), reversed.Backward(gradY).X, "gradX");
        Close.Bits(flipped.Backward(Flip(gradY)).Weight, reversed.Backward(gradY).Weight, "gradWeight");
    }

    [Fact]
    public void Results_DoNotDependOnTheNumberOfThreads()
    {
        ConvCase conv = ConvCase.Random(47, [200, 1, 90, 0, 33, 128, 64], 150, 4, initial: true);
        float[] gradY = KernelRandom.Uniform(new Random(48), conv.X.Length);
        (float[] y, float[] final) = conv.Forward();
        (float[] x, float[] weight, float[] bias) = conv.Backward(gradY);
        foreach (int threads in new[] { 2, 8 })
        {
            using var parallel = new CpuParallel(threads);
            (float[] otherY, float[] otherFinal) = conv.Forward(parallel: parallel);
            (float[] otherX, float[] otherWeight, float[] otherBias) = conv.Backward(gradY, parallel: parallel);
            Close.Bits(y, otherY, "y");
            Close.Bits(final, otherFinal, "final inputs");
            Close.Bits(x, otherX, "gradX");
            Close.Bits(weight, otherWeight, "gradWeight");
            Close.Bits(bias, otherBias, "gradBias");
        }
    }

    private static float[] Flip(float[] rows) => [.. rows.Chunk(19).Reverse().SelectMany(row => row)];
}
