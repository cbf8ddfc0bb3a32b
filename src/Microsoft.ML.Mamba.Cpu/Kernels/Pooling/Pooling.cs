namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Reduces each packed sequence of hidden states <c>h [tokens, channels]</c> to one vector <c>pooled [sequences, channels]</c>, as <see cref="MambaPooling"/> says:
/// the last or first state, the mean, the maximum by channel, or <c>sum over t of w[t] h[t]</c> with <c>w = softmax over t of query . h[t] / sqrt(channels)</c>.
/// </summary>
/// <remarks>
/// Sequences lie end to end, sequence i at tokens <c>offsets[i] .. offsets[i + 1]</c>, none empty. Overwritten (=): pooled, argMax, weights, gradHidden
/// (all of its rows). Accumulated (+=): gradQuery. NaN in a sequence's state gives NaN in its vector. No buffers may overlap.
/// Sums are float32 over blocks of 256 tokens, added in order: the same for any number of threads.
/// </remarks>
internal static unsafe partial class Pooling
{
    private const int BlockTokens = 256;
    private const int BlockChannels = 64;

    private static void CheckShapes(
        MambaPooling kind, int channels, int hiddenLength, string hiddenName, int strideHidden, ReadOnlySpan<int> offsets, ReadOnlySpan<float> query)
    {
        if (!Enum.IsDefined(kind))
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "kind must be Last, Mean, Max, First or Attention.");
        KernelCheck.Size(channels, nameof(channels), 1);
        int tokens = offsets.IsEmpty ? 0 : offsets[^1];
        KernelCheck.Offsets(offsets, tokens);
        KernelCheck.Matrix(hiddenLength, hiddenName, tokens, nameof(tokens), channels, nameof(channels), strideHidden);
        KernelCheck.Vector(query.Length, nameof(query), kind == MambaPooling.Attention ? channels : 0, nameof(channels));
    }

    private static void CheckSaved(MambaPooling kind, int channels, ReadOnlySpan<int> offsets, int argMaxLength, int weightsLength)
    {
        if (kind == MambaPooling.Max)
            KernelCheck.Matrix(argMaxLength, "argMax", offsets.Length - 1, "sequences", channels, nameof(channels), channels);
        if (kind == MambaPooling.Attention)
            KernelCheck.Vector(weightsLength, "weights", offsets[^1], "tokens");
    }
}
