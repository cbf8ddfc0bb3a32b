namespace Microsoft.ML.Mamba.Audio;

/// <summary>How hertz become mels.</summary>
public enum MelScale
{
    /// <summary>mel = 2595 log10(1 + f / 700), as in HTK.</summary>
    Htk = 0,

    /// <summary>mel = 3 f / 200 up to 1,000 Hz, and 15 + 27 ln(f / 1000) / ln(6.4) above, as in Slaney's Auditory Toolbox.</summary>
    Slaney = 1,
}

/// <summary>What the samples of a window are multiplied by. N is the window's length, n counts from 0.</summary>
public enum MelWindow
{
    /// <summary>0.5 - 0.5 cos(2 pi n / N).</summary>
    Hann = 0,

    /// <summary>0.54 - 0.46 cos(2 pi n / N).</summary>
    Hamming = 1,
}

/// <summary>What the bands sum up.</summary>
public enum MelSpectrum
{
    /// <summary>Squared amplitudes.</summary>
    Power = 0,

    /// <summary>Amplitudes.</summary>
    Magnitude = 1,
}

/// <summary>The logarithm of the bands' values.</summary>
public enum MelLogarithm
{
    /// <summary>The natural logarithm.</summary>
    Natural = 0,

    /// <summary>Decibels of full scale: 10 log10 of a power, 20 log10 of a magnitude.</summary>
    Decibel = 1,

    /// <summary>None: the values themselves. <see cref="MelSpectrogramOptions.FloorDecibels"/> is without effect.</summary>
    None = 2,
}

/// <summary>What is taken out of every waveform by itself.</summary>
public enum MelUtteranceNormalization
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The mean over all frames and bands: the loudness, after a logarithm.</summary>
    Level = 1,

    /// <summary>Each band's mean over the frames: the recording's tone colour, after a logarithm.</summary>
    Mean = 2,

    /// <summary>Each band's mean over the frames, and what is left is divided by its standard deviation.</summary>
    MeanAndVariance = 3,
}
