using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>One row with label and scores. They are computed when first asked for, by one forward pass a position, into buffers that are kept.</summary>
internal sealed class ScoringRow : DataViewRow
{
    private readonly DataViewRow _source;
    private readonly ScoringSchema _schema;
    private readonly Scorer _scorer;
    private readonly bool[] _active;
    private readonly SequenceReader? _reader;
    private readonly PackedRows _rows;
    private readonly float[] _probabilities;
    private long _scored = long.MinValue;

    public ScoringRow(DataViewRow source, ScoringSchema schema, ModelDefinition model, Scorer scorer, bool[] active)
    {
        _source = source;
        _schema = schema;
        _scorer = scorer;
        _active = active;
        _rows = new PackedRows(model.Config.InputChannels);
        _probabilities = new float[scorer.Classes];
        if (active[schema.LabelIndex] || active[schema.ScoreIndex])
            _reader = model.ReaderOf(source, schema.Sequence);
    }

    public override DataViewSchema Schema => _schema.Output;

    public override long Position => _source.Position;

    public override long Batch => _source.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => _source.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!_active[column.Index])
            throw ScoredColumns.NotActive(column);
        if (column.Index < _schema.Input.Count)
            return _source.GetGetter<TValue>(_schema.Input[column.Index]);
        Delegate getter = column.Index == _schema.LabelIndex
            ? (ValueGetter<uint>)((ref uint key) => key = Scorer.KeyOf(Probabilities()))
            : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> scores) => ScoredColumns.CopyTo(Probabilities(), ref scores));
        return ScoredColumns.Typed<TValue>(getter, column);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _source.Dispose();
    }

    private ReadOnlySpan<float> Probabilities()
    {
        if (_scored == _source.Position)
            return _probabilities;
        _scored = long.MinValue;
        _rows.Clear();
        if (_reader!.Append(_rows))
            _scorer.Score(_rows, _probabilities);
        else
            Array.Fill(_probabilities, float.NaN);
        _scored = _source.Position;
        return _probabilities;
    }
}
