namespace Microsoft.ML.Data;

/// <summary>A row that shows its input in another schema.</summary>
internal abstract class SynchronizedRow(DataViewRow input) : DataViewRow
{
    protected DataViewRow Input => input;

    public sealed override long Position => input.Position;

    public sealed override long Batch => input.Batch;

    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }
}
