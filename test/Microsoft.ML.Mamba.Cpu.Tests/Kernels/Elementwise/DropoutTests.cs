using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class DropoutTests
{
    [Theory]
    [ClassData(typeof(Widths))]
    public void Apply_KeepsTheHashedElementsAndRescales(int bits)
    {
        DropoutKey key = DropoutKey.Create(7, 123, 4);
        foreach ((int rows, int channels) in new[] { (1, 1), (3, 15), (64, 16), (65, 17), (2, 130), (0, 4) })
        {
            TestMatrix x = TestMatrix.Random(1, rows, channels, channels + 1, 1, 2), y = TestMatrix.Unwritten(rows, channels, channels + 2);
            Apply(bits, x, y, accumulate: false, 0.25f, key, Teams.Two);
            var expected = new double[x.Count];
            for (int i = 0; i < expected.Length; i++)
                expected[i] = CounterHash.Hash((uint)i, key.KeyAt(0), key.Key1) >= 1u << 30 ? x[i] / 0.75 : 0;
            y.AssertClose(expected, Tolerances.Elementwise);
        }
    }

    [Fact]
    public void Apply_AccumulatesWhereAsked()
    {
        TestMatrix x = TestMatrix.Random(1, 5, 33), plain = TestMatrix.Unwritten(5, 33), sum = TestMatrix.Random(2, 5, 33);
        DropoutKey key = DropoutKey.Create(1, 1, 1);
        double[] expected = sum.ToDoubles();
        Apply(SimdWidth.Bits, x, plain, accumulate: false, 0.5f, key, Teams.One);
        Apply(SimdWidth.Bits, x, sum, accumulate: true, 0.5f, key, Teams.One);
        for (int i = 0; i < expected.Length; i++)
            expected[i] += plain[i];
        sum.AssertClose(expected, Tolerances.Elementwise);
    }

    [Fact]
    public void Apply_OfProbabilityZeroKeepsEveryBit()
    {
        TestMatrix x = TestMatrix.Random(1, 50, 33), y = TestMatrix.Unwritten(50, 33);
        Apply(SimdWidth.Bits, x, y, accumulate: false, 0f, DropoutKey.Create(1, 1, 1), Teams.One);
        Compare.SameBits(x.ToArray(), y.ToArray());
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    [InlineData(0.9f)]
    public void Apply_DropsTheShareAskedForInEveryColumnAndRow(float probability)
    {
        const int rows = 2000, channels = 64;
        bool[] kept = Mask(DropoutKey.Create(3, 5, 2), rows, channels, probability);
        AssertShare(kept.Count(k => k), kept.Length, 1 - probability);
        for (int c = 0; c < channels; c++)
            AssertShare(Enumerable.Range(0, rows).Count(t => kept[t * channels + c]), rows, 1 - probability);
        AssertShare(Enumerable.Range(1, kept.Length - 1).Count(i => kept[i] == kept[i - 1]), kept.Length - 1,
            probability * probability + (1 - probability) * (1 - probability));
    }

    [Theory]
    [InlineData(2, 5, 2)]
    [InlineData(3, 6, 2)]
    [InlineData(3, 5, 3)]
    [InlineData(3, 5 + (1L << 32), 2)]
    [InlineData(-3, 5, 2)]
    public void Masks_OfOtherSeedsStepsAndSitesAreUnrelated(int seed, long step, int site)
    {
        bool[] a = Mask(DropoutKey.Create(3, 5, 2), 1000, 64, 0.5f), b = Mask(DropoutKey.Create(seed, step, site), 1000, 64, 0.5f);
        AssertShare(a.Zip(b).Count(pair => pair.First == pair.Second), a.Length, 0.5);
        AssertShare(a.Skip(1).Zip(b).Count(pair => pair.First == pair.Second), a.Length - 1, 0.5);
    }

    [Fact]
    public void KeyAt_ChangesBeyondTheCounter()
    {
        DropoutKey key = DropoutKey.Create(1, 2, 3);
        Assert.Equal(key.KeyAt(0), key.KeyAt(uint.MaxValue));
        Assert.NotEqual(key.KeyAt(0), key.KeyAt(1L << 32));
        Assert.NotEqual(key.KeyAt(1L << 32), key.KeyAt(2L << 32));
    }

    [Fact]
    public void HideRows_ZeroesWholeRowsAndLeavesTheOthers()
    {
        TestMatrix x = TestMatrix.Random(1, 3000, 5, 7, 1, 2), before = x.Clone();
        Dropout.HideRows(3000, 5, x.Span, 7, 0.2f, DropoutKey.Create(1, 1, 1));
        int hidden = 0;
        for (int t = 0; t < 3000; t++)
        {
            bool isHidden = x[t, 0] == 0;
            hidden += isHidden ? 1 : 0;
            for (int c = 0; c < 5; c++)
                Assert.Equal(isHidden ? 0f : before[t, c], x[t, c]);
        }

        AssertShare(hidden, 3000, 0.2);
        x.AssertNothingElseWritten();
    }

    [Fact]
    public void Apply_GivesTheSameBitsForAnyNumberOfThreads()
    {
        TestMatrix x = TestMatrix.Random(1, 3000, 19);
        Teams.AssertSameBits(team =>
        {
            TestMatrix y = TestMatrix.Unwritten(3000, 19);
            Apply(SimdWidth.Bits, x, y, accumulate: false, 0.3f, DropoutKey.Create(1, 1, 1), team);
            return y.ToArray();
        });
    }

    [Fact]
    public void Kernels_AllocateNothing()
    {
        var x = new float[64_000];
        Allocations.AssertNone(() =>
        {
            Dropout.Apply(1000, 64, x, 64, x, 64, false, 0.5f, DropoutKey.Create(1, 2, 3), Teams.Two);
            Dropout.HideRows(1000, 64, x, 64, 0.5f, DropoutKey.Create(1, 2, 3));
        });
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(-0.1f)]
    [InlineData(float.NaN)]
    public void Kernels_ThrowForProbabilitiesOutOfRange(float probability)
    {
        Assert.Equal("probability", Assert.Throws<ArgumentOutOfRangeException>(() =>
            Dropout.Apply(1, 1, new float[1], 1, new float[1], 1, false, probability, default, Teams.One)).ParamName);
        Assert.Equal("probability", Assert.Throws<ArgumentOutOfRangeException>(() => Dropout.HideRows(1, 1, new float[1], 1, probability, default)).ParamName);
    }

    [Fact]
    public void Kernels_ThrowForShortBuffers()
    {
        Assert.StartsWith("x must be [rows=2, channels=3] with row stride 3 (6 elements); got 5.", Assert.Throws<ArgumentException>(() =>
            Dropout.Apply(2, 3, new float[5], 3, new float[6], 3, false, 0.5f, default, Teams.One)).Message);
        Assert.StartsWith("y must be [rows=2, channels=3] with row stride 3 (6 elements); got 5.", Assert.Throws<ArgumentException>(() =>
            Dropout.Apply(2, 3, new float[6], 3, new float[5], 3, false, 0.5f, default, Teams.One)).Message);
        Assert.StartsWith("x must be [rows=2, channels=3] with row stride 4 (7 elements); got 6.", Assert.Throws<ArgumentException>(() =>
            Dropout.HideRows(2, 3, new float[6], 4, 0.5f, default)).Message);
    }

    /// <summary>Fails unless a count lies within five standard deviations of what independent draws give.</summary>
    private static void AssertShare(int count, int total, double probability) =>
        Compare.Close(total * probability, count, 5 * Math.Sqrt(total * probability * (1 - probability)), "count");

    private static bool[] Mask(DropoutKey key, int rows, int channels, float probability)
    {
        var x = new float[rows * channels];
        Array.Fill(x, 1f);
        Dropout.Apply(rows, channels, x, channels, x, channels, false, probability, key, Teams.Two);
        return Array.ConvertAll(x, value => value != 0);
    }

    private static void Apply(int bits, TestMatrix x, TestMatrix y, bool accumulate, float probability, DropoutKey key, CpuParallel team)
    {
        switch (bits)
        {
            case 512: Dropout.Apply<Lanes512, Vector512<float>>(x.Rows, x.Columns, x.Span, x.Stride, y.Span, y.Stride, accumulate, probability, key, team); break;
            case 256: Dropout.Apply<Lanes256, Vector256<float>>(x.Rows, x.Columns, x.Span, x.Stride, y.Span, y.Stride, accumulate, probability, key, team); break;
            case 128: Dropout.Apply<Lanes128, Vector128<float>>(x.Rows, x.Columns, x.Span, x.Stride, y.Span, y.Stride, accumulate, probability, key, team); break;
            default: Dropout.Apply<Lanes1, float>(x.Rows, x.Columns, x.Span, x.Stride, y.Span, y.Stride, accumulate, probability, key, team); break;
        }
    }
}
