using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class RowProductsTests
{
    [Theory]
    [ClassData(typeof(Widths))]
    public void Compute_MatchesReference(int bits)
    {
        foreach ((int rows, int channels) in new[] { (0, 3), (1, 1), (63, 15), (5, 130), (3000, 17) })
        {
            TestMatrix a = TestMatrix.Random(1, rows, channels, channels + 3), b = TestMatrix.Random(2, rows, channels, channels + 1);
            TestMatrix y = TestMatrix.Unwritten(1, rows);
            Compute(bits, a, b, y, Teams.Two);
            y.AssertClose([.. Enumerable.Range(0, rows).Select(t => Enumerable.Range(0, channels).Sum(c => (double)a[t, c] * b[t, c]))], Tolerances.SummedGradient);
        }
    }

    [Fact]
    public void Compute_GivesARowTheSameBitsAloneAndWithOthers()
    {
        TestMatrix a = TestMatrix.Random(1, 500, 70), b = TestMatrix.Random(2, 500, 70);
        Teams.AssertSameBits(team =>
        {
            TestMatrix y = TestMatrix.Unwritten(1, 500);
            RowProducts.Compute(500, 70, a.Span, 70, b.Span, 70, y.Span, team);
            float[] alone = new float[1];
            RowProducts.Compute(1, 70, a.Span[(123 * 70)..], 70, b.Span[(123 * 70)..], 70, alone, team);
            Compare.SameBits(alone, [y[123]]);
            return y.ToArray();
        });
    }

    [Fact]
    public void Compute_ThrowsForBadBuffers()
    {
        void Throws(string message, int a, int b, int y) => Assert.StartsWith(
            message, Assert.ThrowsAny<ArgumentException>(() => RowProducts.Compute(2, 3, new float[a], 3, new float[b], 3, new float[y], Teams.One)).Message);
        Throws("a must be [rows=2, channels=3] with row stride 3 (6 elements); got 5.", 5, 6, 2);
        Throws("b must be [rows=2, channels=3] with row stride 3 (6 elements); got 5.", 6, 5, 2);
        Throws("y must be [rows=2]; got 3 elements.", 6, 6, 3);
        Assert.StartsWith(
            "channels must be at least 1; got 0.",
            Assert.ThrowsAny<ArgumentException>(() => RowProducts.Compute(2, 0, [], 0, [], 0, new float[2], Teams.One)).Message);
    }

    private static void Compute(int bits, TestMatrix a, TestMatrix b, TestMatrix y, CpuParallel team)
    {
        switch (bits)
        {
            case 512: RowProducts.Compute<Lanes512, Vector512<float>>(a.Rows, a.Columns, a.Span, a.Stride, b.Span, b.Stride, y.Span, team); break;
            case 256: RowProducts.Compute<Lanes256, Vector256<float>>(a.Rows, a.Columns, a.Span, a.Stride, b.Span, b.Stride, y.Span, team); break;
            case 128: RowProducts.Compute<Lanes128, Vector128<float>>(a.Rows, a.Columns, a.Span, a.Stride, b.Span, b.Stride, y.Span, team); break;
            default: RowProducts.Compute<Lanes1, float>(a.Rows, a.Columns, a.Span, a.Stride, b.Span, b.Stride, y.Span, team); break;
        }
    }
}
