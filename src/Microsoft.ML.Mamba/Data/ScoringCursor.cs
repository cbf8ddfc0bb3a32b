using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Reads rows ahead up to the model's limits of rows and tokens, computes together what is wanted of them, and gives them out in order.</summary>
/// <remarks>Not derived from ML.NET's synchronised cursors: those let a consumer move the source directly, past the rows read ahead.</remarks>
internal sealed class ScoringCursor : DataViewRowCursor
{
    // No more than this many probabilities, or features, are held at once, however many classes there are.
    private const int MaxValues = 1 << 22;

    private readonly DataViewRowCursor _source;
    private readonly ScoringSchema _schema;
    private readonly bool[] _active;
    private readonly int _maxRows;
    private readonly int _maxTokens;
    private readonly ColumnBuffer?[] _columns;
    private readonly BatchOutputs _outputs;
    private readonly ValueGetter<DataViewRowId> _idGetter;
    private readonly DataViewRowId[] _ids;
    private readonly long[] _batches;
    private int _current = -1;
    private long _position = -1;
    private bool _ended;

    public ScoringCursor(DataViewRowCursor source, ScoringSchema schema, ModelDefinition model, OutputColumns columns, Scorer scorer, bool[] active)
    {
        _source = source;
        _schema = schema;
        _active = active;
        Outputs wanted = schema.Wanted(active);
        int width = Math.Max(scorer.Classes, wanted.HasFlag(Outputs.Features) ? model.FeatureWidth : 1);
        _maxRows = Math.Clamp(MaxValues / width, 1, model.ScoringBatchRows);
        _maxTokens = model.ScoringBatchTokens;
        _columns = [.. schema.Input.Select(column => active[column.Index] ? ColumnBuffer.Create(source, source.Schema[column.Index], _maxRows) : null)];
        _outputs = new BatchOutputs(source, source.Schema[schema.Sequence.Index], model, columns, wanted, scorer, _maxRows);
        _idGetter = source.GetIdGetter();
        _ids = new DataViewRowId[_maxRows];
        _batches = new long[_maxRows];
    }

    public override DataViewSchema Schema => _schema.Output;

    public override long Position => _position;

    public override long Batch => _batches[Current()];

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _ids[Current()];

    public override bool MoveNext()
    {
        if (_ended)
            return false;
        if (++_current >= _outputs.Count)
        {
            // An error while reading leaves the cursor at its end.
            _ended = true;
            if (!ReadBatch())
            {
                _position = -1;
                return false;
            }

            _ended = false;
        }

        _position++;
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!_active[column.Index])
            throw ScoredColumns.NotActive(column);
        Outputs output = _schema.OutputAt(column.Index);
        Delegate getter = output == Outputs.None ? _columns[column.Index]!.Getter(Current) : _outputs.Getter(output, Current);
        return ScoredColumns.Typed<TValue>(getter, column);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _ended = true;
        _source.Dispose();
    }

    private bool ReadBatch()
    {
        _outputs.Clear();
        _current = 0;
        while (_outputs.Count < _maxRows && _outputs.TokenCount < _maxTokens && _source.MoveNext())
        {
            int row = _outputs.Count;
            foreach (ColumnBuffer? column in _columns)
                column?.Fill(row);
            _batches[row] = _source.Batch;
            _idGetter(ref _ids[row]);
            _outputs.Read();
        }

        _outputs.Compute();
        return _outputs.Count > 0;
    }

    private int Current() => _position >= 0 && !_ended
        ? _current
        : throw new InvalidOperationException("The cursor is on no row: call MoveNext first, and read nothing after it gave false.");
}
