using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Goes through rows of files.</summary>
internal abstract class FileRowsCursor(DataViewSchema schema, bool[] active) : DataViewRowCursor
{
    private long _position = -1;
    private bool _ended;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) =>
    {
        CheckAtRow();
        value = new DataViewRowId((ulong)_position, 0);
    };

    public override bool MoveNext()
    {
        if (_ended)
            return false;
        // An error while reading leaves the cursor at its end.
        _ended = true;
        if (!ReadRow())
        {
            _position = -1;
            return false;
        }

        _ended = false;
        _position++;
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => active[column.Index]
        ? ScoredColumns.Typed<TValue>(Getter(column), column)
        : throw ScoredColumns.NotActive(column);

    /// <summary>Reads the next row; false at the end.</summary>
    protected abstract bool ReadRow();

    /// <summary>Closes the files.</summary>
    protected abstract void Close();

    /// <summary>The getter of an active column. It calls <see cref="CheckAtRow"/> first.</summary>
    protected abstract Delegate Getter(DataViewSchema.Column column);

    protected void CheckAtRow()
    {
        if (_position < 0 || _ended)
            throw new InvalidOperationException("The cursor is on no row: call MoveNext first, and read nothing after it gave false.");
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _ended = true;
        Close();
    }
}
