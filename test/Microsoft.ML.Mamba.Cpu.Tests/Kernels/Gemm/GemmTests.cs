using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class GemmTests
{
    // m, n, k: single elements, lanes +-1, tile rows +-1, panels +-1, several blocks of rows and steps, few rows, no steps.
    private static readonly (int M, int N, int K)[] s_shapes =
    [
        (1, 1, 1), (3, 3, 130), (1, 17, 63), (15, 16, 17), (16, 15, 16), (17, 33, 3), (12, 32, 64), (13, 31, 65), (25, 63, 1), (7, 130, 15),
        (63, 36, 128), (130, 4, 40), (36, 130, 130), (98, 40, 8), (2, 5, 0), (20, 5, 0), (5, 40, 1100), (18, 34, 1100), (197, 49, 129), (140, 300, 20),
    ];

    [Theory]
    [ClassData(typeof(Widths))]
    public void Multiply_MatchesReference(int bits)
    {
        int seed = 1;
        foreach ((int m, int n, int k) in s_shapes)
        {
            foreach (GemmKind kind in Enum.GetValues<GemmKind>())
            {
                foreach (bool accumulate in new[] { false, true })
                {
                    var data = new Case(kind, m, n, k, seed++);
                    float[]? bias = seed % 2 == 0 ? Random(seed, n) : null;
                    TestMatrix c = accumulate ? TestMatrix.Random(seed, m, n, n + 2) : TestMatrix.Unwritten(m, n, n + seed % 3);
                    double[] expected = GemmReference.Multiply(kind, m, n, k, data.A, data.B, bias, accumulate ? c : null);
                    data.Multiply(bits, bias, c, accumulate, Teams.Two);
                    c.AssertClose(expected, Tolerances.InnerProduct * (k + 8));
                }
            }
        }
    }

    [Theory]
    [InlineData(nameof(GemmKind.TN), 40, 24, 3000)]
    [InlineData(nameof(GemmKind.TN), 70, 4, 3000)]
    [InlineData(nameof(GemmKind.TN), 400, 300, 140)]
    [InlineData(nameof(GemmKind.NT), 400, 100, 600)]
    [InlineData(nameof(GemmKind.NN), 700, 70, 90)]
    [InlineData(nameof(GemmKind.NT), 9, 1000, 300)]
    [InlineData(nameof(GemmKind.NN), 9, 1000, 300)]
    public void Multiply_GivesTheSameBitsForAnyNumberOfThreads(string kindName, int m, int n, int k)
    {
        GemmKind kind = Enum.Parse<GemmKind>(kindName);
        var data = new Case(kind, m, n, k, seed: 3);
        TestMatrix c0 = TestMatrix.Random(4, m, n);
        float[] bias = Random(5, n);
        TestMatrix c = c0.Clone();
        data.Multiply(SimdWidth.Bits, bias, c, accumulate: true, Teams.Two);
        c.AssertClose(GemmReference.Multiply(kind, m, n, k, data.A, data.B, bias, c0), Tolerances.InnerProduct * (k + 8));
        Teams.AssertSameBits(team =>
        {
            TestMatrix result = c0.Clone();
            data.Multiply(SimdWidth.Bits, bias, result, accumulate: true, team);
            return result.ToArray();
        });
    }

    [Theory]
    [InlineData(40, 24, 3000)]
    [InlineData(70, 4, 3000)]
    public void WorkspaceSize_IsAskedForWhereTokensAreSplit(int m, int n, int k) => Assert.True(Gemm.WorkspaceSize(GemmKind.TN, m, n, k) >= m * n);

    [Theory]
    [ClassData(typeof(Widths))]
    public void MultiplyPacked_MatchesReference(int bits)
    {
        int seed = 1;
        foreach ((int m, int n, int k) in s_shapes.Where(shape => shape.K > 0))
        {
            var data = new Case(GemmKind.NT, m, n, k, seed++);
            float[]? bias = seed % 2 == 0 ? Random(seed, n) : null;
            bool accumulate = seed % 3 == 0;
            TestMatrix c = accumulate ? TestMatrix.Random(seed, m, n, n + 1) : TestMatrix.Unwritten(m, n, n + 1);
            double[] expected = GemmReference.Multiply(GemmKind.NT, m, n, k, data.A, data.B, bias, accumulate ? c : null);
            using PackedMatrix w = Pack(bits, n, k, data.B);
            MultiplyPacked(bits, m, data.A, w, bias, c, accumulate);
            c.AssertClose(expected, Tolerances.InnerProduct * (k + 8));
        }
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void MultiplyPacked_RowsDoNotDependOnTheirNeighbours(int bits)
    {
        const int m = 131, n = 37, k = 700;
        var data = new Case(GemmKind.NT, m, n, k, seed: 1);
        using PackedMatrix w = Pack(bits, n, k, data.B);
        TestMatrix all = TestMatrix.Unwritten(m, n);
        MultiplyPacked(bits, m, data.A, w, null, all, accumulate: false);
        foreach (int row in new[] { 0, 5, 11, 12, 100, 130 })
        {
            TestMatrix alone = TestMatrix.Unwritten(1, n), a = TestMatrix.Unwritten(1, k);
            data.A.Span.Slice(row * data.A.Stride, k).CopyTo(a.Span);
            MultiplyPacked(bits, 1, a, w, null, alone, accumulate: false);
            Compare.SameBits(all.Span.Slice(row * n, n), alone.Span);
        }
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Refill_PacksOtherWeightsIntoTheSameMemory(int bits)
    {
        Case first = new(GemmKind.NT, 30, 37, 41, seed: 1), second = new(GemmKind.NT, 30, 37, 41, seed: 2);
        TestMatrix expected = TestMatrix.Unwritten(30, 37), actual = TestMatrix.Unwritten(30, 37);
        using PackedMatrix fresh = Pack(bits, 37, 41, second.B), refilled = Pack(bits, 37, 41, first.B);
        MultiplyPacked(bits, 30, second.A, fresh, null, expected, accumulate: false);
        Allocations.AssertNone(() => refilled.Refill(second.B.Span, second.B.Stride, Teams.Two));
        MultiplyPacked(bits, 30, second.A, refilled, null, actual, accumulate: false);
        Compare.SameBits(expected.ToArray(), actual.ToArray());
        Assert.StartsWith(
            "w must be [n=37, k=41] with row stride 41 (1517 elements); got 1516.",
            Assert.Throws<ArgumentException>(() => refilled.Refill(new float[1516], 41, Teams.One)).Message);
    }

    [Fact]
    public void Multiply_OfManyRowsGivesTheBitsOfPackedWeights()
    {
        foreach ((int m, int n, int k) in new[] { (16, 37, 41), (200, 128, 64), (1000, 35, 600) })
        {
            var data = new Case(GemmKind.NT, m, n, k, seed: 3);
            TestMatrix expected = TestMatrix.Unwritten(m, n), actual = TestMatrix.Unwritten(m, n);
            using PackedMatrix w = Pack(SimdWidth.Bits, n, k, data.B);
            MultiplyPacked(SimdWidth.Bits, m, data.A, w, null, expected, accumulate: false);
            Gemm.Multiply(
                GemmKind.NT, m, n, k, data.A.Span, data.A.Stride, data.B.Span, data.B.Stride, default, actual.Span, n, false,
                new float[Gemm.WorkspaceSize(GemmKind.NT, m, n, k)], Teams.Two);
            Compare.SameBits(expected.ToArray(), actual.ToArray());
        }
    }

    [Fact]
    public void Multiply_AllocatesNothing()
    {
        foreach (GemmKind kind in Enum.GetValues<GemmKind>())
        {
            foreach (int m in new[] { 3, 100 })
            {
                var data = new Case(kind, m, 40, 2000, seed: 1);
                TestMatrix c = TestMatrix.Unwritten(m, 40);
                var workspace = new float[Gemm.WorkspaceSize(kind, m, 40, 2000)];
                Allocations.AssertNone(() => Gemm.Multiply(
                    kind, m, 40, 2000, data.A.Span, data.A.Stride, data.B.Span, data.B.Stride, default, c.Span, 40, false, workspace, Teams.Two));
            }
        }
    }

    [Fact]
    public void MultiplyPacked_AllocatesNothing()
    {
        var data = new Case(GemmKind.NT, 100, 40, 50, seed: 1);
        using PackedMatrix w = Pack(SimdWidth.Bits, 40, 50, data.B);
        TestMatrix c = TestMatrix.Unwritten(100, 40);
        Allocations.AssertNone(() => Gemm.Multiply(100, data.A.Span, data.A.Stride, w, default, c.Span, 40, false, Teams.Two));
    }

    [Fact]
    public void Multiply_OfNoRowsDoesNothing() => Gemm.Multiply(GemmKind.NT, 0, 3, 2, [], 2, new float[6], 2, [], [], 3, false, new float[1000], Teams.One);

    [Theory]
    [InlineData("a", "a must be [m=4, k=3] with row stride 3 (12 elements); got 11.")]
    [InlineData("b", "b must be [n=5, k=3] with row stride 3 (15 elements); got 14.")]
    [InlineData("c", "c must be [m=4, n=5] with row stride 5 (20 elements); got 19.")]
    [InlineData("bias", "bias must be [n=5]; got 4 elements.")]
    [InlineData("workspace", "workspace must have at least 112 elements")]
    public void Multiply_ThrowsForShortBuffers(string name, string message)
    {
        int Length(string which, int length) => length - (which == name ? 1 : 0);
        var exception = Assert.Throws<ArgumentException>(() => Gemm.Multiply(
            GemmKind.NT, 4, 5, 3, new float[Length("a", 12)], 3, new float[Length("b", 15)], 3, new float[Length("bias", 5)],
            new float[Length("c", 20)], 5, false, new float[Length("workspace", 112)], Teams.One));
        Assert.StartsWith(message, exception.Message);
        Assert.Equal(name, exception.ParamName);
    }

    [Fact]
    public void Multiply_ThrowsForOperandsOfTheOtherKinds()
    {
        var tn = Assert.Throws<ArgumentException>(
            () => Gemm.Multiply(GemmKind.TN, 4, 5, 3, new float[11], 4, new float[15], 5, [], new float[20], 5, false, [], Teams.One));
        Assert.StartsWith("a must be [k=3, m=4] with row stride 4 (12 elements); got 11.", tn.Message);
        var nn = Assert.Throws<ArgumentException>(
            () => Gemm.Multiply(GemmKind.NN, 4, 5, 3, new float[12], 3, new float[14], 5, [], new float[20], 5, false, [], Teams.One));
        Assert.StartsWith("b must be [k=3, n=5] with row stride 5 (15 elements); got 14.", nn.Message);
        var stride = Assert.Throws<ArgumentException>(
            () => Gemm.Multiply(GemmKind.NN, 4, 5, 3, new float[12], 2, new float[15], 5, [], new float[20], 5, false, [], Teams.One));
        Assert.StartsWith("a's row stride must be at least k=3; got 2.", stride.Message);
    }

    [Theory]
    [InlineData(-1, 1, 1, "m")]
    [InlineData(1, 0, 1, "n")]
    [InlineData(1, 1, -1, "k")]
    public void Multiply_ThrowsForSizesOutOfRange(int m, int n, int k, string name)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() =>
            Gemm.Multiply(GemmKind.NN, m, n, k, new float[9], 1, new float[9], 1, [], new float[9], 1, false, new float[99], Teams.One));
        Assert.Equal(name, exception.ParamName);
    }

    [Fact]
    public void MultiplyPacked_ThrowsAfterDisposeAndForAnotherWidth()
    {
        PackedMatrix w = PackedMatrix.Create<Lanes1, float>(2, 2, new float[4], 2, Teams.One);
        if (Lanes128.IsSupported)
        {
            Assert.Throws<InvalidOperationException>(() =>
                Gemm.Multiply<Lanes128, Vector128<float>>(1, new float[2], 2, w, [], new float[2], 2, false, Teams.One));
        }

        w.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Gemm.Multiply<Lanes1, float>(1, new float[2], 2, w, [], new float[2], 2, false, Teams.One));
    }

    private static float[] Random(int seed, int count) => TestMatrix.Random(seed, 1, count).ToArray();

    private static PackedMatrix Pack(int bits, int n, int k, TestMatrix b) => bits switch
    {
        512 => PackedMatrix.Create<Lanes512, Vector512<float>>(n, k, b.Span, b.Stride, Teams.Two),
        256 => PackedMatrix.Create<Lanes256, Vector256<float>>(n, k, b.Span, b.Stride, Teams.Two),
        128 => PackedMatrix.Create<Lanes128, Vector128<float>>(n, k, b.Span, b.Stride, Teams.Two),
        _ => PackedMatrix.Create<Lanes1, float>(n, k, b.Span, b.Stride, Teams.Two),
    };

    private static void MultiplyPacked(int bits, int m, TestMatrix a, PackedMatrix w, float[]? bias, TestMatrix c, bool accumulate)
    {
        switch (bits)
        {
            case 512: Gemm.Multiply<Lanes512, Vector512<float>>(m, a.Span, a.Stride, w, bias, c.Span, c.Stride, accumulate, Teams.Two); break;
            case 256: Gemm.Multiply<Lanes256, Vector256<float>>(m, a.Span, a.Stride, w, bias, c.Span, c.Stride, accumulate, Teams.Two); break;
            case 128: Gemm.Multiply<Lanes128, Vector128<float>>(m, a.Span, a.Stride, w, bias, c.Span, c.Stride, accumulate, Teams.Two); break;
            default: Gemm.Multiply<Lanes1, float>(m, a.Span, a.Stride, w, bias, c.Span, c.Stride, accumulate, Teams.Two); break;
        }
    }

    private sealed class Case(GemmKind kind, int m, int n, int k, int seed)
    {
        public TestMatrix A { get; } = kind == GemmKind.TN ? TestMatrix.Random(seed, k, m, m + seed % 4) : TestMatrix.Random(seed, m, k, k + seed % 4);

        public TestMatrix B { get; } = kind == GemmKind.NT ? TestMatrix.Random(seed + 1000, n, k, k + seed % 3) : TestMatrix.Random(seed + 1000, k, n, n + seed % 3);

        public void Multiply(int bits, float[]? bias, TestMatrix c, bool accumulate, CpuParallel team)
        {
            TestMatrix workspace = TestMatrix.Unwritten(1, Math.Max(1, Gemm.WorkspaceSize(kind, m, n, k)));
            Span<float> w = workspace.Span;
            switch (bits)
            {
                case 512: Gemm.Multiply<Lanes512, Vector512<float>>(
                    kind, m, n, k, A.Span, A.Stride, B.Span, B.Stride, bias, c.Span, c.Stride, accumulate, w, team); break;
                case 256: Gemm.Multiply<Lanes256, Vector256<float>>(
                    kind, m, n, k, A.Span, A.Stride, B.Span, B.Stride, bias, c.Span, c.Stride, accumulate, w, team); break;
                case 128: Gemm.Multiply<Lanes128, Vector128<float>>(
                    kind, m, n, k, A.Span, A.Stride, B.Span, B.Stride, bias, c.Span, c.Stride, accumulate, w, team); break;
                default: Gemm.Multiply<Lanes1, float>(kind, m, n, k, A.Span, A.Stride, B.Span, B.Stride, bias, c.Span, c.Stride, accumulate, w, team); break;
            }

            workspace.AssertNothingElseWritten();
        }
    }
}
