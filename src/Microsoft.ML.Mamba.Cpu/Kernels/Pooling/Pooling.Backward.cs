using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class Pooling
{
    // Saved: argMax (Max); weights, hidden and query (Attention). Recomputed: nothing. With s[t] the score, w its softmax and g = gradPooled:
    // gradS[t] = w[t] (g . h[t] - sum over u of w[u] g . h[u]); gradH[t] = w[t] g + gradS[t] query / sqrt(channels);
    // gradQuery += sum over t of gradS[t] h[t] / sqrt(channels).

    /// <summary>Floats of workspace that <c>Backward</c> needs.</summary>
    public static int BackwardWorkspaceSize(MambaPooling kind, int tokens) => kind == MambaPooling.Attention ? tokens : 0;

    /// <param name="kind">What was computed.</param>
    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="hidden">[tokens, channels] for <see cref="MambaPooling.Attention"/>; else unused and may be empty.</param>
    /// <param name="strideHidden">Row stride of <paramref name="hidden"/>.</param>
    /// <param name="offsets">[sequences + 1].</param>
    /// <param name="query">As in <c>Forward</c>.</param>
    /// <param name="argMax">From <c>Forward</c>.</param>
    /// <param name="weights">From <c>Forward</c>.</param>
    /// <param name="gradPooled">[sequences, channels].</param>
    /// <param name="gradHidden">[tokens, channels], overwritten.</param>
    /// <param name="strideGradHidden">Row stride of <paramref name="gradHidden"/>.</param>
    /// <param name="gradQuery">[channels], accumulated (+=), for <see cref="MambaPooling.Attention"/>; else empty.</param>
    /// <param name="workspace">At least <see cref="BackwardWorkspaceSize"/>, overwritten.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Backward(
        MambaPooling kind, int channels, ReadOnlySpan<float> hidden, int strideHidden, ReadOnlySpan<int> offsets, ReadOnlySpan<float> query,
        ReadOnlySpan<int> argMax, ReadOnlySpan<float> weights, ReadOnlySpan<float> gradPooled,
        Span<float> gradHidden, int strideGradHidden, Span<float> gradQuery, Span<float> workspace, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Backward<Lanes512, Vector512<float>>(kind, channels, hidden, strideHidden, offsets, query, argMax, weights,
                gradPooled, gradHidden, strideGradHidden, gradQuery, workspace, parallel); break;
            case 256: Backward<Lanes256, Vector256<float>>(kind, channels, hidden, strideHidden, offsets, query, argMax, weights,
                gradPooled, gradHidden, strideGradHidden, gradQuery, workspace, parallel); break;
            case 128: Backward<Lanes128, Vector128<float>>(kind, channels, hidden, strideHidden, offsets, query, argMax, weights,
                gradPooled, gradHidden, strideGradHidden, gradQuery, workspace, parallel); break;
            default: Backward<Lanes1, float>(kind, channels, hidden, strideHidden, offsets, query, argMax, weights, gradPooled, gradHidden,
                strideGradHidden, gradQuery, workspace, parallel); break;
        }
    }

    internal static void Backward<TLanes, TVector>(
        MambaPooling kind, int channels, ReadOnlySpan<float> hidden, int strideHidden, ReadOnlySpan<int> offsets, ReadOnlySpan<float> query,
        ReadOnlySpan<int> argMax, ReadOnlySpan<float> weights, ReadOnlySpan<float> gradPooled,
        Span<float> gradHidden, int strideGradHidden, Span<float> gradQuery, Span<float> workspace, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        CheckShapes(kind, channels, gradHidden.Length, nameof(gradHidden), strideGradHidden, offsets, query);
        bool attends = kind == MambaPooling.Attention;
        int sequences = offsets.Length - 1, tokens = offsets[^1];
        if (attends)
            KernelCheck.Matrix(hidden.Length, nameof(hidden), tokens, nameof(tokens), channels, nameof(channels), strideHidden);
        CheckSaved(kind, channels, offsets, argMax.Length, weights.Length);
        KernelCheck.Matrix(gradPooled.Length, nameof(gradPooled), sequences, nameof(sequences), channels, nameof(channels), channels);
        KernelCheck.Vector(gradQuery.Length, nameof(gradQuery), attends ? channels : 0, nameof(channels));
        KernelCheck.Workspace(workspace.Length, BackwardWorkspaceSize(kind, tokens));
        fixed (float* pHidden = hidden, pQuery = query, pWeights = weights, pGradPooled = gradPooled)
        fixed (float* pGradHidden = gradHidden, pGradQuery = gradQuery, gradScores = workspace)
        fixed (int* pOffsets = offsets, pArgMax = argMax)
        {
            int blocks = RowBlocks.CountOf(tokens, BlockTokens);
            if (attends)
            {
                var product = new ProductJob<TLanes, TVector>(tokens, sequences, channels, pHidden, strideHidden, pOffsets, pGradPooled, gradScores);
                parallel.For(blocks, ref product);
                var score = new GradScoreJob(pOffsets, pWeights, gradScores, 1f / MathF.Sqrt(channels));
                parallel.For(sequences, ref score);
                var queryJob = new GradQueryJob<TLanes, TVector>(tokens, channels, pHidden, strideHidden, gradScores, pGradQuery);
                parallel.For(RowBlocks.CountOf(channels, BlockChannels), ref queryJob);
            }

            var job = new SpreadJob<TLanes, TVector>(
                kind, tokens, sequences, channels, pOffsets, pQuery, pArgMax, pWeights, gradScores, pGradPooled, pGradHidden, strideGradHidden);
            parallel.For(blocks, ref job);
        }
    }

    /// <summary><c>gradScores[t] = gradPooled . h[t]</c> for 256 tokens.</summary>
    private readonly struct ProductJob<TLanes, TVector>(
        int tokens, int sequences, int channels, float* hidden, int strideHidden, int* offsets, float* gradPooled, float* gradScores) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int start = index * BlockTokens;
            int end = Math.Min(start + BlockTokens, tokens);
            int sequence = PackedSearch.SequenceOf(offsets, sequences, start);
            for (int t = start; t < end; t++)
            {
                if (t == offsets[sequence + 1])
                    sequence++;
                gradScores[t] = Dot.Product<TLanes, TVector>(gradPooled + (nint)sequence * channels, hidden + (nint)t * strideHidden, channels);
            }
        }
    }

    /// <summary>The softmax's backward pass over one sequence, times 1 / sqrt(channels).</summary>
    private readonly struct GradScoreJob(int* offsets, float* weights, float* gradScores, float scale) : IParallelJob
    {
        public void Run(int index)
        {
            double mean = 0;
            for (int t = offsets[index]; t < offsets[index + 1]; t++)
                mean += (double)weights[t] * gradScores[t];
            for (int t = offsets[index]; t < offsets[index + 1]; t++)
                gradScores[t] = scale * weights[t] * (float)(gradScores[t] - mean);
        }
    }

    /// <summary><c>gradQuery[c] += sum over t of gradScores[t] h[t, c]</c> for 64 channels.</summary>
    private readonly struct GradQueryJob<TLanes, TVector>(
        int tokens, int channels, float* hidden, int strideHidden, float* gradScores, float* gradQuery) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int column = index * BlockChannels;
            WeightedSum<TLanes, TVector>(
                hidden + column, strideHidden, 0, tokens, Math.Min(BlockChannels, channels - column), gradScores, gradQuery + column);
        }
    }

    /// <summary>The gradients of 256 hidden states.</summary>
    private readonly struct SpreadJob<TLanes, TVector>(
        MambaPooling kind, int tokens, int sequences, int channels, int* offsets, float* query, int* argMax, float* weights, float* gradScores,
        float* gradPooled, float* gradHidden, int strideGradHidden) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int start = index * BlockTokens;
            int end = Math.Min(start + BlockTokens, tokens);
            int sequence = PackedSearch.SequenceOf(offsets, sequences, start);
            for (int t = start; t < end; t++)
            {
                if (t == offsets[sequence + 1])
                    sequence++;
                float* row = gradHidden + (nint)t * strideGradHidden;
                new Span<float>(row, channels).Clear();
                Spread(sequence, t, gradPooled + (nint)sequence * channels, row);
            }
        }

        private void Spread(int sequence, int t, float* gradient, float* row)
        {
            int first = offsets[sequence], last = offsets[sequence + 1] - 1;
            switch (kind)
            {
                case MambaPooling.Last when t == last:
                case MambaPooling.First when t == first:
                    Dot.AddScaled<TLanes, TVector>(1f, gradient, row, channels);
                    break;
                case MambaPooling.Mean:
                    Dot.AddScaled<TLanes, TVector>(1f / (last + 1 - first), gradient, row, channels);
                    break;
                case MambaPooling.Max:
                    int* where = argMax + (nint)sequence * channels;
                    for (int c = 0; c < channels; c++)
                        row[c] = where[c] == t ? gradient[c] : 0f;
                    break;
                case MambaPooling.Attention:
                    Dot.AddScaled<TLanes, TVector>(weights[t], gradient, row, channels);
                    Dot.AddScaled<TLanes, TVector>(gradScores[t], query, row, channels);
                    break;
            }
        }
    }
}
