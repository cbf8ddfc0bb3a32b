namespace Microsoft.ML.Data;

/// <summary>A cursor whose rows are those of its input, one for one.</summary>
internal abstract class SynchronizedCursor : DataViewRowCursor
{
    private bool _closed;

    protected SynchronizedCursor(DataViewRowCursor input) => Input = input;

    protected DataViewRowCursor Input { get; }

    public sealed override long Position => Input.Position;

    public sealed override long Batch => Input.Batch;

    public sealed override bool MoveNext() => Input.MoveNext();

    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (_closed)
            return;
        _closed = true;
        if (disposing)
            Input.Dispose();
        base.Dispose(disposing);
    }
}
