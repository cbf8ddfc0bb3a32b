using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class CrossEntropyTests
{
    [Theory]
    [ClassData(typeof(Widths))]
    public void Compute_MatchesReferenceAndFiniteDifference(int bits)
    {
        int seed = 1;
        foreach ((int rows, int classes) in new[] { (1, 2), (3, 1), (5, 3), (4, 15), (2, 17), (3, 64), (130, 2), (2, 130) })
        {
            foreach ((float smoothing, bool weighted) in new[] { (0f, false), (0.1f, false), (0f, true), (0.3f, true) })
            {
                var random = new Random(seed++);
                TestMatrix logits = TestMatrix.Random(seed, rows, classes, classes + 1, -4, 4), gradient = TestMatrix.Unwritten(rows, classes, classes + 2);
                int[] targets = [.. Enumerable.Range(0, rows).Select(_ => random.Next(classes))];
                float[]? weights = weighted ? TestMatrix.Random(seed, 1, classes, 0, 0.2, 2).ToArray() : null;
                double loss = Compute(bits, logits, targets, smoothing, weights, gradient, Teams.Two);
                double[] x = logits.ToDoubles();
                double Reference() => CrossEntropyReference.Loss(rows, classes, x, targets, smoothing, weights);
                Compare.CloseScaled(Reference(), loss, Tolerances.Loss, $"{rows} x {classes}");
                Compare.IsGradient(Reference, x, gradient.ToArray(), "gradLogits");
                gradient.AssertNothingElseWritten();
                Assert.Equal(loss, Compute(bits, logits, targets, smoothing, weights, null, Teams.One));
            }
        }
    }

    [Fact]
    public void Compute_MayOverwriteTheLogits()
    {
        TestMatrix logits = TestMatrix.Random(1, 5, 20), gradient = TestMatrix.Unwritten(5, 20);
        int[] targets = [0, 19, 3, 4, 5];
        double loss = Compute(SimdWidth.Bits, logits, targets, 0.1f, null, gradient, Teams.One);
        Assert.Equal(loss, Compute(SimdWidth.Bits, logits, targets, 0.1f, null, logits, Teams.One));
        Compare.SameBits(gradient.Span, logits.Span);
    }

    [Fact]
    public void Compute_StaysFiniteForHugeLogits()
    {
        var gradient = new float[3];
        double loss = CrossEntropy.Compute(1, 3, [1e4f, -1e4f, 0f], 3, [1], 0f, [], gradient, 3, Teams.One);
        Compare.Close(2e4, loss, 1e-9, "loss");
        Assert.Equal([1f, -1f, 0f], gradient);
    }

    [Fact]
    public void Compute_GivesNaNForNaN()
    {
        var gradient = new float[40];
        var logits = new float[40];
        logits[33] = float.NaN;
        Assert.True(double.IsNaN(CrossEntropy.Compute(1, 40, logits, 40, [1], 0.1f, [], gradient, 40, Teams.One)));
        Assert.True(double.IsNaN(CrossEntropy.Compute(1, 40, logits, 40, [1], 0f, [], gradient, 40, Teams.One)));
        Assert.True(float.IsNaN(gradient[0]));
    }

    [Fact]
    public void Compute_GivesZeroWhereNoTargetWeighs()
    {
        float[] gradient = [float.NaN, float.NaN, float.NaN];
        Assert.Equal(0, CrossEntropy.Compute(1, 3, [1f, 2f, 3f], 3, [1], 0.5f, [1f, 0f, 1f], gradient, 3, Teams.One));
        Assert.Equal([0f, 0f, 0f], gradient);
    }

    [Fact]
    public void Compute_GivesTheSameBitsForAnyNumberOfThreads()
    {
        TestMatrix logits = TestMatrix.Random(1, 3000, 7, 7, -3, 3);
        int[] targets = [.. Enumerable.Range(0, 3000).Select(i => i * 31 % 7)];
        Teams.AssertSameBits(team =>
        {
            TestMatrix gradient = TestMatrix.Unwritten(3000, 7);
            double loss = Compute(SimdWidth.Bits, logits, targets, 0.1f, null, gradient, team);
            return [.. gradient.ToArray(), BitConverter.Int32BitsToSingle((int)BitConverter.DoubleToInt64Bits(loss)), (float)loss];
        });
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Softmax_MatchesReference(int bits)
    {
        foreach ((int rows, int classes) in new[] { (1, 1), (3, 2), (2, 15), (1, 16), (4, 17), (2, 130), (1, 3000), (0, 3) })
        {
            TestMatrix logits = TestMatrix.Random(classes, rows, classes, classes + 1, -20, 20), p = TestMatrix.Unwritten(rows, classes, classes + 3);
            RunSoftmax(bits, logits, p);
            p.AssertClose(CrossEntropyReference.Softmax(rows, classes, logits.ToDoubles()), Tolerances.Normalized);
        }
    }

    [Fact]
    public void Softmax_MayOverwriteItsInput()
    {
        TestMatrix logits = TestMatrix.Random(1, 4, 37);
        double[] expected = CrossEntropyReference.Softmax(4, 37, logits.ToDoubles());
        RunSoftmax(SimdWidth.Bits, logits, logits);
        logits.AssertClose(expected, Tolerances.Normalized);
    }

    [Fact]
    public void ComputeAndSoftmax_AllocateNothing()
    {
        var (logits, gradient, targets) = (new float[3000], new float[3000], new int[1000]);
        Allocations.AssertNone(() =>
        {
            CrossEntropy.Compute(1000, 3, logits, 3, targets, 0.1f, [], gradient, 3, Teams.Two);
            Softmax.Forward(1000, 3, logits, 3, gradient, 3, Teams.Two);
        });
    }

    [Fact]
    public void Compute_ThrowsForBadArguments()
    {
        void Throws(string message, int logits = 6, int[]? targets = null, float smoothing = 0, float[]? weights = null, int gradient = 6) => Assert.StartsWith(
            message,
            Assert.ThrowsAny<ArgumentException>(() => CrossEntropy.Compute(
                2, 3, new float[logits], 3, targets ?? [0, 2], smoothing, weights, new float[gradient], 3, Teams.One)).Message);
        Throws("logits must be [rows=2, classes=3] with row stride 3 (6 elements); got 5.", logits: 5);
        Throws("gradLogits must be [rows=2, classes=3] with row stride 3 (6 elements); got 5.", gradient: 5);
        Throws("targets must be [rows=2]; got 1 elements.", targets: [0]);
        Throws("The target of row 1 must be 0 to 2; got 3.", targets: [0, 3]);
        Throws("The target of row 0 must be 0 to 2; got -1.", targets: [-1, 0]);
        Throws("labelSmoothing must be at least 0 and below 1; got 1.", smoothing: 1);
        Throws("classWeights must be [classes=3]; got 2 elements.", weights: [1, 1]);
        Throws("Class weight 1 must be finite and not negative; got -1.", weights: [1, -1, 1]);
        Throws("Class weight 2 must be finite and not negative; got NaN.", weights: [1, 1, float.NaN]);
    }

    [Fact]
    public void Softmax_ThrowsForShortDestination() => Assert.StartsWith(
        "probabilities must be [rows=2, classes=3] with row stride 4 (7 elements); got 6.",
        Assert.Throws<ArgumentException>(() => Softmax.Forward(2, 3, new float[6], 3, new float[6], 4, Teams.One)).Message);

    private static double Compute(int bits, TestMatrix x, int[] targets, float smoothing, float[]? weights, TestMatrix? gradient, CpuParallel team)
    {
        Span<float> g = gradient is null ? [] : gradient.Span;
        int stride = gradient?.Stride ?? 0;
        return bits switch
        {
            512 => CrossEntropy.Compute<Lanes512, Vector512<float>>(x.Rows, x.Columns, x.Span, x.Stride, targets, smoothing, weights, g, stride, team),
            256 => CrossEntropy.Compute<Lanes256, Vector256<float>>(x.Rows, x.Columns, x.Span, x.Stride, targets, smoothing, weights, g, stride, team),
            128 => CrossEntropy.Compute<Lanes128, Vector128<float>>(x.Rows, x.Columns, x.Span, x.Stride, targets, smoothing, weights, g, stride, team),
            _ => CrossEntropy.Compute<Lanes1, float>(x.Rows, x.Columns, x.Span, x.Stride, targets, smoothing, weights, g, stride, team),
        };
    }

    private static void RunSoftmax(int bits, TestMatrix x, TestMatrix p)
    {
        switch (bits)
        {
            case 512: Softmax.Forward<Lanes512, Vector512<float>>(x.Rows, x.Columns, x.Span, x.Stride, p.Span, p.Stride, Teams.Two); break;
            case 256: Softmax.Forward<Lanes256, Vector256<float>>(x.Rows, x.Columns, x.Span, x.Stride, p.Span, p.Stride, Teams.Two); break;
            case 128: Softmax.Forward<Lanes128, Vector128<float>>(x.Rows, x.Columns, x.Span, x.Stride, p.Span, p.Stride, Teams.Two); break;
            default: Softmax.Forward<Lanes1, float>(x.Rows, x.Columns, x.Span, x.Stride, p.Span, p.Stride, Teams.Two); break;
        }
    }
}
