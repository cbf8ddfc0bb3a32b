namespace Microsoft.ML.Mamba.Audio;

/// <summary>A mel spectrogram with every number decided. Immutable.</summary>
internal sealed record MelPlan
{
    public const int MinSampleRate = 1000, MaxFftSize = 65_536, MaxHop = 1_000_000, MaxBands = 1024, MaxDeltas = 2;

    public required int SampleRate { get; init; }

    /// <summary>Samples of a window, and from one window to the next.</summary>
    public required int Window { get; init; }

    public required int Hop { get; init; }

    public required int FftSize { get; init; }

    public required int Bands { get; init; }

    public required double MinFrequency { get; init; }

    public required double MaxFrequency { get; init; }

    public required MelScale Scale { get; init; }

    public required MelWindow WindowFunction { get; init; }

    public required MelSpectrum Spectrum { get; init; }

    public required MelLogarithm Logarithm { get; init; }

    public required double FloorDecibels { get; init; }

    public required double PreEmphasis { get; init; }

    public required bool Center { get; init; }

    public required MelUtteranceNormalization UtteranceNormalization { get; init; }

    public required int Deltas { get; init; }

    /// <summary>Values of a frame: the bands, then their differences.</summary>
    public int Channels => Bands * (1 + Deltas);

    /// <summary>Frames of a waveform; 0 for one without samples, otherwise at least 1.</summary>
    public int FramesOf(int samples)
    {
        if (samples == 0)
            return 0;
        if (Center)
            return 1 + samples / Hop;
        // Where windows leave gaps, the last one still begins inside.
        return samples <= Window ? 1 : 1 + (int)Math.Min(((long)samples - Window + Hop - 1) / Hop, (samples - 1) / Hop);
    }

    /// <exception cref="ArgumentException">A value is out of range or two contradict each other; the message names them.</exception>
    public static MelPlan Of(MelSpectrogramOptions options, int sampleRate)
    {
        RangeCheck.Between(sampleRate, MinSampleRate, WaveformRules.MaxSampleRate, nameof(options.SampleRate));
        int window = Samples(options.WindowMilliseconds, sampleRate, 2, MaxFftSize, nameof(options.WindowMilliseconds));
        var plan = new MelPlan
        {
            SampleRate = sampleRate,
            Window = window,
            Hop = Samples(options.HopMilliseconds, sampleRate, 1, MaxHop, nameof(options.HopMilliseconds)),
            FftSize = options.FftSize ?? (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)window),
            Bands = options.Bands ?? sampleRate switch { < 4_000 => 20, < 16_000 => 40, _ => 64 },
            MinFrequency = options.MinFrequency,
            MaxFrequency = options.MaxFrequency ?? sampleRate / 2.0,
            Scale = options.Scale,
            WindowFunction = options.Window,
            Spectrum = options.Spectrum,
            Logarithm = options.Logarithm,
            FloorDecibels = options.FloorDecibels,
            PreEmphasis = options.PreEmphasis,
            Center = options.Center,
            UtteranceNormalization = options.UtteranceNormalization,
            Deltas = options.Deltas,
        };
        plan.Check();
        return plan;
    }

    /// <exception cref="ArgumentException">A value is out of range or two contradict each other; the message names them.</exception>
    public void Check()
    {
        RangeCheck.Between(SampleRate, MinSampleRate, WaveformRules.MaxSampleRate, nameof(SampleRate));
        RangeCheck.Between(Window, 2, MaxFftSize, nameof(Window));
        RangeCheck.Between(Hop, 1, MaxHop, nameof(Hop));
        if (FftSize < Window || FftSize > MaxFftSize || !System.Numerics.BitOperations.IsPow2(FftSize))
            throw Out(FftSize, nameof(FftSize), $"a power of two from the window's {Window} samples to {MaxFftSize}");
        RangeCheck.Between(Bands, 1, MaxBands, nameof(Bands));
        if (!(MaxFrequency > 0) || MaxFrequency > SampleRate / 2.0)
            throw Out(MaxFrequency, nameof(MaxFrequency), $"positive and at most half of {SampleRate} samples a second");
        if (!(MinFrequency >= 0) || MinFrequency >= MaxFrequency)
            throw Out(MinFrequency, nameof(MinFrequency), $"at least 0 and below MaxFrequency, which is {MaxFrequency}");
        if (!(FloorDecibels >= -300) || FloorDecibels > 0)
            throw Out(FloorDecibels, nameof(FloorDecibels), "-300 to 0");
        RangeCheck.Fraction(PreEmphasis, nameof(PreEmphasis));
        RangeCheck.Between(Deltas, 0, MaxDeltas, nameof(Deltas));
        RangeCheck.Defined(Scale, nameof(Scale));
        RangeCheck.Defined(WindowFunction, nameof(MelSpectrogramOptions.Window));
        RangeCheck.Defined(Spectrum, nameof(Spectrum));
        RangeCheck.Defined(Logarithm, nameof(Logarithm));
        RangeCheck.Defined(UtteranceNormalization, nameof(UtteranceNormalization));
        _ = MelFilter.Bank(this);
    }

    private static int Samples(double milliseconds, int sampleRate, int min, int max, string name)
    {
        double samples = Math.Round(milliseconds * sampleRate / 1000);
        return samples >= min && samples <= max
            ? (int)samples
            : throw Out(milliseconds, name, $"{min} to {max} samples long, at {sampleRate} samples a second");
    }

    private static ArgumentOutOfRangeException Out<T>(T value, string name, string range) =>
        new(name, value, FormattableString.Invariant($"{name} must be {range}; got {value}."));
}
