using System.Numerics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Pooling of a sequence that arrives in chunks, in memory that does not depend on its length. Feeding it in any chunks gives the same bits, and what
/// <see cref="Pooling"/> gives for the whole up to rounding.
/// </summary>
/// <remarks>
/// The state is double, so that means and attention stay exact over millions of tokens. Its layout: [channels] the state, maximum or sum;
/// for attention the sum of <c>e^(s - m) h</c>, then the sum of <c>e^(s - m)</c> and m, the largest score so far (an online softmax).
/// Thread-safe with distinct states.
/// </remarks>
internal static class StreamingPooling
{
    /// <summary>Doubles of state for one stream.</summary>
    public static int StateSize(MambaPooling kind, int channels) => kind == MambaPooling.Attention ? checked(channels + 2) : channels;

    /// <summary>Sets a stream back to its start.</summary>
    public static void Reset(MambaPooling kind, Span<double> state)
    {
        state.Fill(kind == MambaPooling.Max ? double.NegativeInfinity : 0);
        if (kind == MambaPooling.Attention)
            state[^1] = double.NegativeInfinity;
    }

    /// <summary>Takes in the next tokens of one stream.</summary>
    /// <param name="kind">What to compute.</param>
    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="tokens">Rows of this chunk; 0 changes nothing.</param>
    /// <param name="hidden">[tokens, channels].</param>
    /// <param name="strideHidden">Row stride of <paramref name="hidden"/>.</param>
    /// <param name="query">[channels] for <see cref="MambaPooling.Attention"/>, else empty.</param>
    /// <param name="tokensBefore">Tokens that the stream has taken in before.</param>
    /// <param name="state">[<see cref="StateSize"/>], updated.</param>
    public static void Update(
        MambaPooling kind, int channels, int tokens, ReadOnlySpan<float> hidden, int strideHidden, ReadOnlySpan<float> query, long tokensBefore, Span<double> state)
    {
        KernelCheck.Size(channels, nameof(channels), 1);
        KernelCheck.Size(tokens, nameof(tokens));
        KernelCheck.Matrix(hidden.Length, nameof(hidden), tokens, nameof(tokens), channels, nameof(channels), strideHidden);
        KernelCheck.Vector(query.Length, nameof(query), kind == MambaPooling.Attention ? channels : 0, nameof(channels));
        KernelCheck.Vector(state.Length, nameof(state), StateSize(kind, channels), nameof(StateSize));
        if (tokens == 0)
            return;
        switch (kind)
        {
            case MambaPooling.Last:
                Set(hidden.Slice((int)((long)(tokens - 1) * strideHidden), channels), state);
                return;
            case MambaPooling.First:
                if (tokensBefore == 0)
                    Set(hidden[..channels], state);
                return;
        }

        for (int t = 0; t < tokens; t++)
        {
            ReadOnlySpan<float> row = hidden.Slice((int)((long)t * strideHidden), channels);
            if (kind == MambaPooling.Mean)
                AddScaled(row, 1, state);
            else if (kind == MambaPooling.Max)
                Maximize(row, state);
            else
                Attend(row, query, state);
        }
    }

    /// <summary>Overwrites <paramref name="pooled"/> with the vector of all that the stream has taken in. The state stays as it is.</summary>
    /// <param name="kind">What to compute.</param>
    /// <param name="state">[<see cref="StateSize"/>].</param>
    /// <param name="tokens">Tokens that the stream has taken in, at least 1.</param>
    /// <param name="pooled">[channels], overwritten.</param>
    public static void Finish(MambaPooling kind, ReadOnlySpan<double> state, long tokens, Span<float> pooled)
    {
        KernelCheck.Vector(state.Length, nameof(state), StateSize(kind, pooled.Length), nameof(StateSize));
        if (tokens < 1)
            throw new ArgumentOutOfRangeException(nameof(tokens), tokens, $"tokens must be at least 1; got {tokens}.");
        double divisor = kind switch
        {
            MambaPooling.Mean => tokens,
            MambaPooling.Attention => state[^2],
            _ => 1,
        };
        for (int c = 0; c < pooled.Length; c++)
            pooled[c] = (float)(state[c] / divisor);
    }

    private static void Set(ReadOnlySpan<float> row, Span<double> state)
    {
        for (int c = 0; c < row.Length; c++)
            state[c] = row[c];
    }

    private static void Maximize(ReadOnlySpan<float> row, Span<double> state)
    {
        for (int c = 0; c < row.Length; c++)
            state[c] = Math.Max(state[c], row[c]);
    }

    // Element by element, product and sum rounded each, so that the vectors' width changes nothing.
    private static void AddScaled(ReadOnlySpan<float> row, double scale, Span<double> state)
    {
        int c = 0;
        for (; c + Vector<float>.Count <= row.Length; c += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[c..]), out Vector<double> low, out Vector<double> high);
            Span<double> to = state.Slice(c, Vector<float>.Count);
            (new Vector<double>(to) + low * scale).CopyTo(to);
            to = to[Vector<double>.Count..];
            (new Vector<double>(to) + high * scale).CopyTo(to);
        }

        for (; c < row.Length; c++)
            state[c] += row[c] * scale;
    }

    private static void Attend(ReadOnlySpan<float> row, ReadOnlySpan<float> query, Span<double> state)
    {
        double score = 0;
        for (int c = 0; c < row.Length; c++)
            score += (double)query[c] * row[c];
        score /= Math.Sqrt(row.Length);
        Span<double> sum = state[..row.Length];
        if (score > state[^1])
        {
            double decay = Math.Exp(state[^1] - score);
            for (int c = 0; c < sum.Length; c++)
                sum[c] *= decay;
            state[^2] *= decay;
            state[^1] = score;
        }

        double weight = Math.Exp(score - state[^1]);
        AddScaled(row, weight, sum);
        state[^2] += weight;
    }
}
