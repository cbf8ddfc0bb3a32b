namespace Microsoft.ML.Mamba.Audio;

/// <summary>Options of <c>mlContext.Transforms.MelSpectrogram</c>. Not thread-safe; the estimator takes a copy.</summary>
public sealed class MelSpectrogramOptions
{
    /// <summary>The column of frames. Default <c>Sequence</c>, which <c>MambaClassify</c> reads by default.</summary>
    public string OutputColumnName { get; set; } = "Sequence";

    /// <summary>The column of waveforms: a vector of Single of any length, full scale 1. Default <c>Waveform</c>.</summary>
    public string InputColumnName { get; set; } = "Waveform";

    /// <summary>
    /// Samples a second. 1,000 to 1,000,000. Default null: what the column says, as those of <c>LoadWav</c> and <c>LoadFromWav</c> do by
    /// their annotation <c>SampleRate</c>.
    /// </summary>
    public int? SampleRate { get; set; }

    /// <summary>Length of a window in milliseconds; 2 to 65,536 samples after rounding. Default 25.</summary>
    public double WindowMilliseconds { get; set; } = 25;

    /// <summary>From one window to the next in milliseconds; 1 to 1,000,000 samples after rounding. Default 10.</summary>
    public double HopMilliseconds { get; set; } = 10;

    /// <summary>Points of the Fourier transform, a power of two, at least the window's samples and at most 65,536. Default null: the least that does.</summary>
    public int? FftSize { get; set; }

    /// <summary>Number of mel bands. 1 to 1,024. Default null: 20 below 4,000 samples a second, 40 below 16,000, else 64.</summary>
    public int? Bands { get; set; }

    /// <summary>Where the lowest band begins, in hertz. At least 0, below <see cref="MaxFrequency"/>. Default 20.</summary>
    public double MinFrequency { get; set; } = 20;

    /// <summary>Where the highest band ends, in hertz. At most half the sample rate. Default null: half the sample rate.</summary>
    public double? MaxFrequency { get; set; }

    /// <summary>The mel scale. Default <see cref="MelScale.Htk"/>.</summary>
    public MelScale Scale { get; set; }

    /// <summary>The window function. Default <see cref="MelWindow.Hann"/>.</summary>
    public MelWindow Window { get; set; }

    /// <summary>What the bands sum up. Default <see cref="MelSpectrum.Power"/>.</summary>
    public MelSpectrum Spectrum { get; set; }

    /// <summary>The logarithm of the bands' values. Default <see cref="MelLogarithm.Natural"/>.</summary>
    public MelLogarithm Logarithm { get; set; }

    /// <summary>Before the logarithm values are raised to this, in decibels of a full-scale sine. -300 to 0. Default -100.</summary>
    public double FloorDecibels { get; set; } = -100;

    /// <summary>y[n] = x[n] - this * x[n - 1] before all else. At least 0 and below 1. Default 0: none.</summary>
    public double PreEmphasis { get; set; }

    /// <summary>
    /// Whether the middle of window t is at sample t * hop, with zeros before the beginning and behind the end: 1 + samples / hop frames,
    /// rounded down. Otherwise window t begins there, and there are as many as it takes to see every sample, the last one filled with
    /// zeros. Default true.
    /// </summary>
    public bool Center { get; set; } = true;

    /// <summary>
    /// What is taken out of every waveform by itself. Default <see cref="MelUtteranceNormalization.Level"/>, so that it does not matter how
    /// loud a recording is; without a logarithm <see cref="MelUtteranceNormalization.None"/> is the better one.
    /// <see cref="MelUtteranceNormalization.Mean"/> helps where microphones and lines differ; it takes what distinguishes steady sounds,
    /// too.
    /// </summary>
    public MelUtteranceNormalization UtteranceNormalization { get; set; } = MelUtteranceNormalization.Level;

    /// <summary>
    /// Orders of differences along time that are appended to each frame, each of them as many channels as there are bands: d[t] = (2 c[t+2]
    /// + c[t+1] - c[t-1] - 2 c[t-2]) / 10, with the first and last frame repeated beyond the ends. 1 helps with voices that were not heard
    /// in training. 0 to 2. Default 0.
    /// </summary>
    public int Deltas { get; set; }

    /// <summary>
    /// Whether each channel is shifted and scaled to mean 0 and standard deviation 1 over all frames of the training rows, which <c>Fit</c>
    /// reads once for that; the numbers are saved with the model. Default false: <c>MambaClassify</c> does that by itself, by its option
    /// <c>FrameNormalization</c>.
    /// </summary>
    public bool NormalizeOnTrainingData { get; set; }

    internal MelSpectrogramOptions Clone() => (MelSpectrogramOptions)MemberwiseClone();
}
