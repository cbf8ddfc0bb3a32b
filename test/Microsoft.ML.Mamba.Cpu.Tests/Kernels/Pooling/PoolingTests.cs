using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class PoolingTests
{
    private static readonly int[] s_offsets = [0, 1, 4, 17, 18, 20];

    [Theory]
    [ClassData(typeof(Widths))]
    public void Forward_MatchesReference(int bits)
    {
        foreach (MambaPooling kind in Enum.GetValues<MambaPooling>())
        {
            (int, int[])[] shapes =
                [(1, s_offsets), (15, s_offsets), (33, s_offsets), (130, s_offsets), (3, [0, 700]), (66, [0, 255, 513])];
            foreach ((int channels, int[] offsets) in shapes)
            {
                var run = new Run(kind, channels, offsets);
                run.Forward(bits, Teams.Two);
                run.Pooled.AssertClose(PoolingReference.Forward(kind, channels, run.Hidden.ToDoubles(), offsets, run.Query.ToDoubles()), Tolerances.Normalized);
            }
        }
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Backward_MatchesFiniteDifference(int bits)
    {
        foreach (MambaPooling kind in Enum.GetValues<MambaPooling>())
        {
            foreach (int channels in new[] { 1, 7, 17 })
            {
                var run = new Run(kind, channels, s_offsets);
                run.Forward(bits, Teams.Two);
                float[] before = run.GradQuery.ToArray();
                run.Backward(bits, Teams.Two);
                double[] hidden = run.Hidden.ToDoubles(), query = run.Query.ToDoubles(), gradient = run.GradPooled.ToDoubles();
                double Loss() => PoolingReference.Forward(kind, channels, hidden, s_offsets, query).Zip(gradient, (y, g) => y * g).Sum();
                Compare.IsGradient(Loss, hidden, run.GradHidden.ToArray(), $"{kind} gradHidden");
                run.GradHidden.AssertNothingElseWritten();
                if (kind == MambaPooling.Attention)
                    Compare.IsGradient(Loss, query, [.. run.GradQuery.ToArray().Zip(before, (after, b) => after - b)], "gradQuery");
            }
        }
    }

    [Fact]
    public void PackedSequences_MatchOneByOne()
    {
        foreach (MambaPooling kind in Enum.GetValues<MambaPooling>())
        {
            var all = new Run(kind, 70, s_offsets);
            all.Forward(SimdWidth.Bits, Teams.Two);
            for (int i = 0; i + 1 < s_offsets.Length; i++)
            {
                int first = s_offsets[i], length = s_offsets[i + 1] - first;
                var one = new Run(kind, 70, [0, length]);
                for (int t = 0; t < length; t++)
                    all.Hidden.Span.Slice((first + t) * all.Hidden.Stride, 70).CopyTo(one.Hidden.Span[(t * one.Hidden.Stride)..]);
                one.Forward(SimdWidth.Bits, Teams.One);
                Compare.SameBits(all.Pooled.Span.Slice(i * 70, 70), one.Pooled.Span);
            }
        }
    }

    [Fact]
    public void ForwardAndBackward_GiveTheSameBitsForAnyNumberOfThreads()
    {
        foreach (MambaPooling kind in Enum.GetValues<MambaPooling>())
        {
            Teams.AssertSameBits(team =>
            {
                var run = new Run(kind, 130, [0, 900, 1000, 2000]);
                run.Forward(SimdWidth.Bits, team);
                run.Backward(SimdWidth.Bits, team);
                return [.. run.Pooled.ToArray(), .. run.GradHidden.ToArray(), .. run.GradQuery.ToArray()];
            });
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(19)]
    public void Forward_PassesNaNOn(int token)
    {
        foreach (MambaPooling kind in new[] { MambaPooling.Mean, MambaPooling.Max, MambaPooling.Attention })
        {
            var run = new Run(kind, 5, [0, 20]);
            run.Hidden[token, 2] = float.NaN;
            run.Forward(SimdWidth.Bits, Teams.One);
            Assert.True(float.IsNaN(run.Pooled[0, 2]), $"{kind}");
        }
    }

    [Fact]
    public void Streaming_MatchesForwardForAnyChunks()
    {
        foreach (MambaPooling kind in Enum.GetValues<MambaPooling>())
        {
            foreach (int[] chunks in new[] { new[] { 130 }, [1, 129], [63, 0, 3, 64], [.. Enumerable.Repeat(1, 130)] })
            {
                var run = new Run(kind, 19, [0, 130]);
                double[] expected = PoolingReference.Forward(kind, 19, run.Hidden.ToDoubles(), [0, 130], run.Query.ToDoubles());
                var state = new double[StreamingPooling.StateSize(kind, 19)];
                Array.Fill(state, double.NaN);
                StreamingPooling.Reset(kind, state);
                int seen = 0;
                foreach (int chunk in chunks)
                {
                    ReadOnlySpan<float> rows = run.Hidden.Span[(seen * run.Hidden.Stride)..];
                    StreamingPooling.Update(kind, 19, chunk, rows, run.Hidden.Stride, kind == MambaPooling.Attention ? run.Query.Span : [], seen, state);
                    seen += chunk;
                }

                TestMatrix pooled = TestMatrix.Unwritten(1, 19);
                StreamingPooling.Finish(kind, state, seen, pooled.Span);
                pooled.AssertClose(expected, Tolerances.Elementwise);
            }
        }
    }

    [Fact]
    public void ForwardBackwardAndStreaming_AllocateNothing()
    {
        foreach (MambaPooling kind in Enum.GetValues<MambaPooling>())
        {
            var run = new Run(kind, 64, [0, 400, 700]);
            var (argMax, weights, workspace) = (new int[128], new float[700], new float[700]);
            var state = new double[StreamingPooling.StateSize(kind, 64)];
            bool attends = kind == MambaPooling.Attention;
            int[] offsets = [0, 400, 700];
            Allocations.AssertNone(() =>
            {
                ReadOnlySpan<float> query = attends ? run.Query.Span : [];
                Span<float> gradQuery = attends ? run.GradQuery.Span : [];
                Pooling.Forward(kind, 64, run.Hidden.Span, run.Hidden.Stride, offsets, query, run.Pooled.Span, argMax, weights, Teams.Two);
                Pooling.Backward(
                    kind, 64, run.Hidden.Span, run.Hidden.Stride, offsets, query, argMax, weights, run.GradPooled.Span,
                    run.GradHidden.Span, run.GradHidden.Stride, gradQuery, workspace, Teams.Two);
                StreamingPooling.Reset(kind, state);
                StreamingPooling.Update(kind, 64, 700, run.Hidden.Span, run.Hidden.Stride, query, 0, state);
                StreamingPooling.Finish(kind, state, 700, run.Pooled.Span[..64]);
            });
        }
    }

    [Fact]
    public void Forward_ThrowsForBadArguments()
    {
        void Throws(string message, MambaPooling kind = MambaPooling.Mean, int hidden = 12, int[]? offsets = null, int query = 0,
            int pooled = 6, int argMax = 6, int weights = 4) =>
            Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(() => Pooling.Forward(
                kind, 3, new float[hidden], 3, offsets ?? [0, 1, 4], new float[query], new float[pooled], new int[argMax], new float[weights], Teams.One)).Message);
        Throws("hidden must be [tokens=4, channels=3] with row stride 3 (12 elements); got 11.", hidden: 11);
        Throws("pooled must be [sequences=2, channels=3] with row stride 3 (6 elements); got 5.", pooled: 5);
        Throws("argMax must be [sequences=2, channels=3] with row stride 3 (6 elements); got 5.", MambaPooling.Max, argMax: 5);
        Throws("query must be [channels=3]; got 0 elements.", MambaPooling.Attention);
        Throws("weights must be [tokens=4]; got 3 elements.", MambaPooling.Attention, query: 3, weights: 3);
        Throws("offsets must rise; sequence 1 runs from 2 to 2.", offsets: [0, 2, 2]);
        Throws("offsets must start with 0 and end with tokens=4; got 1 and 4.", offsets: [1, 4]);
        Throws("kind must be Last, Mean, Max, First or Attention.", (MambaPooling)9);
    }

    [Fact]
    public void Streaming_ThrowsForBadArguments()
    {
        Assert.StartsWith("state must be [StateSize=5]; got 3 elements.", Assert.Throws<ArgumentException>(() =>
            StreamingPooling.Update(MambaPooling.Attention, 3, 1, new float[3], 3, new float[3], 0, new double[3])).Message);
        Assert.StartsWith("tokens must be at least 1; got 0.", Assert.Throws<ArgumentOutOfRangeException>(() =>
            StreamingPooling.Finish(MambaPooling.Mean, new double[3], 0, new float[3])).Message);
    }

    private sealed class Run(MambaPooling kind, int channels, int[] offsets)
    {
        private readonly int[] _argMax = new int[(offsets.Length - 1) * channels];
        private readonly float[] _weights = new float[offsets[^1]];

        public TestMatrix Hidden { get; } = TestMatrix.Random(1, offsets[^1], channels, channels + 2);

        public TestMatrix Query { get; } = TestMatrix.Random(2, 1, channels, 0, -3, 3);

        public TestMatrix Pooled { get; } = TestMatrix.Unwritten(offsets.Length - 1, channels);

        public TestMatrix GradPooled { get; } = TestMatrix.Random(3, offsets.Length - 1, channels);

        public TestMatrix GradHidden { get; } = TestMatrix.Unwritten(offsets[^1], channels, channels + 1);

        public TestMatrix GradQuery { get; } = TestMatrix.Random(4, 1, channels);

        public void Forward(int bits, CpuParallel team)
        {
            Span<float> h = Hidden.Span, q = kind == MambaPooling.Attention ? Query.Span : [], y = Pooled.Span;
            switch (bits)
            {
                case 512: Pooling.Forward<Lanes512, Vector512<float>>(kind, channels, h, Hidden.Stride, offsets, q, y, _argMax, _weights, team); break;
                case 256: Pooling.Forward<Lanes256, Vector256<float>>(kind, channels, h, Hidden.Stride, offsets, q, y, _argMax, _weights, team); break;
                case 128: Pooling.Forward<Lanes128, Vector128<float>>(kind, channels, h, Hidden.Stride, offsets, q, y, _argMax, _weights, team); break;
                default: Pooling.Forward<Lanes1, float>(kind, channels, h, Hidden.Stride, offsets, q, y, _argMax, _weights, team); break;
            }
        }

        public void Backward(int bits, CpuParallel team)
        {
            bool attends = kind == MambaPooling.Attention;
            Span<float> h = attends ? Hidden.Span : [], q = attends ? Query.Span : [], gq = attends ? GradQuery.Span : [],
                gp = GradPooled.Span, gh = GradHidden.Span;
            var workspace = new float[Pooling.BackwardWorkspaceSize(kind, offsets[^1])];
            Array.Fill(workspace, float.NaN);
            switch (bits)
            {
                case 512: Pooling.Backward<Lanes512, Vector512<float>>(
                    kind, channels, h, Hidden.Stride, offsets, q, _argMax, _weights, gp, gh, GradHidden.Stride, gq, workspace, team); break;
                case 256: Pooling.Backward<Lanes256, Vector256<float>>(
                    kind, channels, h, Hidden.Stride, offsets, q, _argMax, _weights, gp, gh, GradHidden.Stride, gq, workspace, team); break;
                case 128: Pooling.Backward<Lanes128, Vector128<float>>(
                    kind, channels, h, Hidden.Stride, offsets, q, _argMax, _weights, gp, gh, GradHidden.Stride, gq, workspace, team); break;
                default: Pooling.Backward<Lanes1, float>(
                    kind, channels, h, Hidden.Stride, offsets, q, _argMax, _weights, gp, gh, GradHidden.Stride, gq, workspace, team); break;
            }
        }
    }
}
