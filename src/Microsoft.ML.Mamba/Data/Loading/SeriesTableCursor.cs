using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Goes through the series of a table.</summary>
internal sealed class SeriesTableCursor(DataViewSchema schema, SeriesTableHeader header, bool[] active) : DataViewRowCursor
{
    private SeriesTableReader? _reader;
    private long _position = -1;
    private bool _ended;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) =>
    {
        Current();
        value = new DataViewRowId((ulong)_position, 0);
    };

    public override bool MoveNext()
    {
        if (_ended)
            return false;
        // An error while reading leaves the cursor at its end.
        _ended = true;
        _reader ??= new SeriesTableReader(header);
        if (!_reader.Read())
        {
            _position = -1;
            return false;
        }

        _ended = false;
        _position++;
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!active[column.Index])
            throw ScoredColumns.NotActive(column);
        Delegate getter = column.Name switch
        {
            "Id" => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Current().Id.AsMemory()),
            "Label" => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Current().Label.AsMemory()),
            _ => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => ScoredColumns.CopyTo(Current().Values, ref value)),
        };
        return ScoredColumns.Typed<TValue>(getter, column);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _ended = true;
        _reader?.Dispose();
    }

    private SeriesTableReader Current() => _position >= 0 && !_ended
        ? _reader!
        : throw new InvalidOperationException("The cursor is on no row: call MoveNext first, and read nothing after it gave false.");
}
