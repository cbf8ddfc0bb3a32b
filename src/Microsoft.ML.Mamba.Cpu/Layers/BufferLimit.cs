namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>A buffer with a row a token has at most 2^31 - 1 elements.</summary>
internal static class BufferLimit
{
    /// <summary>Checks that the tokens of a training batch, which are computed at once, are not too many.</summary>
    /// <exception cref="ArgumentException">They are; the message says how many may be.</exception>
    public static void CheckTraining(MambaConfig config, SequenceBatch batch)
    {
        long width = WidestRow(config), tokens = TokenOffsets.Count(config, batch);
        if (tokens * width > int.MaxValue)
        {
            throw new ArgumentException(
                $"A training batch of {tokens} tokens is too large for this model: at most {int.MaxValue / width} can be computed at once.",
                nameof(batch));
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
