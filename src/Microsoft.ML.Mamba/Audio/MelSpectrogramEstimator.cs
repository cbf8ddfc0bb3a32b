using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>Turns waveforms into mel spectrograms. Made by <see cref="MambaAudioCatalog"/>. Immutable and thread-safe.</summary>
public sealed class MelSpectrogramEstimator : IEstimator<MelSpectrogramTransformer>
{
    private readonly MelSpectrogramOptions _options;

    internal MelSpectrogramEstimator(MelSpectrogramOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AudioColumns.RequireName(options.OutputColumnName, nameof(options.OutputColumnName));
        AudioColumns.RequireName(options.InputColumnName, nameof(options.InputColumnName));
        _options = options.Clone();
        if (_options.SampleRate is { } rate)
            MelPlan.Of(_options, rate);
    }

    /// <summary>Decides what the options leave open and, with <see cref="MelSpectrogramOptions.NormalizeOnTrainingData"/>, reads the rows once.</summary>
    /// <param name="input">Rows with the column of waveforms.</param>
    /// <exception cref="ArgumentException">
    /// The column is missing or no vector of Single, or says no or another sample rate than the options, or options do not fit the sample
    /// rate.
    /// </exception>
    /// <exception cref="InvalidDataException">A sample is not finite, or so large that its spectrum is not; the message names row and position.</exception>
    /// <exception cref="InvalidOperationException">There is no sample to learn a normalisation from.</exception>
    public MelSpectrogramTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema.Column waveforms = MelSpectrogramTransformer.WaveformsOf(input.Schema, _options.InputColumnName, _options.SampleRate);
        int rate = _options.SampleRate ?? AudioColumns.SampleRateOf(waveforms) ?? throw new ArgumentException(
            $"Column '{waveforms.Name}' does not say its sample rate. Set SampleRate, or load the waveforms with LoadWav or LoadFromWav.",
            nameof(MelSpectrogramOptions.SampleRate));
        MelPlan plan = MelPlan.Of(_options, rate);
        FramePreparation? normalization = _options.NormalizeOnTrainingData ? Learn(input, waveforms, plan) : null;
        return new MelSpectrogramTransformer(_options.OutputColumnName, _options.InputColumnName, plan, normalization);
    }

    /// <summary>The shape of the schema that the transformer will give.</summary>
    /// <param name="inputSchema">The shape of the rows' schema.</param>
    /// <exception cref="ArgumentException">The column of waveforms is missing or no vector of Single.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column waveforms = AudioColumns.Find(inputSchema, _options.InputColumnName, "waveform");
        if (waveforms.Kind == SchemaShape.Column.VectorKind.Scalar || waveforms.IsKey || !waveforms.ItemType.Equals(NumberDataViewType.Single))
            throw MelSpectrogramTransformer.NoWaveforms(waveforms.Name, waveforms.ItemType);
        return AudioColumns.With(
            inputSchema, new SchemaShape.Column(_options.OutputColumnName, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, false));
    }

    private static FramePreparation Learn(IDataView input, DataViewSchema.Column waveforms, MelPlan plan)
    {
        var statistics = new FrameStatistics(plan.Channels);
        using DataViewRowCursor cursor = input.GetRowCursor([waveforms]);
        var reader = new MelReader(cursor, waveforms, plan);
        float[] frames = [];
        while (cursor.MoveNext())
        {
            ReadOnlySpan<float> waveform = reader.Read();
            int length = reader.LengthOf(waveform);
            if (frames.Length < length)
                frames = new float[Math.Max(length, (int)Math.Min(2L * frames.Length, Array.MaxLength))];
            reader.Analyze(waveform, frames.AsSpan(0, length), normalization: null);
            statistics.Add(frames.AsSpan(0, length));
        }

        return statistics.ValueCount > 0 ? statistics.ToPreparation(MissingValues.Error, FrameNormalization.TrainingSet) : throw new InvalidOperationException(
            $"No row has a sample in column '{waveforms.Name}' to learn the normalisation from. Fit on rows, or set NormalizeOnTrainingData to false.");
    }
}
