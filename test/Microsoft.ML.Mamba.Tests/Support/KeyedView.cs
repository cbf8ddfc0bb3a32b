namespace Microsoft.ML.Mamba.Tests.Support;

/// <summary>A view whose column <c>Label</c> is replaced by raw keys of any type, valid or not.</summary>
internal sealed class KeyedView<T> : IDataView where T : unmanaged
{
    private readonly IDataView _source;
    private readonly T[] _keys;

    public KeyedView(IDataView source, ulong count, T[] keys)
    {
        (_source, _keys) = (source, keys);
        var schema = new DataViewSchema.Builder();
        foreach (DataViewSchema.Column column in source.Schema)
            schema.AddColumn(column.Name, column.Name == "Label" ? new KeyDataViewType(typeof(T), count) : column.Type,
                column.Name == "Label" ? null : column.Annotations);
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, _source.GetRowCursor(columnsNeeded.Select(column => _source.Schema[column.Index])));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(KeyedView<T> view, DataViewRowCursor source) : DataViewRowCursor
    {
        public override DataViewSchema Schema => view.Schema;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(source.Schema[column.Index]);

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override bool MoveNext() => source.MoveNext();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => column.Name == "Label"
            ? (ValueGetter<TValue>)(Delegate)(ValueGetter<T>)((ref T value) => value = view._keys[source.Position])
            : source.GetGetter<TValue>(source.Schema[column.Index]);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
        }
    }
}
