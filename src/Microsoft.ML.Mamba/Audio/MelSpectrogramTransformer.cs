using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Persistence;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>
/// Adds a column with the mel spectrograms of waveforms: vectors of Single of shape <c>[frames, channels]</c>, which <c>MambaClassify</c>
/// reads as sequences of frames. Made by <see cref="MelSpectrogramEstimator.Fit"/> or by loading a saved model. Thread-safe.
/// </summary>
/// <remarks>
/// A waveform without samples has no frames, a shorter one than a window one, filled with zeros. Reading throws
/// <see cref="InvalidDataException"/> with row and position where a sample is NaN or infinite, or so large that its spectrum is.
/// </remarks>
public sealed class MelSpectrogramTransformer : ITransformer
{
    internal const string LoaderSignature = "MambaMelSpectrogram";

    private readonly MelPlan _plan;
    private readonly FramePreparation? _normalization;

    internal MelSpectrogramTransformer(string output, string input, MelPlan plan, FramePreparation? normalization)
    {
        (OutputColumnName, InputColumnName) = (output, input);
        (_plan, _normalization) = (plan, normalization);
    }

    /// <summary>The column of frames.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column of waveforms.</summary>
    public string InputColumnName { get; }

    /// <summary>Samples a second of the waveforms.</summary>
    public int SampleRate => _plan.SampleRate;

    /// <summary>Number of mel bands.</summary>
    public int Bands => _plan.Bands;

    /// <summary>Values of a frame: the bands, then their differences of each order.</summary>
    public int Channels => _plan.Channels;

    /// <summary>Samples of a window.</summary>
    public int WindowLength => _plan.Window;

    /// <summary>Samples from one window to the next.</summary>
    public int HopLength => _plan.Hop;

    /// <summary>Points of the Fourier transform.</summary>
    public int FftSize => _plan.FftSize;

    /// <summary>
    /// What was learned from the training rows' frames and is applied to each channel; null without
    /// <see cref="MelSpectrogramOptions.NormalizeOnTrainingData"/>.
    /// </summary>
    public FramePreparation? Normalization => _normalization;

    /// <summary>Always true: a row's frames depend on that row alone.</summary>
    public bool IsRowToRowMapper => true;

    private static VersionInfo Version => new(
        modelSignature: "MAMBAMEL", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(MelSpectrogramTransformer).Assembly.GetName().Name);

    /// <summary>The schema that <see cref="Transform"/> gives.</summary>
    /// <param name="inputSchema">A schema with the column of waveforms.</param>
    /// <exception cref="ArgumentException">The column is missing or no vector of Single, or says another sample rate than that of this transformer.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => ColumnsOver(inputSchema).Output;

    /// <summary>A view with the frames behind the columns of another; computed while it is read.</summary>
    /// <param name="input">Rows with the column of waveforms.</param>
    /// <exception cref="ArgumentException">As for <see cref="GetOutputSchema"/>.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new AddedColumnsView(input, ColumnsOver(input.Schema));
    }

    /// <summary>A mapper that computes single rows' frames, as prediction engines use it.</summary>
    /// <param name="inputSchema">A schema with the column of waveforms.</param>
    /// <exception cref="ArgumentException">As for <see cref="GetOutputSchema"/>.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new AddedColumnsMapper(ColumnsOver(inputSchema));

    internal static DataViewSchema.Column WaveformsOf(DataViewSchema schema, string name, int? sampleRate)
    {
        DataViewSchema.Column waveforms = AudioColumns.Find(schema, name, "waveform");
        if (waveforms.Type is not VectorDataViewType vector || !vector.ItemType.Equals(NumberDataViewType.Single)
            || (vector.Dimensions.Length > 1 && vector.Dimensions[^1] != 1))
            throw NoWaveforms(name, waveforms.Type);
        if (sampleRate is { } expected && AudioColumns.SampleRateOf(waveforms) is { } own && own != expected)
            throw new ArgumentException($"Column '{name}' has {own} samples a second, but {expected} are expected. LoadWav and the WAV loaders resample.");
        return waveforms;
    }

    internal static ArgumentException NoWaveforms(string column, object type) =>
        new($"Column '{column}' has type {type}, but waveforms must be a vector of Single.");

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);
        AudioManifestJson.Save(ctx, new MelManifest
        {
            Format = MelManifest.FormatName,
            FormatVersion = AudioManifestJson.FormatVersion,
            LibraryVersion = ManifestConverter.LibraryVersion,
            Output = OutputColumnName,
            Input = InputColumnName,
            SampleRate = _plan.SampleRate,
            Window = _plan.Window,
            Hop = _plan.Hop,
            FftSize = _plan.FftSize,
            Bands = _plan.Bands,
            MinFrequency = _plan.MinFrequency,
            MaxFrequency = _plan.MaxFrequency,
            Scale = _plan.Scale.ToString(),
            WindowFunction = _plan.WindowFunction.ToString(),
            Spectrum = _plan.Spectrum.ToString(),
            Logarithm = _plan.Logarithm.ToString(),
            FloorDecibels = _plan.FloorDecibels,
            PreEmphasis = _plan.PreEmphasis,
            Center = _plan.Center,
            UtteranceNormalization = _plan.UtteranceNormalization.ToString(),
            Deltas = _plan.Deltas,
            Means = _normalization?.Means.ToArray(),
            Deviations = _normalization?.Deviations.ToArray(),
        });
    }

    // ML.NET finds this by name; its return type must be the one that the LoadableClass attribute says.
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version);
        return AudioManifestJson.Load<MelManifest, MelSpectrogramTransformer>(ctx, MelManifest.FormatName, manifest => manifest.ToTransformer());
    }

    private MelColumns ColumnsOver(DataViewSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MelColumns(input, WaveformsOf(input, InputColumnName, SampleRate), OutputColumnName, _plan, _normalization);
    }
}
