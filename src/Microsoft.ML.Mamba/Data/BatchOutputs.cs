using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Reads some rows and computes together what is wanted of them, in buffers that are kept from batch to batch. Not thread-safe.</summary>
internal sealed class BatchOutputs
{
    private readonly Scorer _scorer;
    private readonly OutputColumns _columns;
    private readonly Outputs _wanted;
    private readonly SequenceReader _reader;
    private readonly PackedRows _rows;
    private readonly TokenPlaces? _places;
    private readonly int[] _sequences;
    private readonly float[] _missing;
    private float[] _probabilities = [];
    private float[] _features = [];
    private float[] _saliency = [];
    private SequenceBatch? _batch;

    /// <param name="row">The row or cursor to read from.</param>
    /// <param name="sequence">Its sequence column, active in the row.</param>
    /// <param name="model">What scoring depends on.</param>
    /// <param name="columns">The columns that the model adds.</param>
    /// <param name="wanted">What is to be computed.</param>
    /// <param name="scorer">Computes it.</param>
    /// <param name="maxRows">Most rows of a batch.</param>
    public BatchOutputs(DataViewRow row, DataViewSchema.Column sequence, ModelDefinition model, OutputColumns columns, Outputs wanted, Scorer scorer, int maxRows)
    {
        _scorer = scorer;
        _columns = columns;
        _wanted = wanted;
        _reader = model.ReaderOf(row, sequence);
        _rows = new PackedRows(model.Config.InputChannels);
        _places = wanted.HasFlag(Outputs.Saliency) ? new TokenPlaces() : null;
        _sequences = new int[maxRows];
        _missing = new float[Math.Max(scorer.Classes, scorer.FeatureWidth)];
        Array.Fill(_missing, float.NaN);
    }

    /// <summary>Rows of this batch so far.</summary>
    public int Count { get; private set; }

    /// <summary>Their tokens.</summary>
    public int TokenCount => _rows.TokenCount;

    public void Clear()
    {
        Count = 0;
        _rows.Clear();
        _places?.Clear();
    }

    /// <summary>Adds the row that the source is on.</summary>
    public void Read()
    {
        _sequences[Count] = _reader.Append(_rows) ? _rows.Count - 1 : -1;
        if (_places is not null)
            _reader.AddPlaces(_places);
        Count++;
    }

    /// <summary>Computes what is wanted of all rows.</summary>
    public void Compute()
    {
        _scorer.CheckAlive();
        if (_rows.Count == 0)
            return;
        _batch = _rows.ToBatch();
        bool scores = (_wanted & (Outputs.Label | Outputs.Score)) != 0, saliency = _wanted.HasFlag(Outputs.Saliency), features = _wanted.HasFlag(Outputs.Features);
        Span<float> probabilities = scores || saliency ? Room(ref _probabilities, _rows.Count * _scorer.Classes) : default;
        if (features)
            _scorer.Featurize(_batch, Room(ref _features, _rows.Count * _scorer.FeatureWidth));
        if (saliency)
            _scorer.Explain(_batch, _columns.SaliencyClass, Room(ref _saliency, _batch.TokenCount), probabilities);
        else if (scores && features)
            _scorer.ScoreFeatures(_features.AsSpan(0, _rows.Count * _scorer.FeatureWidth), probabilities);
        else if (scores)
            _scorer.Score(_batch, probabilities);
    }

    /// <summary>A getter of one of the wanted outputs, of the row that <paramref name="current"/> says.</summary>
    public Delegate Getter(Outputs output, Func<int> current) => output switch
    {
        // What says the row may compute it first, and so give the buffers other memory.
        Outputs.Label => (ValueGetter<uint>)((ref uint value) => value = Scorer.KeyOf(ProbabilitiesOf(current()))),
        Outputs.Score => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => ScoredColumns.CopyTo(ProbabilitiesOf(current()), ref value)),
        Outputs.Features => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => ScoredColumns.CopyTo(FeaturesOf(current()), ref value)),
        _ => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => SpreadSaliency(current(), ref value)),
    };

    private static Span<float> Room(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new float[length];
        return buffer.AsSpan(0, length);
    }

    private ReadOnlySpan<float> ProbabilitiesOf(int row) => RowOf(_probabilities, row, _scorer.Classes);

    private ReadOnlySpan<float> FeaturesOf(int row) => RowOf(_features, row, _scorer.FeatureWidth);

    private void SpreadSaliency(int row, ref VBuffer<float> value)
    {
        ReadOnlySpan<float> tokens = _sequences[row] is var sequence and >= 0
            ? _saliency.AsSpan(_batch!.Offsets[sequence], _batch.LengthOf(sequence))
            : default;
        _places!.Spread(row, tokens, ref value);
    }

    private ReadOnlySpan<float> RowOf(float[] values, int row, int width) => _sequences[row] is var sequence and >= 0
        ? values.AsSpan(sequence * width, width)
        : _missing.AsSpan(0, width);
}
