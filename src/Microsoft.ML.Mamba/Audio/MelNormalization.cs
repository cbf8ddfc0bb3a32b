namespace Microsoft.ML.Mamba.Audio;

/// <summary>Shifts, scales and differences of frames <c>[frames, channels]</c>, in place.</summary>
internal static class MelNormalization
{
    public static void Utterance(Span<float> frames, int channels, int bands, MelUtteranceNormalization kind)
    {
        if (kind == MelUtteranceNormalization.None || frames.IsEmpty)
            return;
        if (kind == MelUtteranceNormalization.Level)
        {
            double sum = 0;
            for (int b = 0; b < bands; b++)
                sum += FrameStatistics.Moments.Of(frames, b, channels).Mean;
            for (int b = 0; b < bands; b++)
                Apply(frames, channels, b, sum / bands, 1);
            return;
        }

        for (int b = 0; b < bands; b++)
        {
            var moments = FrameStatistics.Moments.Of(frames, b, channels);
            Apply(frames, channels, b, moments.Mean, kind == MelUtteranceNormalization.MeanAndVariance ? moments.Deviation : 1);
        }
    }

    /// <summary>Differences along time of the channels from <paramref name="first"/> on, into the channels behind them.</summary>
    public static void Deltas(Span<float> frames, int channels, int first, int count)
    {
        int length = frames.Length / channels;
        for (int t = 0; t < length; t++)
        {
            Span<float> to = frames.Slice(t * channels + first + count, count);
            ReadOnlySpan<float> before2 = At(frames, t - 2), before = At(frames, t - 1), after = At(frames, t + 1), after2 = At(frames, t + 2);
            for (int c = 0; c < count; c++)
                to[c] = (2 * (after2[c] - before2[c]) + after[c] - before[c]) / 10;
        }

        ReadOnlySpan<float> At(Span<float> all, int t) => all.Slice(Math.Clamp(t, 0, length - 1) * channels + first, count);
    }

    private static void Apply(Span<float> frames, int channels, int channel, double shift, double divisor)
    {
        for (int i = channel; i < frames.Length; i += channels)
            frames[i] = (float)((frames[i] - shift) / divisor);
    }
}
