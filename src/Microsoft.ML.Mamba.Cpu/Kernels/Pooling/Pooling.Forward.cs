using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class Pooling
{
    /// <param name="kind">What to compute.</param>
    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="hidden">[tokens, channels].</param>
    /// <param name="strideHidden">Row stride of <paramref name="hidden"/>.</param>
    /// <param name="offsets">[sequences + 1].</param>
    /// <param name="query">[channels] for <see cref="MambaPooling.Attention"/>, else empty.</param>
    /// <param name="pooled">[sequences, channels], overwritten.</param>
    /// <param name="argMax">For <see cref="MambaPooling.Max"/> [sequences, channels], overwritten with token numbers for <c>Backward</c>; else unused.</param>
    /// <param name="weights">For <see cref="MambaPooling.Attention"/> [tokens], overwritten with w, which <c>Backward</c> needs; else unused.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Forward(
        MambaPooling kind, int channels, ReadOnlySpan<float> hidden, int strideHidden, ReadOnlySpan<int> offsets, ReadOnlySpan<float> query,
        Span<float> pooled, Span<int> argMax, Span<float> weights, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Forward<Lanes512, Vector512<float>>(kind, channels, hidden, strideHidden, offsets, query, pooled, argMax, weights, parallel); break;
            case 256: Forward<Lanes256, Vector256<float>>(kind, channels, hidden, strideHidden, offsets, query, pooled, argMax, weights, parallel); break;
            case 128: Forward<Lanes128, Vector128<float>>(kind, channels, hidden, strideHidden, offsets, query, pooled, argMax, weights, parallel); break;
            default: Forward<Lanes1, float>(kind, channels, hidden, strideHidden, offsets, query, pooled, argMax, weights, parallel); break;
        }
    }

    internal static void Forward<TLanes, TVector>(
        MambaPooling kind, int channels, ReadOnlySpan<float> hidden, int strideHidden, ReadOnlySpan<int> offsets, ReadOnlySpan<float> query,
        Span<float> pooled, Span<int> argMax, Span<float> weights, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        CheckShapes(kind, channels, hidden.Length, nameof(hidden), strideHidden, offsets, query);
        int sequences = offsets.Length - 1, tokens = offsets[^1];
        KernelCheck.Matrix(pooled.Length, nameof(pooled), sequences, nameof(sequences), channels, nameof(channels), channels);
        CheckSaved(kind, channels, offsets, argMax.Length, weights.Length);
        fixed (float* pHidden = hidden, pQuery = query, pPooled = pooled, pWeights = weights)
        fixed (int* pOffsets = offsets, pArgMax = argMax)
        {
            if (kind == MambaPooling.Attention)
            {
                var score = new ScoreJob<TLanes, TVector>(tokens, channels, pHidden, strideHidden, pQuery, pWeights);
                parallel.For(RowBlocks.CountOf(tokens, BlockTokens), ref score);
                var normalize = new NormalizeJob<TLanes, TVector>(pOffsets, pWeights);
                parallel.For(sequences, ref normalize);
            }

            int columnBlocks = RowBlocks.CountOf(channels, BlockChannels);
            var job = new ReduceJob<TLanes, TVector>(kind, channels, columnBlocks, pHidden, strideHidden, pOffsets, pWeights, pPooled, pArgMax);
            parallel.For(checked(sequences * columnBlocks), ref job);
        }
    }

    /// <summary><c>weights[t] = query . h[t] / sqrt(channels)</c> for 256 tokens.</summary>
    private readonly struct ScoreJob<TLanes, TVector>(int tokens, int channels, float* hidden, int strideHidden, float* query, float* weights) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            float scale = 1f / MathF.Sqrt(channels);
            int end = Math.Min((index + 1) * BlockTokens, tokens);
            for (int t = index * BlockTokens; t < end; t++)
                weights[t] = scale * Dot.Product<TLanes, TVector>(query, hidden + (nint)t * strideHidden, channels);
        }
    }

    /// <summary>Turns one sequence's scores into softmax weights.</summary>
    private readonly struct NormalizeJob<TLanes, TVector>(int* offsets, float* weights) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            float* w = weights + offsets[index];
            int length = offsets[index + 1] - offsets[index];
            double sum = SoftmaxRow.Exponentials<TLanes, TVector>(w, SoftmaxRow.Max<TLanes, TVector>(w, length), w, length);
            SoftmaxRow.Scale<TLanes, TVector>(w, (float)(1 / sum), length);
        }
    }

    /// <summary>One sequence, 64 channels.</summary>
    private readonly struct ReduceJob<TLanes, TVector>(
        MambaPooling kind, int channels, int columnBlocks, float* hidden, int strideHidden, int* offsets, float* weights, float* pooled, int* argMax) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int sequence = index / columnBlocks;
            int column = index % columnBlocks * BlockChannels;
            int width = Math.Min(BlockChannels, channels - column);
            int first = offsets[sequence], end = offsets[sequence + 1];
            float* h = hidden + column;
            nint at = (nint)sequence * channels + column;
            var result = new Span<float>(pooled + at, width);
            switch (kind)
            {
                case MambaPooling.Last:
                    new ReadOnlySpan<float>(h + (nint)(end - 1) * strideHidden, width).CopyTo(result);
                    break;
                case MambaPooling.First:
                    new ReadOnlySpan<float>(h + (nint)first * strideHidden, width).CopyTo(result);
                    break;
                case MambaPooling.Max:
                    Maximum(h, strideHidden, first, end, width, pooled + at, argMax + at);
                    break;
                default:
                    result.Clear();
                    WeightedSum<TLanes, TVector>(h, strideHidden, first, end, width, weights: kind == MambaPooling.Mean ? null : weights, pooled + at);
                    if (kind == MambaPooling.Mean)
                        SoftmaxRow.Scale<TLanes, TVector>(pooled + at, 1f / (end - first), width);
                    break;
            }
        }
    }

    private static void Maximum(float* h, int strideHidden, int first, int end, int width, float* best, int* where)
    {
        for (int c = 0; c < width; c++)
            (best[c], where[c]) = (h[(nint)first * strideHidden + c], first);
        for (int t = first + 1; t < end; t++)
        {
            float* row = h + (nint)t * strideHidden;
            for (int c = 0; c < width; c++)
            {
                // A NaN is taken, and once taken it stays.
                if (!(row[c] <= best[c]) && !float.IsNaN(best[c]))
                    (best[c], where[c]) = (row[c], t);
            }
        }
    }

    /// <summary><c>sum[c] += sum over t of weights[t] h[t, c]</c>; weights of 1 for null.</summary>
    private static void WeightedSum<TLanes, TVector>(float* h, int strideHidden, int first, int end, int width, float* weights, float* sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        float* block = stackalloc float[BlockChannels];
        for (int start = first; start < end; start += BlockTokens)
        {
            new Span<float>(block, BlockChannels).Clear();
            int stop = Math.Min(end, start + BlockTokens);
            for (int t = start; t < stop; t++)
                Dot.AddScaled<TLanes, TVector>(weights == null ? 1f : weights[t], h + (nint)t * strideHidden, block, width);
            ColumnSum.AddRow<TLanes, TVector>(block, sum, width);
        }
    }
}
