using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

/// <summary>Column sums, residual additions and scaling.</summary>
public class SumTests
{
    private static readonly (int Rows, int Channels)[] s_shapes = [(1, 1), (3, 15), (64, 16), (65, 17), (1000, 3), (2, 130), (0, 4)];

    [Theory]
    [ClassData(typeof(Widths))]
    public void ColumnSum_MatchesReference(int bits)
    {
        foreach ((int rows, int channels) in s_shapes)
        {
            TestMatrix x = TestMatrix.Random(1, rows, channels, channels + 2), sum = TestMatrix.Random(2, 1, channels);
            double[] expected = ElementwiseReference.ColumnSum(rows, channels, x.ToDoubles(), sum.ToDoubles());
            RunColumnSum(bits, x, sum, Teams.Two);
            sum.AssertClose(expected, Tolerances.SummedGradient);
        }
    }

    [Fact]
    public void ColumnSum_GivesTheSameBitsForAnyNumberOfThreads()
    {
        TestMatrix x = TestMatrix.Random(1, 9000, 19);
        Teams.AssertSameBits(team =>
        {
            TestMatrix sum = TestMatrix.Random(2, 1, 19);
            RunColumnSum(SimdWidth.Bits, x, sum, team);
            return sum.ToArray();
        });
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void ResidualAdd_AddsRowsOrOneRowToAll(int bits)
    {
        foreach ((int rows, int channels) in s_shapes)
        {
            foreach (bool oneRow in new[] { false, true })
            {
                TestMatrix x = TestMatrix.Random(1, oneRow ? 1 : rows, channels, oneRow ? 0 : channels + 2), y = TestMatrix.Random(2, rows, channels, channels + 1);
                double[] expected = y.ToDoubles();
                for (int i = 0; i < expected.Length; i++)
                    expected[i] += x[oneRow ? 0 : i / channels, i % channels];
                RunResidualAdd(bits, x, oneRow ? 0 : x.Stride, y);
                y.AssertClose(expected, Tolerances.Elementwise);
            }
        }
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void FlatScale_Multiplies(int bits)
    {
        foreach (int count in new[] { 0, 1, 15, 17, 40_000 })
        {
            TestMatrix x = TestMatrix.Random(1, 1, count);
            double[] expected = Array.ConvertAll(x.ToDoubles(), value => value * 0.75);
            switch (bits)
            {
                case 512: FlatScale.Multiply<Lanes512, Vector512<float>>(x.Span, 0.75f, Teams.Two); break;
                case 256: FlatScale.Multiply<Lanes256, Vector256<float>>(x.Span, 0.75f, Teams.Two); break;
                case 128: FlatScale.Multiply<Lanes128, Vector128<float>>(x.Span, 0.75f, Teams.Two); break;
                default: FlatScale.Multiply<Lanes1, float>(x.Span, 0.75f, Teams.Two); break;
            }

            x.AssertClose(expected, Tolerances.Elementwise);
        }
    }

    [Fact]
    public void Kernels_AllocateNothing()
    {
        float[] x = new float[64_000], y = new float[64_000], sum = new float[64], workspace = new float[ColumnSum.WorkspaceSize(1000, 64)];
        Allocations.AssertNone(() =>
        {
            ColumnSum.Accumulate(1000, 64, x, 64, sum, workspace, Teams.Two);
            ResidualAdd.Add(1000, 64, x, 64, y, 64, Teams.Two);
            FlatScale.Multiply(x, 2f, Teams.Two);
        });
    }

    [Fact]
    public void Kernels_ThrowForBadArguments()
    {
        void Throws(string message, Action action) => Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(action).Message);
        Throws(
            "x must be [rows=2, channels=3] with row stride 3 (6 elements); got 5.",
            () => ColumnSum.Accumulate(2, 3, new float[5], 3, new float[3], new float[3], Teams.One));
        Throws("sum must be [channels=3]; got 2 elements.", () => ColumnSum.Accumulate(2, 3, new float[6], 3, new float[2], new float[3], Teams.One));
        Throws("workspace must have at least 3 elements", () => ColumnSum.Accumulate(2, 3, new float[6], 3, new float[3], new float[2], Teams.One));
        Throws("x must be [channels=3]; got 6 elements.", () => ResidualAdd.Add(2, 3, new float[6], 0, new float[6], 3, Teams.One));
        Throws("y must be [rows=2, channels=3] with row stride 3 (6 elements); got 5.", () => ResidualAdd.Add(2, 3, new float[6], 3, new float[5], 3, Teams.One));
        Throws("rows must be at least 0; got -1.", () => ResidualAdd.Add(-1, 3, new float[6], 3, new float[5], 3, Teams.One));
    }

    private static void RunColumnSum(int bits, TestMatrix x, TestMatrix sum, CpuParallel team)
    {
        var workspace = new float[ColumnSum.WorkspaceSize(x.Rows, x.Columns)];
        Array.Fill(workspace, float.NaN);
        switch (bits)
        {
            case 512: ColumnSum.Accumulate<Lanes512, Vector512<float>>(x.Rows, x.Columns, x.Span, x.Stride, sum.Span, workspace, team); break;
            case 256: ColumnSum.Accumulate<Lanes256, Vector256<float>>(x.Rows, x.Columns, x.Span, x.Stride, sum.Span, workspace, team); break;
            case 128: ColumnSum.Accumulate<Lanes128, Vector128<float>>(x.Rows, x.Columns, x.Span, x.Stride, sum.Span, workspace, team); break;
            default: ColumnSum.Accumulate<Lanes1, float>(x.Rows, x.Columns, x.Span, x.Stride, sum.Span, workspace, team); break;
        }
    }

    private static void RunResidualAdd(int bits, TestMatrix x, int strideX, TestMatrix y)
    {
        switch (bits)
        {
            case 512: ResidualAdd.Add<Lanes512, Vector512<float>>(y.Rows, y.Columns, x.Span, strideX, y.Span, y.Stride, Teams.Two); break;
            case 256: ResidualAdd.Add<Lanes256, Vector256<float>>(y.Rows, y.Columns, x.Span, strideX, y.Span, y.Stride, Teams.Two); break;
            case 128: ResidualAdd.Add<Lanes128, Vector128<float>>(y.Rows, y.Columns, x.Span, strideX, y.Span, y.Stride, Teams.Two); break;
            default: ResidualAdd.Add<Lanes1, float>(y.Rows, y.Columns, x.Span, strideX, y.Span, y.Stride, Teams.Two); break;
        }
    }
}
