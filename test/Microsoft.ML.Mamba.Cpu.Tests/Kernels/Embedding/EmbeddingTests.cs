using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class EmbeddingTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 63, 15)]
    [InlineData(300, 130, 17)]
    [InlineData(4, 1000, 130)]
    [InlineData(4, 0, 8)]
    public void Forward_CopiesRows(int vocabulary, int count, int channels)
    {
        TestMatrix table = TestMatrix.Random(1, vocabulary, channels), y = TestMatrix.Unwritten(count, channels, channels + 3);
        int[] tokens = Tokens(vocabulary, count);
        Embedding.Forward(channels, tokens, table.Span, y.Span, y.Stride, Teams.Two);
        y.AssertClose([.. tokens.SelectMany(token => Enumerable.Range(0, channels).Select(c => (double)table[token, c]))], 0);
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Backward_MatchesReference(int bits)
    {
        foreach ((int vocabulary, int count, int channels) in new[] { (1, 1, 1), (5, 63, 15), (300, 130, 17), (4, 1000, 130), (4, 0, 8) })
        {
            TestMatrix table = TestMatrix.Random(1, vocabulary, channels), gradY = TestMatrix.Random(2, count, channels, channels + 3);
            int[] tokens = Tokens(vocabulary, count);
            double[] expected = table.ToDoubles();
            for (int i = 0; i < gradY.Count; i++)
                expected[tokens[i / channels] * channels + i % channels] += gradY[i];
            Backward(bits, channels, tokens, gradY, table, Teams.Two);
            table.AssertClose(expected, Tolerances.SummedGradient);
        }
    }

    [Fact]
    public void Backward_GivesTheSameBitsForAnyNumberOfThreads()
    {
        TestMatrix gradY = TestMatrix.Random(1, 3000, 130);
        Teams.AssertSameBits(team =>
        {
            TestMatrix table = TestMatrix.Random(2, 4, 130);
            Backward(SimdWidth.Bits, 130, Tokens(4, 3000), gradY, table, team);
            return table.ToArray();
        });
    }

    [Fact]
    public void ForwardAndBackward_AllocateNothing()
    {
        var (tokens, table, y) = (Tokens(4, 1000), new float[256], new float[64_000]);
        Allocations.AssertNone(() =>
        {
            Embedding.Forward(64, tokens, table, y, 64, Teams.Two);
            Embedding.Backward(64, tokens, y, 64, table, Teams.Two);
        });
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    public void ForwardAndBackward_ThrowForUnknownTokens(int token)
    {
        string message = $"Token 2 must be 0 to 3; got {token}.";
        Assert.StartsWith(message,
            Assert.Throws<ArgumentOutOfRangeException>(() => Embedding.Forward(2, [0, 3, token], new float[8], new float[6], 2, Teams.One))
            .Message);
        Assert.StartsWith(message,
            Assert.Throws<ArgumentOutOfRangeException>(() => Embedding.Backward(2, [0, 3, token], new float[6], 2, new float[8], Teams.One))
            .Message);
    }

    [Fact]
    public void ForwardAndBackward_ThrowForBadBuffers()
    {
        Assert.StartsWith("table must be [vocabulary, channels=2]; got 7 elements.", Assert.Throws<ArgumentException>(() =>
            Embedding.Forward(2, [0], new float[7], new float[2], 2, Teams.One)).Message);
        Assert.StartsWith("y must be [tokens=2, channels=2] with row stride 3 (5 elements); got 4.", Assert.Throws<ArgumentException>(() =>
            Embedding.Forward(2, [0, 0], new float[8], new float[4], 3, Teams.One)).Message);
        Assert.StartsWith("gradY must be [tokens=2, channels=2] with row stride 2 (4 elements); got 3.", Assert.Throws<ArgumentException>(() =>
            Embedding.Backward(2, [0, 0], new float[3], 2, new float[8], Teams.One)).Message);
    }

    private static int[] Tokens(int vocabulary, int count)
    {
        var random = new Random(vocabulary);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }

    private static void Backward(int bits, int channels, int[] tokens, TestMatrix gradY, TestMatrix table, CpuParallel team)
    {
        switch (bits)
        {
            case 512: Embedding.Backward<Lanes512, Vector512<float>>(channels, tokens, gradY.Span, gradY.Stride, table.Span, team); break;
            case 256: Embedding.Backward<Lanes256, Vector256<float>>(channels, tokens, gradY.Span, gradY.Stride, table.Span, team); break;
            case 128: Embedding.Backward<Lanes128, Vector128<float>>(channels, tokens, gradY.Span, gradY.Stride, table.Span, team); break;
            default: Embedding.Backward<Lanes1, float>(channels, tokens, gradY.Span, gradY.Stride, table.Span, team); break;
        }
    }
}
