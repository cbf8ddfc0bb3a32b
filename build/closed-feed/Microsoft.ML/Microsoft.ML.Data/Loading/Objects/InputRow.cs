namespace Microsoft.ML.Data;

/// <summary>One row that shows whatever object it was given last.</summary>
internal sealed class InputRow<TRow> : DataViewRow
    where TRow : class
{
    private readonly Delegate[] _getters;
    private TRow _current;
    private long _position = -1;

    public InputRow(RowLayout layout)
    {
        Schema = layout.ToSchema();
        _getters = layout.Columns.Select(column => MemberGetters.Create(column, Current)).ToArray();
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => 0;

    public void ExtractValues(TRow row)
    {
        Contracts.CheckValue(row, nameof(row));
        _current = row;
        _position++;
    }

    private TRow Current()
    {
        Contracts.Check(_current != null, "Values cannot be fetched before an object is given to the row.");
        return _current;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

    public override bool IsColumnActive(DataViewSchema.Column column)
    {
        Contracts.Check(column.Index >= 0 && column.Index < _getters.Length, $"Column index must be between 0 and {_getters.Length}");
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        IsColumnActive(column);
        return Getters.Cast<TValue>(_getters[column.Index]);
    }
}
