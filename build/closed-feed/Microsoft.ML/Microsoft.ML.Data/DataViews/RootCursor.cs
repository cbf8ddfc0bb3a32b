namespace Microsoft.ML.Data;

/// <summary>A cursor that counts its own rows and closes itself after the last one.</summary>
internal abstract class RootCursor : DataViewRowCursor
{
    protected const string NotOnARow =
        "Values cannot be fetched at this time. "
        + "This method was called either before the first call to MoveNext, or at any point after that method returned false.";

    private long _position = -1;
    private bool _closed;

    public sealed override long Position => _position;

    public override long Batch => 0;

    public sealed override bool MoveNext()
    {
        if (_closed)
            return false;
        if (MoveNextCore())
        {
            _position++;
            return true;
        }
        Dispose();
        return false;
    }

    protected abstract bool MoveNextCore();

    protected virtual void Close()
    {
    }

    protected bool IsOnARow => _position >= 0;

    protected void CheckOnARow() => Contracts.Check(_position >= 0, NotOnARow);

    protected ValueGetter<DataViewRowId> PositionAsId() => (ref DataViewRowId id) =>
    {
        CheckOnARow();
        id = new DataViewRowId((ulong)_position, 0);
    };

    protected override void Dispose(bool disposing)
    {
        if (_closed)
            return;
        _closed = true;
        if (disposing)
        {
            _position = -1;
            Close();
        }
        base.Dispose(disposing);
    }
}
