namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>A buffer with a row a token has at most 2^31 - 1 elements.</summary>
internal static class BufferLimit
{
    /// <summary>Checks that the tokens of a training batch, or of its chunks, are not too many.</summary>
    /// <param name="config">The model.</param>
    /// <param name="offsets">The batch's <see cref="TokenOffsets"/>.</param>
    /// <param name="chunkTokens"><see cref="MambaTrainingSettings.BackpropagationLength"/>.</param>
    /// <exception cref="ArgumentException">They are; the message says how many may be, and what helps.</exception>
    public static void CheckTraining(MambaConfig config, ReadOnlySpan<int> offsets, int chunkTokens)
    {
        long width = WidestRow(config), tokens = offsets[^1], stretches = chunkTokens > 0 ? BlockChunks.CountStretches(offsets, chunkTokens) : 0;
        if (stretches == 0)
        {
            if (tokens * width > int.MaxValue)
            {
                throw new ArgumentException(
                    $"A training batch of {tokens} tokens is too large for this model: at most {int.MaxValue / width} can be computed at once. "
                    + "Make batches smaller, or set BackpropagationLength to train long sequences in chunks.",
                    "batch");
            }

            return;
        }

        // The residual stream is kept for all tokens, the insides of blocks for a chunk, and a state of each direction for each stretch.
        long kept = Math.Max(config.DModel, config.InputWidth), state = (config.IsBidirectional ? 2L : 1L) * BlockChunks.StateSize(config);
        if (tokens * kept > int.MaxValue)
        {
            throw new ArgumentException(
                $"A training batch of {tokens} tokens is too large for this model, even in chunks: "
                + $"at most {int.MaxValue / kept} can be kept. Make batches smaller or sequences shorter.",
                "batch");
        }

        if (Math.Min(chunkTokens, tokens) * width > int.MaxValue)
        {
            throw new ArgumentException(
                $"Chunks of BackpropagationLength = {chunkTokens} tokens are too large for this model: "
                + $"at most {int.MaxValue / width} can be computed at once.", "batch");
        }

        if (stretches * state > int.MaxValue)
        {
            throw new ArgumentException(
                $"BackpropagationLength = {chunkTokens} cuts the batch's sequences into {stretches} chunks, too many for this model, "
                + $"which can keep the states of {int.MaxValue / state}.",
                "batch");
        }
    }

    /// <summary>Checks that no sequence is too long for a forward and a backward pass at once.</summary>
    /// <exception cref="ArgumentException">One is; the message names it.</exception>
    public static void CheckSaliency(MambaConfig config, SequenceBatch batch)
    {
        long width = WidestRow(config);
        for (int i = 0; i < batch.Count; i++)
        {
            int tokens = config.TokensOf(batch.LengthOf(i));
            if (tokens * width > int.MaxValue)
            {
                throw new ArgumentException(
                    $"Sequence {i} of {tokens} tokens is too long for the saliency of this model: at most {int.MaxValue / width} can be computed at once.",
                    nameof(batch));
            }
        }
    }

    /// <summary>Checks that no sequence of a bidirectional model is too long.</summary>
    /// <exception cref="ArgumentException">One is; the message names it.</exception>
    public static void CheckInference(MambaConfig config, SequenceBatch batch)
    {
        for (int i = 0; i < batch.Count && config.IsBidirectional; i++)
        {
            int tokens = config.TokensOf(batch.LengthOf(i));
            if ((long)tokens * config.DInner > int.MaxValue)
            {
                throw new ArgumentException(
                    $"Sequence {i} of {tokens} tokens is too long for this bidirectional model: at most {int.MaxValue / config.DInner} can be read.",
                    nameof(batch));
            }
        }
    }

    private static long WidestRow(MambaConfig config) =>
        Math.Max(2L * config.DInner, Math.Max(DtBCSlices.WidthOf(config), Math.Max(config.InputWidth, config.DModel)));
}
