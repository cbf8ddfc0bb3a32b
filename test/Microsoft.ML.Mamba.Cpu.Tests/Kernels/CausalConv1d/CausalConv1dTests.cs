using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

public sealed class CausalConv1dTests
{
    /// <summary>Channels, kernel size, lengths.</summary>
    public static TheoryData<int, int, int[]> Shapes => new()
    {
        { 1, 1, [1, 2] },
        { 3, 2, [1, 2, 3] },
        { 15, 3, [4, 0, 5, 2] },
        { 16, 4, [1, 2, 3, 4, 5] },
        { 17, 4, [63, 130] },
        { 40, 5, [4, 3, 31] },
        { 65, 4, [33] },
        { 130, 4, [70, 1, 64, 64] },
        { 5, 64, [1, 63, 64, 65] },
        { 2, 4, [1000] },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ForwardAndBackward_MatchReference(int channels, int kernelSize, int[] lengths)
    {
        foreach (bool reverse in new[] { false, true })
        {
            Check(ConvCase.Random(31, lengths, channels, kernelSize, initial: kernelSize > 1, reverse: reverse, gap: 3));
            Check(ConvCase.Random(32, lengths, channels, kernelSize, all: false, reverse: reverse));
        }
    }

    [Theory]
    [MemberData(nameof(ScanShapes.Bits), MemberType = typeof(ScanShapes))]
    public void ForwardAndBackward_MatchReference_AtEveryLaneWidth(int bits)
    {
        foreach (int channels in new[] { 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 65 })
            Check(ConvCase.Random(channels, [33, 1, 4], channels, 2 + (channels % 4), initial: true, reverse: channels % 2 == 0), bits);
    }

    [Fact]
    public void Reference_MatchesFiniteDifference()
    {
        var reference = new CausalConv1dReference(ConvCase.Random(33, [3, 1, 5], 3, 4, initial: true));
        double[] gradY = KernelRandom.Widen(KernelRandom.Uniform(new Random(34), reference.X.Length));
        (double[] x, double[] weight, double[] bias) = reference.Backward(gradY);
        foreach ((double[] values, double[] expected) in new[] { (reference.X, x), (reference.Weight, weight), (reference.Bias, bias) })
        {
            for (int i = 0; i < values.Length; i++)
            {
                const double Step = 1e-5;
                double at = values[i];
                values[i] = at + Step;
                double up = reference.Forward().Y.Zip(gradY, (y, g) => y * g).Sum();
                values[i] = at - Step;
                double down = reference.Forward().Y.Zip(gradY, (y, g) => y * g).Sum();
                values[i] = at;
                double difference = Math.Abs(((up - down) / (2 * Step)) - expected[i]);
                Assert.True(difference <= Tolerances.ReferenceDifference, $"[{i}]: {expected[i]} is {difference} away.");
            }
        }
    }

    [Theory]
    [InlineData("k4_silu")]
    [InlineData("k4_state")]
    [InlineData("k3_plain")]
    [InlineData("k2_silu_l1")]
    public void ForwardAndBackward_MatchUpstreamGolden(string name)
    {
        using var golden = new GoldenFile("causal_conv1d." + name);
        int batch = golden.Int("b"), length = golden.Int("l"), back = golden.Int("k") - 1;
        var conv = new ConvCase
        {
            Channels = golden.Int("d"),
            KernelSize = golden.Int("k"),
            Offsets = [.. Enumerable.Range(0, batch + 1).Select(i => i * length)],
            Silu = golden.Flag("silu"),
            X = golden.ByToken(golden.Input("x"), batch, length),
            Weight = golden.Input("weight"),
            Bias = golden.Input("bias"),
            InitialInputs = golden.ByToken(golden.Input("x0"), batch, back),
        };
        (float[] y, float[] final) = conv.Forward();
        Close.Tensor(golden.ByToken(golden.Output("out"), batch, length), y, Tolerances.ConvForward, "out");
        Close.Tensor(golden.ByToken(golden.Output("last_inputs"), batch, back), final, Tolerances.ConvForward, "last_inputs");
        (float[] gradX, float[] gradWeight, float[] gradBias) = conv.Backward(golden.ByToken(golden.Input("dout"), batch, length));
        Close.Tensor(golden.ByToken(golden.Output("dx"), batch, length), gradX, Tolerances.ConvBackward, "dx");
        Close.Tensor(golden.Output("dweight"), gradWeight, Tolerances.ConvBackward, "dweight");
        Close.Tensor(golden.Output("dbias"), gradBias, Tolerances.ConvBackward, "dbias");
    }

    [Fact]
    public void Backward_OverwritesOrAddsAsAsked()
    {
        ConvCase conv = ConvCase.Random(35, [40, 3], 20, 4);
        float[] gradY = KernelRandom.Uniform(new Random(36), conv.X.Length), workspace = new float[CausalConv1d.BackwardWorkspaceSize(43, 2, 20, 4)];
        (float[] onceX, float[] onceWeight, float[] onceBias) = conv.Backward(gradY);
        foreach (bool add in new[] { false, true })
        {
            float[] x = [.. Enumerable.Repeat(1f, onceX.Length)], weight = [.. Enumerable.Repeat(1f, onceWeight.Length)], bias = [.. Enumerable.Repeat(1f, 20)];
            var gradients = new CausalConv1dGradients { GradY = gradY, GradX = x, AccumulateX = add, GradWeight = weight, GradBias = bias };
            CausalConv1d.Backward(conv.Arguments, gradients, workspace, ScanRun.OneThread);
            Assert.Equal(onceX.Select(value => add ? 1 + value : value), x);
            Assert.Equal(onceWeight.Select(value => 1 + value), weight);
            Assert.Equal(onceBias.Select(value => 1 + value), bias);
        }
    }

    [Fact]
    public void ForwardAndBackward_AllocateNothing()
    {
        ConvCase conv = ConvCase.Random(37, [40, 3], 20, 4, all: false);
        float[] y = new float[conv.X.Length], weight = new float[80], workspace = new float[CausalConv1d.BackwardWorkspaceSize(43, 2, 20, 4)];
        Allocations.AssertNone(() =>
        {
            CausalConv1d.Forward(conv.Arguments, new CausalConv1dOutputs { Y = y }, workspace, ScanRun.OneThread);
            CausalConv1d.Backward(conv.Arguments, new CausalConv1dGradients { GradY = conv.X, GradX = y, GradWeight = weight }, workspace, ScanRun.OneThread);
        });
    }

    private static void Check(ConvCase conv, int? bits = null)
    {
        var reference = new CausalConv1dReference(conv);
        (double[] y, double[] final) = reference.Forward();
        (float[] actualY, float[] actualFinal) = conv.Forward(bits);
        Close.Tensor(y, actualY, Tolerances.ConvForward, "y");
        Close.Tensor(final, actualFinal, Tolerances.ConvForward, "final inputs");
        float[] gradY = KernelRandom.Uniform(new Random(38), conv.Tokens * conv.Channels);
        (double[] x, double[] weight, double[] bias) = reference.Backward(KernelRandom.Widen(gradY));
        (float[] gradX, float[] gradWeight, float[] gradBias) = conv.Backward(gradY, bits);
        Close.Tensor(x, gradX, Tolerances.ConvBackward, "gradX");
        Close.Tensor(weight, gradWeight, Tolerances.ConvBackward, "gradWeight");
        Close.Tensor(bias, gradBias, Tolerances.ConvBackward, "gradBias");
    }
}
