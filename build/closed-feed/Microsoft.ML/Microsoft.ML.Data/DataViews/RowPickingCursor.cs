namespace Microsoft.ML.Data;

/// <summary>A cursor that shows some of its input's rows as they are.</summary>
internal abstract class RowPickingCursor(DataViewRowCursor input, bool[] active) : RootCursor
{
    protected DataViewRowCursor Input => input;

    public sealed override DataViewSchema Schema => input.Schema;

    public sealed override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    public sealed override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Getters.CheckActive(active[column.Index], column);
        return input.GetGetter<TValue>(column);
    }

    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    protected sealed override void Close() => input.Dispose();
}
