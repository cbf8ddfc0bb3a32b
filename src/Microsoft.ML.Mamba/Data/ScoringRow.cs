using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>One row with what a model adds. It is computed when first asked for, once a position, into buffers that are kept.</summary>
internal sealed class ScoringRow : DataViewRow
{
    private readonly DataViewRow _source;
    private readonly ScoringSchema _schema;
    private readonly bool[] _active;
    private readonly BatchOutputs? _outputs;
    private long _scored = long.MinValue;

    public ScoringRow(DataViewRow source, ScoringSchema schema, ModelDefinition model, OutputColumns columns, Scorer scorer, bool[] active)
    {
        _source = source;
        _schema = schema;
        _active = active;
        Outputs wanted = schema.Wanted(active);
        if (wanted != Outputs.None)
            _outputs = new BatchOutputs(source, schema.Sequence, model, columns, wanted, scorer, maxRows: 1);
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
        return ScoredColumns.Typed<TValue>(_outputs!.Getter(_schema.OutputAt(column.Index), Computed), column);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _source.Dispose();
    }

    // The only row of the batch.
    private int Computed()
    {
        if (_scored == _source.Position)
            return 0;
        _scored = long.MinValue;
        _outputs!.Clear();
        _outputs.Read();
        _outputs.Compute();
        _scored = _source.Position;
        return 0;
    }
}
