using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class AdamWTests
{
    private static readonly AdamWSettings s_settings = new(1, 0.01f, 0.9f, 0.999f, 1e-8f, 0.1f);

    [Theory]
    [ClassData(typeof(Widths))]
    public void Step_MatchesReference(int bits)
    {
        foreach (int count in new[] { 1, 15, 16, 17, 130, 40_000 })
        {
            TestMatrix p = TestMatrix.Random(1, 1, count), m = TestMatrix.Random(2, 1, count, 0, 0, 0), v = m.Clone();
            double[] rp = p.ToDoubles(), rm = m.ToDoubles(), rv = v.ToDoubles();
            ParameterRange[] decayed = count < 20 ? [new(0, count / 2)] : [new(3, 5), new(8, 0), new(11, count - 13)];
            for (int step = 1; step <= 4; step++)
            {
                AdamWSettings settings = s_settings with { Step = step, GradientScale = step == 3 ? 0.25f : 1f, LearningRate = 0.01f / step };
                TestMatrix g = TestMatrix.Random(10 + step, 1, count);
                Step(bits, settings, p, g, m, v, decayed, Teams.Two);
                AdamWReference.Step(settings, rp, g.ToDoubles(), rm, rv, i => decayed.Any(range => i >= range.Start && i < range.Start + range.Length));
            }

            p.AssertClose(rp, Tolerances.Optimizer);
            m.AssertClose(rm, Tolerances.Optimizer);
            v.AssertClose(rv, Tolerances.Optimizer);
        }
    }

    [Fact]
    public void Step_MovesByTheLearningRateAgainstTheFirstGradient()
    {
        float[] p = [1f, 1f, 1f], m = new float[3], v = new float[3];
        AdamW.Step(s_settings, p, [1e-4f, -50f, 0f], m, v, [], Teams.One);
        Compare.Close(0.99, p[0], 2e-6, "small gradient");
        Compare.Close(1.01, p[1], 2e-7, "large gradient");
        Assert.Equal(1f, p[2]);
    }

    [Fact]
    public void Step_GivesTheSameBitsForAnyNumberOfThreads()
    {
        TestMatrix g = TestMatrix.Random(1, 1, 100_001);
        Teams.AssertSameBits(team =>
        {
            TestMatrix p = TestMatrix.Random(2, 1, 100_001), m = TestMatrix.Random(3, 1, 100_001), v = TestMatrix.Random(4, 1, 100_001, 0, 0, 1);
            Step(SimdWidth.Bits, s_settings with { Step = 9 }, p, g, m, v, [new(7, 50_000)], team);
            return [.. p.ToArray(), .. m.ToArray(), .. v.ToArray()];
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4097)]
    [InlineData(1_000_001)]
    public void GradientNorm_MatchesReference(int count)
    {
        TestMatrix g = TestMatrix.Random(1, 1, count);
        double expected = Math.Sqrt(g.ToDoubles().Sum(value => value * value)), actual = GradientNorm.Compute(g.Span, Teams.Two);
        Compare.CloseScaled(expected, actual, 1e-12, "norm");
        Assert.Equal(actual, GradientNorm.Compute(g.Span, Teams.One));
        Assert.Equal(actual, GradientNorm.Compute(g.Span, Teams.Eight));
    }

    [Fact]
    public void GradientNorm_DoesNotOverflowAndPassesNaNOn()
    {
        var g = new float[10_000];
        Array.Fill(g, 1e30f);
        Compare.Close(1, GradientNorm.Compute(g, Teams.Two) / 1e32, 1e-6, "norm");
        g[9_999] = float.NaN;
        Assert.True(double.IsNaN(GradientNorm.Compute(g, Teams.Two)));
        g[9_999] = float.NegativeInfinity;
        Assert.Equal(double.PositiveInfinity, GradientNorm.Compute(g, Teams.Two));
    }

    [Fact]
    public void Kernels_AllocateNothing()
    {
        float[] p = new float[100_000], g = new float[100_000], m = new float[100_000], v = new float[100_000];
        ParameterRange[] decayed = [new(0, 500)];
        Allocations.AssertNone(() =>
        {
            AdamW.Step(s_settings, p, g, m, v, decayed, Teams.Two);
            GradientNorm.Compute(g, Teams.Two);
        });
    }

    [Fact]
    public void Step_ThrowsForBadArguments()
    {
        void Throws(string message, AdamWSettings settings, int g = 4, int m = 4, int v = 4, ParameterRange[]? decayed = null) => Assert.StartsWith(
            message,
            Assert.ThrowsAny<ArgumentException>(() => AdamW.Step(settings, new float[4], new float[g], new float[m], new float[v], decayed, Teams.One)).Message);
        Throws("gradients must be [parameters=4]; got 3 elements.", s_settings, g: 3);
        Throws("firstMoment must be [parameters=4]; got 5 elements.", s_settings, m: 5);
        Throws("secondMoment must be [parameters=4]; got 0 elements.", s_settings, v: 0);
        Throws("Step must be at least 1; got 0.", s_settings with { Step = 0 });
        Throws("Beta1 must be at least 0 and below 1; got 1.", s_settings with { Beta1 = 1 });
        Throws("Beta2 must be at least 0 and below 1; got -1.", s_settings with { Beta2 = -1 });
        Throws(
            "decayed ranges must rise and lie within the 4 parameters; range 1 is 2 elements from 1, after one that ends at 2.", s_settings,
            decayed: [new(0, 2), new(1, 2)]);
        Throws("decayed ranges must rise and lie within the 4 parameters; range 0 is 3 elements from 2", s_settings, decayed: [new(2, 3)]);
    }

    private static void Step(int bits, in AdamWSettings s, TestMatrix p, TestMatrix g, TestMatrix m, TestMatrix v, ParameterRange[] decayed, CpuParallel team)
    {
        switch (bits)
        {
            case 512: AdamW.Step<Lanes512, Vector512<float>>(s, p.Span, g.Span, m.Span, v.Span, decayed, team); break;
            case 256: AdamW.Step<Lanes256, Vector256<float>>(s, p.Span, g.Span, m.Span, v.Span, decayed, team); break;
            case 128: AdamW.Step<Lanes128, Vector128<float>>(s, p.Span, g.Span, m.Span, v.Span, decayed, team); break;
            default: AdamW.Step<Lanes1, float>(s, p.Span, g.Span, m.Span, v.Span, decayed, team); break;
        }
    }
}
