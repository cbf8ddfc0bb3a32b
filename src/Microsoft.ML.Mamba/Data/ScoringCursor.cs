using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Reads rows ahead up to the model's limits of rows and tokens, scores them by one forward pass, and gives them out in order.</summary>
/// <remarks>Not derived from ML.NET's synchronised cursors: those let a consumer move the source directly, past the rows read ahead.</remarks>
internal sealed class ScoringCursor : DataViewRowCursor
{
    // No more than this many probabilities are held at once, however many classes there are.
    private const int MaxScores = 1 << 22;

    private readonly DataViewRowCursor _source;
    private readonly ScoringSchema _schema;
    private readonly Scorer _scorer;
    private readonly bool[] _active;
    private readonly int _maxRows;
    private readonly int _maxTokens;
    private readonly ColumnBuffer?[] _columns;
    private readonly SequenceReader _reader;
    private readonly PackedRows _rows;
    private readonly ValueGetter<DataViewRowId> _idGetter;
    private readonly DataViewRowId[] _ids;
    private readonly long[] _batches;
    private readonly int[] _sequences;
    private readonly float[] _missing;
    private float[] _probabilities = [];
    private int _count;
    private int _current = -1;
    private long _position = -1;
    private bool _ended;

    public ScoringCursor(DataViewRowCursor source, ScoringSchema schema, ModelDefinition model, Scorer scorer, bool[] active)
    {
        _source = source;
        _schema = schema;
        _scorer = scorer;
        _active = active;
        _maxRows = Math.Clamp(MaxScores / scorer.Classes, 1, model.ScoringBatchRows);
        _maxTokens = model.ScoringBatchTokens;
        _columns = [.. schema.Input.Select(column => active[column.Index] ? ColumnBuffer.Create(source, source.Schema[column.Index], _maxRows) : null)];
        _reader = model.ReaderOf(source, source.Schema[schema.Sequence.Index]);
        _rows = new PackedRows(model.Config.InputChannels);
        _idGetter = source.GetIdGetter();
        _ids = new DataViewRowId[_maxRows];
        _batches = new long[_maxRows];
        _sequences = new int[_maxRows];
        _missing = new float[scorer.Classes];
        Array.Fill(_missing, float.NaN);
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
        if (++_current >= _count)
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
        Delegate getter = column.Index == _schema.LabelIndex ? (ValueGetter<uint>)((ref uint key) => key = Scorer.KeyOf(Probabilities()))
            : column.Index == _schema.ScoreIndex ? (ValueGetter<VBuffer<float>>)((ref VBuffer<float> scores) => ScoredColumns.CopyTo(Probabilities(), ref scores))
            : _columns[column.Index]!.Getter(Current);
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
        _scorer.CheckAlive();
        _rows.Clear();
        _current = 0;
        for (_count = 0; _count < _maxRows && _rows.TokenCount < _maxTokens && _source.MoveNext(); _count++)
        {
            foreach (ColumnBuffer? column in _columns)
                column?.Fill(_count);
            _batches[_count] = _source.Batch;
            _idGetter(ref _ids[_count]);
            _sequences[_count] = _reader.Append(_rows) ? _rows.Count - 1 : -1;
        }

        int scores = _rows.Count * _scorer.Classes;
        if (_probabilities.Length < scores)
            _probabilities = new float[scores];
        _scorer.Score(_rows, _probabilities.AsSpan(0, scores));
        return _count > 0;
    }

    private ReadOnlySpan<float> Probabilities()
    {
        int sequence = _sequences[Current()];
        return sequence < 0 ? _missing : _probabilities.AsSpan(sequence * _scorer.Classes, _scorer.Classes);
    }

    private int Current() => _position >= 0 && !_ended
        ? _current
        : throw new InvalidOperationException("The cursor is on no row: call MoveNext first, and read nothing after it gave false.");
}
