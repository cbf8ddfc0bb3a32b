using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>A view with added columns, computed while it is read. Thread-safe.</summary>
internal sealed class AddedColumnsView(IDataView source, AddedColumns columns) : IDataView
{
    public DataViewSchema Schema => columns.Output;

    public bool CanShuffle => source.CanShuffle;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        (bool[] active, DataViewSchema.Column[] dependencies) = columns.Dependencies(columnsNeeded);
        return new Cursor(source.GetRowCursor(dependencies, rand), columns, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        (bool[] active, DataViewSchema.Column[] dependencies) = columns.Dependencies(columnsNeeded);
        return [.. source.GetRowCursorSet(dependencies, n, rand).Select(cursor => new Cursor(cursor, columns, active))];
    }

    private sealed class Cursor(DataViewRowCursor source, AddedColumns columns, bool[] active) : DataViewRowCursor
    {
        public override DataViewSchema Schema => columns.Output;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override bool MoveNext() => source.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => columns.GetGetter<TValue>(source, column, active);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
        }
    }
}
