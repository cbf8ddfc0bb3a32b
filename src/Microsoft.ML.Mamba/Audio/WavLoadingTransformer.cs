using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Persistence;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>
/// Adds a column with the waveforms of WAV files whose paths are in another: vectors of Single, one value a sample, of the file's length.
/// Made by <see cref="WavLoadingEstimator.Fit"/> or by loading a saved model. Thread-safe.
/// </summary>
/// <remarks>
/// <para>A file is opened and decoded when its row's waveform is asked for, and not kept. Reading throws <see cref="InvalidDataException"/>
/// with the row, the file and mostly the byte where a file is no WAV file, claims what it does not hold, or has another sample rate and is
/// not to be resampled; <see cref="FileNotFoundException"/> where it does not exist; and <see cref="IOException"/> where it cannot be
/// read.</para>
/// <para>Read are RIFF, RF64 and BW64 files with PCM of 8, 16, 24 or 32 bits or IEEE floating point of 32 or 64 bits, also as
/// WAVE_FORMAT_EXTENSIBLE. Full scale of PCM is 1.</para>
/// </remarks>
public sealed class WavLoadingTransformer : ITransformer
{
    internal const string LoaderSignature = "MambaLoadWav";

    private readonly WavColumnNames _names;
    private readonly WaveformRules _rules;

    internal WavLoadingTransformer(WavColumnNames names, WaveformRules rules) => (_names, _rules) = (names, rules);

    /// <summary>The column of waveforms.</summary>
    public string OutputColumnName => _names.Output;

    /// <summary>The column of paths.</summary>
    public string InputColumnName => _names.Input;

    /// <summary>The column of sample rates, or null.</summary>
    public string? SampleRateColumnName => _names.SampleRate;

    /// <summary>What relative paths are relative to; empty for the current folder.</summary>
    public string Folder => _names.Folder;

    /// <summary>Samples a second of every waveform.</summary>
    public int SampleRate => _rules.SampleRate;

    /// <summary>Whether files of another sample rate are resampled; otherwise they are refused.</summary>
    public bool Resamples => _rules.Resample;

    /// <summary>The channel that is taken, from 0; null for the mean of all.</summary>
    public int? Channel => _rules.Channel;

    /// <summary>Always true: a row's waveform depends on that row alone.</summary>
    public bool IsRowToRowMapper => true;

    private static VersionInfo Version => new(
        modelSignature: "MAMBAWAV", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(WavLoadingTransformer).Assembly.GetName().Name);

    /// <summary>The schema that <see cref="Transform"/> gives. The waveforms' column has the annotation <c>SampleRate</c>, an Int32.</summary>
    /// <param name="inputSchema">A schema with the column of paths.</param>
    /// <exception cref="ArgumentException">The column of paths is missing or no text.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => ColumnsOver(inputSchema).Output;

    /// <summary>A view with the waveforms behind the columns of another; files are read while it is read.</summary>
    /// <param name="input">Rows with the column of paths.</param>
    /// <exception cref="ArgumentException">As for <see cref="GetOutputSchema"/>.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new AddedColumnsView(input, ColumnsOver(input.Schema));
    }

    /// <summary>A mapper that loads single rows' files, as prediction engines use it.</summary>
    /// <param name="inputSchema">A schema with the column of paths.</param>
    /// <exception cref="ArgumentException">As for <see cref="GetOutputSchema"/>.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new AddedColumnsMapper(ColumnsOver(inputSchema));

    internal static DataViewSchema.Column PathsOf(DataViewSchema schema, string name)
    {
        DataViewSchema.Column paths = AudioColumns.Find(schema, name, "path");
        return paths.Type is TextDataViewType ? paths : throw NotText(name, paths.Type);
    }

    internal static ArgumentException NotText(string column, object type) => new($"Column '{column}' has type {type}, but paths of WAV files must be text.");

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);
        AudioManifestJson.Save(ctx, new WavManifest
        {
            Format = WavManifest.FormatName,
            FormatVersion = AudioManifestJson.FormatVersion,
            LibraryVersion = ManifestConverter.LibraryVersion,
            Output = _names.Output,
            Input = _names.Input,
            SampleRateOutput = _names.SampleRate,
            Folder = _names.Folder,
            SampleRate = _rules.SampleRate,
            Resample = _rules.Resample,
            Channel = _rules.Channel,
        });
    }

    // ML.NET finds this by name; its return type must be the one that the LoadableClass attribute says.
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version);
        return AudioManifestJson.Load<WavManifest, WavLoadingTransformer>(ctx, WavManifest.FormatName, manifest =>
        {
            var names = new WavColumnNames(manifest.Output, manifest.Input, manifest.SampleRateOutput, manifest.Folder);
            names.Check();
            RangeCheck.Between(manifest.SampleRate, 1, int.MaxValue, "sample_rate");
            WaveformRules.Check(null, manifest.Channel);
            return new WavLoadingTransformer(names, new WaveformRules(manifest.SampleRate, manifest.Resample, manifest.Channel));
        });
    }

    private Columns ColumnsOver(DataViewSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema.Column paths = PathsOf(input, _names.Input);
        var waveform = new DataViewSchema.DetachedColumn(
            _names.Output, new VectorDataViewType(NumberDataViewType.Single), AudioColumns.WithSampleRate(_rules.SampleRate));
        return _names.SampleRate is null
            ? new Columns(input, paths, _names.Folder, _rules, waveform)
            : new Columns(input, paths, _names.Folder, _rules, waveform, new DataViewSchema.DetachedColumn(_names.SampleRate, NumberDataViewType.Int32));
    }

    private sealed class Columns(
        DataViewSchema input, DataViewSchema.Column paths, string folder, WaveformRules rules, params ReadOnlySpan<DataViewSchema.DetachedColumn> added)
        : AddedColumns(input, paths, added)
    {
        public override Delegate CreateGetter(DataViewRow row, int index)
        {
            if (index == 1)
                return (ValueGetter<int>)((ref int rate) => rate = rules.SampleRate);
            var files = new RowFiles(row, Source, folder);
            var reader = new WaveformReader(rules);
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> waveform) =>
            {
                float[] samples = files.Read(reader.Read);
                waveform = new VBuffer<float>(samples.Length, samples);
            });
        }
    }
}
