using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Audio;

namespace Microsoft.ML;

/// <summary>Adds transforms of audio to <c>mlContext.Transforms</c>: from WAV files to waveforms to mel spectrograms, which <c>MambaClassify</c> takes.</summary>
public static class MambaAudioCatalog
{
    /// <summary>Loads the WAV files whose paths are in a column of text as waveforms: vectors of Single, full scale 1.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column of waveforms. Default <c>Waveform</c>.</param>
    /// <param name="inputColumnName">The column of paths. Default <c>File</c>.</param>
    /// <param name="folder">What relative paths are relative to. It is saved with the model. Default empty: the current folder of the process.</param>
    /// <param name="sampleRate">
    /// Samples a second of the waveforms. 100 to 1,000,000. Default null: the rate of the first file that <c>Fit</c> sees, saved with the
    /// model.
    /// </param>
    /// <param name="resample">Whether files of another rate are resampled, by a factor of at most 128. Default false: they are refused.</param>
    /// <param name="channel">The channel to take of files with several, from 0. Default null: the mean of all channels.</param>
    /// <param name="sampleRateColumnName">A column for the waveforms' samples a second, an Int32. Default null: none.</param>
    /// <exception cref="ArgumentException">A value is out of range, or a name is empty; the message names it.</exception>
    public static WavLoadingEstimator LoadWav(
        this TransformsCatalog catalog,
        string outputColumnName = "Waveform",
        string inputColumnName = "File",
        string folder = "",
        int? sampleRate = null,
        bool resample = false,
        int? channel = null,
        string? sampleRateColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new WavLoadingEstimator(new WavColumnNames(outputColumnName, inputColumnName, sampleRateColumnName, folder), sampleRate, resample, channel);
    }

    /// <summary>Computes the mel spectrograms of waveforms: vectors of Single of shape <c>[frames, bands]</c>.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column of frames. Default <c>Sequence</c>, which <c>MambaClassify</c> reads by default.</param>
    /// <param name="inputColumnName">The column of waveforms. Default <c>Waveform</c>.</param>
    /// <param name="sampleRate">
    /// Samples a second. 1,000 to 1,000,000. Default null: what the column says, as those of <c>LoadWav</c> and <c>LoadFromWav</c> do.
    /// </param>
    /// <param name="bands">Number of mel bands. 1 to 1,024. Default null: 20 below 4,000 samples a second, 40 below 16,000, else 64.</param>
    /// <param name="windowMilliseconds">Length of a window. Default 25.</param>
    /// <param name="hopMilliseconds">From one window to the next. Default 10.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names it. Where the sample rate is not known yet, <c>Fit</c> throws it.</exception>
    public static MelSpectrogramEstimator MelSpectrogram(
        this TransformsCatalog catalog,
        string outputColumnName = "Sequence",
        string inputColumnName = "Waveform",
        int? sampleRate = null,
        int? bands = null,
        double windowMilliseconds = 25,
        double hopMilliseconds = 10) => MelSpectrogram(catalog, new MelSpectrogramOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            SampleRate = sampleRate,
            Bands = bands,
            WindowMilliseconds = windowMilliseconds,
            HopMilliseconds = hopMilliseconds,
        });

    /// <summary>Computes the mel spectrograms of waveforms, with all options.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="options">The options; copied.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range; the message names it. Where the sample rate is not known yet, <c>Fit</c> throws it.
    /// </exception>
    public static MelSpectrogramEstimator MelSpectrogram(this TransformsCatalog catalog, MelSpectrogramOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new MelSpectrogramEstimator(options);
    }
}
