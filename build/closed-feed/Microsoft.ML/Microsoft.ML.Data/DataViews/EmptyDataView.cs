namespace Microsoft.ML.Data;

/// <summary>A schema without rows.</summary>
internal sealed class EmptyDataView(IHostEnvironment env, DataViewSchema schema) : IDataView
{
    public IHostEnvironment Environment { get; } = env;

    public DataViewSchema Schema => schema;

    public bool CanShuffle => true;

    public long? GetRowCount() => 0;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => new Cursor(schema, Getters.ActiveColumns(schema, columnsNeeded));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewSchema schema, bool[] active) : RootCursor
    {
        public override DataViewSchema Schema => schema;

        protected override bool MoveNextCore() => false;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Getters.CheckActive(active[column.Index], column);
            return (ref TValue _) => CheckOnARow();
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => PositionAsId();
    }
}
