namespace Microsoft.ML.Mamba.EngineConformance.Support;

public static class RandomBatches
{
    /// <summary>A batch that fits the configuration.</summary>
    public static SequenceBatch Create(MambaConfig config, int seed, params int[] lengths)
    {
        var random = new Random(seed);
        int[] offsets = new int[lengths.Length + 1];
        for (int i = 0; i < lengths.Length; i++)
            offsets[i + 1] = offsets[i] + lengths[i];
        if (config.IsTokenModel)
        {
            int[] tokens = new int[offsets[^1]];
            for (int i = 0; i < tokens.Length; i++)
                tokens[i] = random.Next(config.VocabSize);
            return SequenceBatch.FromTokens(tokens, offsets);
        }

        float[] frames = new float[offsets[^1] * config.InputChannels];
        for (int i = 0; i < frames.Length; i++)
            frames[i] = 2 * random.NextSingle() - 1;
        return SequenceBatch.FromFrames(frames, config.InputChannels, offsets);
    }

    /// <summary>Tokens start .. start + length of one sequence, as a batch of one.</summary>
    public static SequenceBatch Slice(SequenceBatch batch, int sequence, int start, int length)
    {
        int first = batch.Offsets[sequence] + start;
        return batch.IsTokens
            ? SequenceBatch.FromTokens(batch.Tokens.Slice(first, length).ToArray())
            : SequenceBatch.FromFrames(batch.Frames.Slice(first * batch.Channels, length * batch.Channels).ToArray(), batch.Channels);
    }

    /// <summary>One sequence as a batch of one.</summary>
    public static SequenceBatch One(SequenceBatch batch, int sequence) => Slice(batch, sequence, 0, batch.LengthOf(sequence));

    /// <summary>One class a sequence.</summary>
    public static int[] Targets(MambaConfig config, int seed, int count)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => random.Next(config.NumClasses)).ToArray();
    }

    /// <summary>Number of values that a model puts out for a batch.</summary>
    public static int OutputLength(MambaConfig config, SequenceBatch batch) => config.Head switch
    {
        MambaHead.Classification => batch.Count * config.NumClasses,
        MambaHead.LanguageModel => batch.TokenCount * config.VocabSize,
        _ => batch.TokenCount * config.DModel,
    };
}
