using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class PositionEmbeddingTests
{
    /// <summary>Positions fewer than tokens, as many and more; sequences without tokens; channels of every remainder.</summary>
    private static readonly (int Channels, int Positions, int[] Lengths)[] s_shapes =
    [
        (1, 1, [1]), (15, 63, [63, 0, 1, 62]), (17, 200, [3, 130, 0]), (33, 16, [1000, 5, 17]), (130, 40, [0, 0, 41, 40, 39]),
        (8, 0, [5]), (8, 3, []), (8, 3, [0]),
    ];

    [Theory]
    [ClassData(typeof(Widths))]
    public void Forward_MatchesReference(int bits)
    {
        foreach ((int channels, int positions, int[] lengths) in s_shapes)
        {
            int[] offsets = Offsets(lengths);
            long[] later = [.. lengths.Select((_, s) => s % 3 == 2 ? (1L << 40) + s : 2L * s)];
            foreach (long[] first in new[] { [], later })
            {
                TestMatrix table = TestMatrix.Random(1, positions, channels), y = TestMatrix.Random(2, offsets[^1], channels, channels + 3);
                double[] expected = y.ToDoubles();
                ForEachToken(offsets, (s, t, position) =>
                {
                    position += first.Length > 0 ? first[s] : 0;
                    for (int c = 0; c < channels && position < positions; c++)
                        expected[t * channels + c] += table[(int)position, c];
                });
                Forward(bits, channels, offsets, first, table, y, Teams.Two);
                y.AssertClose(expected, 1e-6);
            }
        }
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Backward_MatchesReference(int bits)
    {
        foreach ((int channels, int positions, int[] lengths) in s_shapes)
        {
            int[] offsets = Offsets(lengths);
            TestMatrix gradTable = TestMatrix.Random(1, positions, channels), gradY = TestMatrix.Random(2, offsets[^1], channels, channels + 3);
            double[] expected = gradTable.ToDoubles();
            ForEachToken(offsets, (_, t, position) =>
            {
                for (int c = 0; c < channels && position < positions; c++)
                    expected[position * channels + c] += gradY[t, c];
            });
            Backward(bits, channels, offsets, gradY, gradTable, Teams.Two);
            gradTable.AssertClose(expected, Tolerances.SummedGradient);
        }
    }

    [Fact]
    public void ForwardAndBackward_GiveTheSameBitsForAnyNumberOfThreads()
    {
        int[] offsets = Offsets([.. Enumerable.Range(0, 60).Select(s => 7 * s % 200)]);
        TestMatrix x = TestMatrix.Random(1, offsets[^1], 130);
        Teams.AssertSameBits(team =>
        {
            TestMatrix table = TestMatrix.Random(2, 150, 130), y = x.Clone();
            Forward(SimdWidth.Bits, 130, offsets, [], table, y, team);
            Backward(SimdWidth.Bits, 130, offsets, x, table, team);
            return [.. y.ToArray(), .. table.ToArray()];
        });
    }

    [Fact]
    public void ForwardAndBackward_AllocateNothing()
    {
        int[] offsets = Offsets([300, 700]);
        var (table, y) = (new float[64 * 500], new float[64_000]);
        Allocations.AssertNone(() =>
        {
            PositionEmbedding.Forward(64, offsets, [3, 9], table, y, 64, Teams.Two);
            PositionEmbedding.Backward(64, offsets, y, 64, table, Teams.Two);
        });
    }

    [Fact]
    public void ForwardAndBackward_ThrowForBadBuffers()
    {
        Throws("table must be [positions, channels=2]; got 7 elements.", () =>
            PositionEmbedding.Forward(2, [0, 1], [], new float[7], new float[2], 2, Teams.One));
        Throws("y must be [tokens=2, channels=2] with row stride 3 (5 elements); got 4.", () =>
            PositionEmbedding.Forward(2, [0, 2], [], new float[8], new float[4], 3, Teams.One));
        Throws("first must be [sequences=1]; got 2 elements.", () =>
            PositionEmbedding.Forward(2, [0, 2], [0, 1], new float[8], new float[4], 2, Teams.One));
        Throws("The first position of sequence 1 must not be negative; got -4.", () =>
            PositionEmbedding.Forward(2, [0, 1, 2], [0, -4], new float[8], new float[4], 2, Teams.One));
        Throws("Offsets must not fall; offset 2 is 1 after 2.", () =>
            PositionEmbedding.Forward(2, [0, 2, 1], [], new float[8], new float[4], 2, Teams.One));
        Throws("channels must be at least 1; got 0.", () =>
            PositionEmbedding.Forward(0, [0, 1], [], new float[8], new float[4], 2, Teams.One));
        Throws("gradTable must be [positions, channels=2]; got 7 elements.", () =>
            PositionEmbedding.Backward(2, [0, 1], new float[2], 2, new float[7], Teams.One));
        Throws("gradY must be [tokens=2, channels=2] with row stride 2 (4 elements); got 3.", () =>
            PositionEmbedding.Backward(2, [0, 2], new float[3], 2, new float[8], Teams.One));
        Throws("Offsets must be [sequences + 1] and start with 0; got first offset 1.", () =>
            PositionEmbedding.Backward(2, [1, 2], new float[4], 2, new float[8], Teams.One));
    }

    private static void Throws(string message, Action call) => Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(call).Message);

    private static int[] Offsets(int[] lengths)
    {
        int[] offsets = new int[lengths.Length + 1];
        for (int s = 0; s < lengths.Length; s++)
            offsets[s + 1] = offsets[s] + lengths[s];
        return offsets;
    }

    private static void ForEachToken(int[] offsets, Action<int, int, long> visit)
    {
        for (int s = 0; s + 1 < offsets.Length; s++)
        {
            for (int t = offsets[s]; t < offsets[s + 1]; t++)
                visit(s, t, t - offsets[s]);
        }
    }

    private static void Forward(int bits, int channels, int[] offsets, long[] first, TestMatrix table, TestMatrix y, CpuParallel team)
    {
        switch (bits)
        {
            case 512: PositionEmbedding.Forward<Lanes512, Vector512<float>>(channels, offsets, first, table.Span, y.Span, y.Stride, team); break;
            case 256: PositionEmbedding.Forward<Lanes256, Vector256<float>>(channels, offsets, first, table.Span, y.Span, y.Stride, team); break;
            case 128: PositionEmbedding.Forward<Lanes128, Vector128<float>>(channels, offsets, first, table.Span, y.Span, y.Stride, team); break;
            default: PositionEmbedding.Forward<Lanes1, float>(channels, offsets, first, table.Span, y.Span, y.Stride, team); break;
        }
    }

    private static void Backward(int bits, int channels, int[] offsets, TestMatrix gradY, TestMatrix gradTable, CpuParallel team)
    {
        switch (bits)
        {
            case 512: PositionEmbedding.Backward<Lanes512, Vector512<float>>(channels, offsets, gradY.Span, gradY.Stride, gradTable.Span, team); break;
            case 256: PositionEmbedding.Backward<Lanes256, Vector256<float>>(channels, offsets, gradY.Span, gradY.Stride, gradTable.Span, team); break;
            case 128: PositionEmbedding.Backward<Lanes128, Vector128<float>>(channels, offsets, gradY.Span, gradY.Stride, gradTable.Span, team); break;
            default: PositionEmbedding.Backward<Lanes1, float>(channels, offsets, gradY.Span, gradY.Stride, gradTable.Span, team); break;
        }
    }
}
