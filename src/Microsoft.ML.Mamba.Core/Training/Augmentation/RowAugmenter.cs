namespace Microsoft.ML.Mamba.Training;

/// <summary>Varies rows on their way into a training batch. Not thread-safe.</summary>
/// <param name="augmentation">How.</param>
/// <param name="complementIds">Each token's complement, where rows are reversed.</param>
/// <param name="seed">Any value.</param>
internal sealed class RowAugmenter(SequenceAugmentation augmentation, IReadOnlyList<int> complementIds, int seed)
{
    /// <summary>Whether rows of tokens come out otherwise than they go in.</summary>
    public bool ChangesTokens => augmentation.ChangesTokens;

    /// <summary>Whether rows of frames come out otherwise than they go in.</summary>
    public bool ChangesFrames => augmentation.ChangesFrames;

    /// <summary>Writes a row's frames, varied.</summary>
    /// <param name="source">[length, channels].</param>
    /// <param name="channels">Channels of a frame.</param>
    /// <param name="epoch">Number of the epoch.</param>
    /// <param name="row">Index of the row among the training rows.</param>
    /// <param name="target">As long as <paramref name="source"/>; overwritten.</param>
    public void Frames(ReadOnlySpan<float> source, int channels, int epoch, int row, Span<float> target)
    {
        MambaRandom random = RandomOf(epoch, row);
        Warp(source, channels, random, target);
        float factor = augmentation.Scale > 0 ? (float)Math.Exp(random.NextNormal() * augmentation.Scale) : 1;
        for (int i = 0; i < target.Length && (augmentation.Scale > 0 || augmentation.Noise > 0); i++)
            target[i] = target[i] * factor + (augmentation.Noise > 0 ? (float)(random.NextNormal() * augmentation.Noise) : 0);
        int length = target.Length / channels;
        for (int i = 0; i < augmentation.ChannelMasks; i++)
        {
            (int start, int end) = Run(random, channels, augmentation.ChannelMaskFraction);
            for (int frame = 0; frame < length; frame++)
                target.Slice(frame * channels + start, end - start).Clear();
        }

        for (int i = 0; i < augmentation.TimeMasks; i++)
        {
            (int start, int end) = Run(random, length, augmentation.TimeMaskFraction);
            target[(start * channels)..(end * channels)].Clear();
        }
    }

    /// <summary>Writes a row's tokens, varied.</summary>
    /// <param name="source">Token ids.</param>
    /// <param name="epoch">Number of the epoch.</param>
    /// <param name="row">Index of the row among the training rows.</param>
    /// <param name="target">As long as <paramref name="source"/>; overwritten.</param>
    public void Tokens(ReadOnlySpan<int> source, int epoch, int row, Span<int> target)
    {
        if (RandomOf(epoch, row).NextDouble() >= augmentation.ReverseComplement)
        {
            source.CopyTo(target);
            return;
        }

        for (int i = 0; i < source.Length; i++)
            target[^(i + 1)] = complementIds[source[i]];
    }

    private MambaRandom RandomOf(int epoch, int row) => new(seed, "augmentation", ((long)epoch << 32) | (uint)row);

    // Frame t of the result is the source at anchor + (t - anchor) * speed - shift.
    private void Warp(ReadOnlySpan<float> source, int channels, MambaRandom random, Span<float> target)
    {
        if (augmentation.TimeStretch <= 0 && augmentation.TimeShift <= 0)
        {
            source.CopyTo(target);
            return;
        }

        int last = source.Length / channels - 1;
        double logSpeed = Math.Log(1 + augmentation.TimeStretch);
        double speed = Math.Exp(random.NextUniform(-logSpeed, logSpeed)), anchor = random.NextUniform(0, last);
        double largestShift = augmentation.TimeShift * (last + 1.0), shift = random.NextUniform(-largestShift, largestShift);
        for (int t = 0; t <= last; t++)
        {
            double position = Math.Clamp(anchor + (t - anchor) * speed - shift, 0, last);
            int before = (int)position, after = Math.Min(before + 1, last);
            float share = (float)(position - before);
            for (int c = 0; c < channels; c++)
            {
                float from = source[before * channels + c], to = source[after * channels + c];
                target[t * channels + c] = from + share * (to - from);
            }
        }
    }

    private static (int Start, int End) Run(MambaRandom random, int count, float fraction)
    {
        int length = random.NextInt32((int)(fraction * count) + 1);
        int start = random.NextInt32(count - length + 1);
        return (start, start + length);
    }
}
