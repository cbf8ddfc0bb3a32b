using System.Runtime.Intrinsics;
using System.Text.Json;
using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Safetensors;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class RmsNormTests
{
    private const float Epsilon = 1e-5f;

    [Theory]
    [ClassData(typeof(Widths))]
    public void Forward_MatchesReference(int bits)
    {
        foreach ((int rows, int channels) in new[] { (1, 1), (3, 7), (63, 15), (2, 16), (5, 17), (130, 63), (4, 64), (1, 130), (0, 8), (3, 1000) })
        {
            foreach (bool weighted in new[] { false, true })
            {
                TestMatrix x = TestMatrix.Random(rows, rows, channels, channels + 3, -2, 2);
                TestMatrix weight = TestMatrix.Random(channels, 1, channels, 0, 0.5, 1.5);
                TestMatrix y = TestMatrix.Unwritten(rows, channels, channels + 1), inverse = TestMatrix.Unwritten(1, Math.Max(rows, 1));
                Forward(bits, rows, channels, x, weighted ? weight : null, y, rows == 0 ? null : inverse, Teams.Two);
                y.AssertClose(RmsNormReference.Forward(rows, channels, x.ToDoubles(), weighted ? weight.ToDoubles() : null, Epsilon), Tolerances.Normalized);
                if (rows > 0)
                    Assert.All(inverse.ToArray(), r => Assert.True(r > 0));
            }
        }
    }

    [Fact]
    public void Forward_MayOverwriteItsInput()
    {
        TestMatrix x = TestMatrix.Random(1, 5, 33);
        double[] expected = RmsNormReference.Forward(5, 33, x.ToDoubles(), null, Epsilon);
        Forward(SimdWidth.Bits, 5, 33, x, null, x, null, Teams.One);
        x.AssertClose(expected, Tolerances.Normalized);
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Backward_MatchesFiniteDifference(int bits)
    {
        foreach ((int rows, int channels, bool weighted) in new[] { (3, 1, true), (2, 15, true), (4, 17, false), (3, 16, false), (70, 5, true), (2, 40, true) })
        {
            TestMatrix x = TestMatrix.Random(7, rows, channels, channels + 2, -2, 2);
            TestMatrix weight = TestMatrix.Random(8, 1, channels, 0, 0.5, 1.5), gradY = TestMatrix.Random(9, rows, channels, channels + 1);
            TestMatrix gradX = TestMatrix.Unwritten(rows, channels, channels + 4), gradWeight = TestMatrix.Random(10, 1, channels);
            float[] before = gradWeight.ToArray();
            Backward(bits, rows, channels, x, weighted ? weight : null, gradY, gradX, accumulate: false, weighted ? gradWeight : null, Teams.Two);

            double[] xs = x.ToDoubles(), weights = weight.ToDoubles(), gs = gradY.ToDoubles();
            double Loss() => RmsNormReference.Forward(rows, channels, xs, weighted ? weights : null, Epsilon).Zip(gs, (y, g) => y * g).Sum();
            Compare.IsGradient(Loss, xs, gradX.ToArray(), "gradX");
            gradX.AssertNothingElseWritten();
            if (weighted)
                Compare.IsGradient(Loss, weights, [.. gradWeight.ToArray().Zip(before, (after, b) => after - b)], "gradWeight");
        }
    }

    [Fact]
    public void Backward_AccumulatesWhereAsked()
    {
        TestMatrix x = TestMatrix.Random(1, 5, 33), weight = TestMatrix.Random(2, 1, 33), gradY = TestMatrix.Random(3, 5, 33);
        TestMatrix plain = TestMatrix.Unwritten(5, 33), sum = TestMatrix.Random(4, 5, 33), gradWeight = TestMatrix.Random(5, 1, 33);
        double[] expected = sum.ToDoubles();
        Backward(SimdWidth.Bits, 5, 33, x, weight, gradY, plain, accumulate: false, gradWeight, Teams.One);
        Backward(SimdWidth.Bits, 5, 33, x, weight, gradY, sum, accumulate: true, gradWeight, Teams.One);
        for (int i = 0; i < expected.Length; i++)
            expected[i] += plain[i];
        sum.AssertClose(expected, Tolerances.Elementwise);
    }

    [Fact]
    public void Backward_GivesTheSameBitsForAnyNumberOfThreads()
    {
        TestMatrix x = TestMatrix.Random(1, 5000, 19), weight = TestMatrix.Random(2, 1, 19), gradY = TestMatrix.Random(3, 5000, 19);
        Teams.AssertSameBits(team =>
        {
            TestMatrix gradX = TestMatrix.Unwritten(5000, 19), gradWeight = TestMatrix.Random(4, 1, 19);
            Backward(SimdWidth.Bits, 5000, 19, x, weight, gradY, gradX, accumulate: false, gradWeight, team);
            return [.. gradX.ToArray(), .. gradWeight.ToArray()];
        });
    }

    [Fact]
    public void ForwardAndBackward_MatchUpstreamGolden()
    {
        using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(AppContext.BaseDirectory, "Golden", "rms_norm.rms.safetensors"));
        using JsonDocument details = JsonDocument.Parse(golden.Metadata["case"]);
        int rows = details.RootElement.GetProperty("l").GetInt32(), channels = details.RootElement.GetProperty("d").GetInt32();
        float epsilon = details.RootElement.GetProperty("eps").GetSingle();
        float[] x = golden.Read<float>("x"), weight = golden.Read<float>("weight"), gradY = golden.Read<float>("dout");
        var (y, inverse, gradX, gradWeight) = (new float[x.Length], new float[rows], new float[x.Length], new float[channels]);
        RmsNorm.Forward(rows, channels, x, channels, weight, epsilon, y, channels, inverse, Teams.Two);
        RmsNorm.Backward(
            rows, channels, x, channels, weight, inverse, gradY, channels, gradX, channels, false, gradWeight,
            new float[RmsNorm.BackwardWorkspaceSize(rows, channels, hasWeight: true)], Teams.Two);
        AssertGolden(golden.Read<double>("out"), y);
        AssertGolden(golden.Read<double>("dx"), gradX);
        AssertGolden(golden.Read<double>("dweight"), gradWeight);
    }

    [Fact]
    public void ForwardAndBackward_AllocateNothing()
    {
        TestMatrix x = TestMatrix.Random(1, 500, 64), weight = TestMatrix.Random(2, 1, 64), y = TestMatrix.Unwritten(500, 64);
        float[] inverse = new float[500], gradWeight = new float[64], workspace = new float[RmsNorm.BackwardWorkspaceSize(500, 64, true)];
        Allocations.AssertNone(() =>
        {
            RmsNorm.Forward(500, 64, x.Span, 64, weight.Span, Epsilon, y.Span, 64, inverse, Teams.Two);
            RmsNorm.Backward(500, 64, x.Span, 64, weight.Span, inverse, x.Span, 64, y.Span, 64, false, gradWeight, workspace, Teams.Two);
        });
    }

    [Fact]
    public void Forward_ThrowsForBadArguments()
    {
        void Throws(string message, int x = 6, int weight = 3, float epsilon = 1f, int y = 6, int inverse = 2) => Assert.StartsWith(
            message,
            Assert.ThrowsAny<ArgumentException>(() =>
                RmsNorm.Forward(2, 3, new float[x], 3, new float[weight], epsilon, new float[y], 3, new float[inverse], Teams.One))
                .Message);
        Throws("x must be [rows=2, channels=3] with row stride 3 (6 elements); got 5.", x: 5);
        Throws("y must be [rows=2, channels=3] with row stride 3 (6 elements); got 5.", y: 5);
        Throws("weight must be [channels=3]; got 4 elements.", weight: 4);
        Throws("inverseRms must be [rows=2]; got 1 elements.", inverse: 1);
        Throws("epsilon must be positive; got 0.", epsilon: 0);
        Throws("epsilon must be positive; got NaN.", epsilon: float.NaN);
    }

    [Fact]
    public void Backward_ThrowsForBadArguments()
    {
        void Throws(string message, int gradX = 6, int gradWeight = 3, int workspace = 3) => Assert.StartsWith(
            message,
            Assert.ThrowsAny<ArgumentException>(() => RmsNorm.Backward(
                2, 3, new float[6], 3, new float[3], new float[2], new float[6], 3, new float[gradX], 3, false, new float[gradWeight],
                new float[workspace], Teams.One)).Message);
        Throws("gradX must be [rows=2, channels=3] with row stride 3 (6 elements); got 5.", gradX: 5);
        Throws("gradWeight must be [channels=3]; got 0 elements.", gradWeight: 0);
        Throws("workspace must have at least 3 elements", workspace: 2);
    }

    private static void AssertGolden(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Compare.Close(expected[i], actual[i], Tolerances.Golden, $"{i}");
    }

    private static void Forward(int bits, int rows, int channels, TestMatrix x, TestMatrix? weight, TestMatrix y, TestMatrix? inverse, CpuParallel team)
    {
        Span<float> w = weight is null ? [] : weight.Span, r = inverse is null ? [] : inverse.Span;
        switch (bits)
        {
            case 512: RmsNorm.Forward<Lanes512, Vector512<float>>(rows, channels, x.Span, x.Stride, w, Epsilon, y.Span, y.Stride, r, team); break;
            case 256: RmsNorm.Forward<Lanes256, Vector256<float>>(rows, channels, x.Span, x.Stride, w, Epsilon, y.Span, y.Stride, r, team); break;
            case 128: RmsNorm.Forward<Lanes128, Vector128<float>>(rows, channels, x.Span, x.Stride, w, Epsilon, y.Span, y.Stride, r, team); break;
            default: RmsNorm.Forward<Lanes1, float>(rows, channels, x.Span, x.Stride, w, Epsilon, y.Span, y.Stride, r, team); break;
        }
    }

    private static void Backward(
        int bits, int rows, int channels, TestMatrix x, TestMatrix? weight, TestMatrix gradY, TestMatrix gradX, bool accumulate,
        TestMatrix? gradWeight, CpuParallel team)
    {
        TestMatrix y = TestMatrix.Unwritten(rows, channels), r = TestMatrix.Unwritten(1, rows);
        Forward(bits, rows, channels, x, weight, y, r, team);
        Span<float> w = weight is null ? [] : weight.Span, gw = gradWeight is null ? [] : gradWeight.Span;
        float[] space = new float[RmsNorm.BackwardWorkspaceSize(rows, channels, weight is not null)];
        Array.Fill(space, float.NaN);
        switch (bits)
        {
            case 512: RmsNorm.Backward<Lanes512, Vector512<float>>(rows, channels, x.Span, x.Stride, w, r.Span, gradY.Span, gradY.Stride,
                gradX.Span, gradX.Stride, accumulate, gw, space, team); break;
            case 256: RmsNorm.Backward<Lanes256, Vector256<float>>(rows, channels, x.Span, x.Stride, w, r.Span, gradY.Span, gradY.Stride,
                gradX.Span, gradX.Stride, accumulate, gw, space, team); break;
            case 128: RmsNorm.Backward<Lanes128, Vector128<float>>(rows, channels, x.Span, x.Stride, w, r.Span, gradY.Span, gradY.Stride,
                gradX.Span, gradX.Stride, accumulate, gw, space, team); break;
            default: RmsNorm.Backward<Lanes1, float>(rows, channels, x.Span, x.Stride, w, r.Span, gradY.Span, gradY.Stride, gradX.Span,
                gradX.Stride, accumulate, gw, space, team); break;
        }
    }
}
