using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>Loads WAV files whose paths are in a column. Made by <see cref="MambaAudioCatalog"/>. Immutable and thread-safe.</summary>
public sealed class WavLoadingEstimator : IEstimator<WavLoadingTransformer>
{
    private readonly WavColumnNames _names;
    private readonly int? _sampleRate;
    private readonly bool _resample;
    private readonly int? _channel;

    internal WavLoadingEstimator(WavColumnNames names, int? sampleRate, bool resample, int? channel)
    {
        names.Check();
        WaveformRules.Check(sampleRate, channel);
        (_names, _sampleRate, _resample, _channel) = (names, sampleRate, resample, channel);
    }

    /// <summary>
    /// Makes the transformer. Where no sample rate is given, the header of the first row's file is read: its rate is that of the column,
    /// now and wherever the model is loaded.
    /// </summary>
    /// <param name="input">Rows with the column of paths.</param>
    /// <exception cref="ArgumentException">The column of paths is missing or no text.</exception>
    /// <exception cref="InvalidOperationException">There is no row to take the sample rate from, and none is given.</exception>
    /// <exception cref="InvalidDataException">The first row's file cannot be used; the message names it and the byte.</exception>
    /// <exception cref="IOException">The first row's file cannot be read.</exception>
    public WavLoadingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema.Column paths = WavLoadingTransformer.PathsOf(input.Schema, _names.Input);
        int rate = _sampleRate ?? FirstRate(input, paths);
        return new WavLoadingTransformer(_names, new WaveformRules(rate, _resample, _channel));
    }

    /// <summary>The shape of the schema that the transformer will give.</summary>
    /// <param name="inputSchema">The shape of the rows' schema.</param>
    /// <exception cref="ArgumentException">The column of paths is missing or no text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column paths = AudioColumns.Find(inputSchema, _names.Input, "path");
        if (paths.Kind != SchemaShape.Column.VectorKind.Scalar || paths.IsKey || paths.ItemType is not TextDataViewType)
            throw WavLoadingTransformer.NotText(paths.Name, paths.ItemType);
        var rate = new SchemaShape([Scalar(AudioColumns.SampleRateAnnotation)]);
        var waveform = new SchemaShape.Column(_names.Output, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, false, rate);
        return _names.SampleRate is null
            ? AudioColumns.With(inputSchema, waveform)
            : AudioColumns.With(inputSchema, waveform, Scalar(_names.SampleRate));

        static SchemaShape.Column Scalar(string name) => new(name, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Int32, false);
    }

    private int FirstRate(IDataView input, DataViewSchema.Column paths)
    {
        using DataViewRowCursor cursor = input.GetRowCursor([paths]);
        if (!cursor.MoveNext())
            throw new InvalidOperationException($"There is no row whose file in column '{paths.Name}' would tell the sample rate. Set sampleRate, or fit on rows.");
        var reader = new RowFiles(cursor, paths, _names.Folder);
        return reader.Read(WaveformReader.SampleRateOf);
    }
}
