namespace Microsoft.ML.Mamba.Audio;

/// <summary>What the waveforms of a column have in common. Immutable.</summary>
/// <param name="SampleRate">Samples a second of every waveform.</param>
/// <param name="Resample">Whether files of another rate are converted; otherwise they are refused.</param>
/// <param name="Channel">The channel to take, from 0; null for the mean of all.</param>
internal sealed record WaveformRules(int SampleRate, bool Resample, int? Channel)
{
    public const int MinSampleRate = 100, MaxSampleRate = 1_000_000, MaxChannel = 65_534;

    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message names it.</exception>
    public static void Check(int? sampleRate, int? channel)
    {
        if (sampleRate is { } rate)
            RangeCheck.Between(rate, MinSampleRate, MaxSampleRate, nameof(sampleRate));
        if (channel is { } one)
            RangeCheck.Between(one, 0, MaxChannel, nameof(channel));
    }
}

/// <summary>Reads whole WAV files by common rules. Not thread-safe.</summary>
internal sealed class WaveformReader(WaveformRules rules)
{
    private readonly WaveformResampler _resampler = new();

    /// <exception cref="InvalidDataException">The file cannot be used; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public float[] Read(string path)
    {
        using FileStream stream = Open(path);
        WavHeader header = WavHeaderReader.Read(stream, path);
        if (header.SampleRate != rules.SampleRate)
        {
            if (!rules.Resample)
                throw new InvalidDataException(
                    $"'{path}' has {header.SampleRate} samples a second, but {rules.SampleRate} are expected. Set resample to convert it.");
            if (!WaveformResampler.CanConvert(header.SampleRate, rules.SampleRate))
                throw new InvalidDataException(
                    $"'{path}' has {header.SampleRate} samples a second, which are not resampled to {rules.SampleRate}: "
                    + $"that is a factor above {WaveformResampler.MaxFactor}.");
            if ((long)header.Blocks * rules.SampleRate / header.SampleRate >= Array.MaxLength)
                throw new InvalidDataException(
                    $"'{path}' has {header.Blocks} samples a channel; resampled to {rules.SampleRate} a second they would be more than {Array.MaxLength}.");
        }

        return _resampler.Convert(WavDecoder.Read(stream, header, rules.Channel, path), header.SampleRate, rules.SampleRate);
    }

    /// <summary>The sample rate that a file's header says.</summary>
    public static int SampleRateOf(string path)
    {
        using FileStream stream = Open(path);
        return WavHeaderReader.Read(stream, path).SampleRate;
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 4096);
}
