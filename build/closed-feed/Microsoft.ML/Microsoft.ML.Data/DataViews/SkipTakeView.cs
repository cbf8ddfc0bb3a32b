namespace Microsoft.ML.Data;

/// <summary>A run of consecutive rows of its source, in the source's order.</summary>
internal sealed class SkipTakeView(IDataView source, long skip, long take) : IDataView
{
    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount()
    {
        if (take == 0)
            return 0;
        return source.GetRowCount() is { } count ? Math.Min(Math.Max(0, count - skip), take) : null;
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        DataViewSchema.Column[] columns = columnsNeeded?.ToArray() ?? [];
        return new Cursor(source.GetRowCursor(columns), Getters.ActiveColumns(Schema, columns), skip, take);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(DataViewRowCursor input, bool[] active, long skip, long take) : RowPickingCursor(input, active)
    {
        private long _toSkip = skip;
        private long _left = take;

        protected override bool MoveNextCore()
        {
            if (_left <= 0)
                return false;
            for (; _toSkip > 0; _toSkip--)
            {
                if (!Input.MoveNext())
                    return false;
            }
            _left--;
            return Input.MoveNext();
        }
    }
}
