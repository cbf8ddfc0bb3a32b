using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class GateTests
{
    private static readonly (int Rows, int Channels)[] s_shapes = [(1, 1), (3, 15), (2, 16), (5, 17), (63, 3), (2, 130), (0, 4)];

    [Theory]
    [ClassData(typeof(Widths))]
    public void Forward_MatchesReference(int bits)
    {
        foreach ((int rows, int channels) in s_shapes)
        {
            TestMatrix y = TestMatrix.Random(1, rows, channels, channels + 1, -2, 2), z = TestMatrix.Random(2, rows, channels, 2 * channels, -6, 6);
            TestMatrix output = TestMatrix.Unwritten(rows, channels, channels + 3);
            Forward(bits, y, z, output, Teams.Two);
            output.AssertClose(ElementwiseReference.Gate(y.ToDoubles(), z.ToDoubles()), 12 * Tolerances.Elementwise);
        }
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Backward_MatchesFiniteDifference(int bits)
    {
        foreach ((int rows, int channels) in s_shapes.Where(shape => shape.Channels < 100))
        {
            TestMatrix y = TestMatrix.Random(1, rows, channels, channels + 1, -2, 2), z = TestMatrix.Random(2, rows, channels, 2 * channels, -6, 6);
            TestMatrix gradient = TestMatrix.Random(3, rows, channels, channels + 2);
            TestMatrix gradY = TestMatrix.Unwritten(rows, channels, channels + 3), gradZ = TestMatrix.Unwritten(rows, channels, channels + 4);
            Backward(bits, y, z, gradient, gradY, gradZ, Teams.Two);
            double[] ys = y.ToDoubles(), zs = z.ToDoubles(), gs = gradient.ToDoubles();
            double Loss() => ElementwiseReference.Gate(ys, zs).Zip(gs, (a, b) => a * b).Sum();
            Compare.IsGradient(Loss, ys, gradY.ToArray(), "gradY");
            Compare.IsGradient(Loss, zs, gradZ.ToArray(), "gradZ");
            gradY.AssertNothingElseWritten();
            gradZ.AssertNothingElseWritten();
        }
    }

    [Fact]
    public void ForwardAndBackward_MayOverwriteTheirInputs()
    {
        TestMatrix y = TestMatrix.Random(1, 3, 37), z = TestMatrix.Random(2, 3, 37), gradient = TestMatrix.Random(3, 3, 37);
        TestMatrix output = TestMatrix.Unwritten(3, 37), gradY = TestMatrix.Unwritten(3, 37), gradZ = TestMatrix.Unwritten(3, 37), y2 = y.Clone();
        Forward(SimdWidth.Bits, y, z, output, Teams.One);
        Forward(SimdWidth.Bits, y2, z, y2, Teams.One);
        Compare.SameBits(output.Span, y2.Span);
        Backward(SimdWidth.Bits, y, z, gradient, gradY, gradZ, Teams.One);
        Backward(SimdWidth.Bits, y, z, gradient, gradient, z, Teams.One);
        Compare.SameBits(gradY.Span, gradient.Span);
        Compare.SameBits(gradZ.Span, z.Span);
    }

    [Fact]
    public void ForwardAndBackward_AllocateNothing()
    {
        float[] y = new float[64_000], z = new float[64_000], a = new float[64_000], b = new float[64_000];
        Allocations.AssertNone(() =>
        {
            Gate.Forward(1000, 64, y, 64, z, 64, a, 64, Teams.Two);
            Gate.Backward(1000, 64, y, 64, z, 64, y, 64, a, 64, b, 64, Teams.Two);
        });
    }

    [Fact]
    public void ForwardAndBackward_GiveTheSameBitsForAnyNumberOfThreads()
    {
        TestMatrix y = TestMatrix.Random(1, 3000, 19), z = TestMatrix.Random(2, 3000, 19);
        Teams.AssertSameBits(team =>
        {
            TestMatrix output = TestMatrix.Unwritten(3000, 19), gradY = TestMatrix.Unwritten(3000, 19), gradZ = TestMatrix.Unwritten(3000, 19);
            Forward(SimdWidth.Bits, y, z, output, team);
            Backward(SimdWidth.Bits, y, z, y, gradY, gradZ, team);
            return [.. output.ToArray(), .. gradY.ToArray(), .. gradZ.ToArray()];
        });
    }

    [Theory]
    [InlineData("y")]
    [InlineData("z")]
    [InlineData("output")]
    [InlineData("gradOutput")]
    [InlineData("gradY")]
    [InlineData("gradZ")]
    public void ForwardAndBackward_ThrowForShortBuffers(string name)
    {
        float[] Buffer(string which) => new float[which == name ? 5 : 6];
        var exception = Assert.Throws<ArgumentException>(() =>
        {
            Gate.Forward(2, 3, Buffer("y"), 3, Buffer("z"), 3, Buffer("output"), 3, Teams.One);
            Gate.Backward(2, 3, Buffer("y"), 3, Buffer("z"), 3, Buffer("gradOutput"), 3, Buffer("gradY"), 3, Buffer("gradZ"), 3, Teams.One);
        });
        Assert.StartsWith($"{name} must be [rows=2, channels=3] with row stride 3 (6 elements); got 5.", exception.Message);
    }

    private static void Forward(int bits, TestMatrix y, TestMatrix z, TestMatrix o, CpuParallel team)
    {
        switch (bits)
        {
            case 512: Gate.Forward<Lanes512, Vector512<float>>(y.Rows, y.Columns, y.Span, y.Stride, z.Span, z.Stride, o.Span, o.Stride, team); break;
            case 256: Gate.Forward<Lanes256, Vector256<float>>(y.Rows, y.Columns, y.Span, y.Stride, z.Span, z.Stride, o.Span, o.Stride, team); break;
            case 128: Gate.Forward<Lanes128, Vector128<float>>(y.Rows, y.Columns, y.Span, y.Stride, z.Span, z.Stride, o.Span, o.Stride, team); break;
            default: Gate.Forward<Lanes1, float>(y.Rows, y.Columns, y.Span, y.Stride, z.Span, z.Stride, o.Span, o.Stride, team); break;
        }
    }

    private static void Backward(int bits, TestMatrix y, TestMatrix z, TestMatrix g, TestMatrix gy, TestMatrix gz, CpuParallel team)
    {
        switch (bits)
        {
            case 512: Gate.Backward<Lanes512, Vector512<float>>(y.Rows, y.Columns, y.Span, y.Stride, z.Span, z.Stride, g.Span, g.Stride,
                gy.Span, gy.Stride, gz.Span, gz.Stride, team); break;
            case 256: Gate.Backward<Lanes256, Vector256<float>>(y.Rows, y.Columns, y.Span, y.Stride, z.Span, z.Stride, g.Span, g.Stride,
                gy.Span, gy.Stride, gz.Span, gz.Stride, team); break;
            case 128: Gate.Backward<Lanes128, Vector128<float>>(y.Rows, y.Columns, y.Span, y.Stride, z.Span, z.Stride, g.Span, g.Stride,
                gy.Span, gy.Stride, gz.Span, gz.Stride, team); break;
            default: Gate.Backward<Lanes1, float>(y.Rows, y.Columns, y.Span, y.Stride, z.Span, z.Stride, g.Span, g.Stride, gy.Span,
                gy.Stride, gz.Span, gz.Stride, team); break;
        }
    }
}
