namespace Microsoft.ML.Data;

/// <summary>Objects as rows; every cursor enumerates them anew.</summary>
internal sealed class EnumerableDataView<TRow> : IDataView
    where TRow : class
{
    private readonly IEnumerable<TRow> _data;
    private readonly RowLayout _layout;

    public EnumerableDataView(IEnumerable<TRow> data, RowLayout layout)
    {
        _data = data;
        _layout = layout;
        Schema = layout.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => (_data as ICollection<TRow>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => new Cursor(this, Getters.ActiveColumns(Schema, columnsNeeded));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursor
    {
        private readonly IEnumerator<TRow> _rows;
        private readonly Delegate[] _getters;

        public Cursor(EnumerableDataView<TRow> parent, bool[] active)
        {
            Schema = parent.Schema;
            _rows = parent._data.GetEnumerator();
            _getters = parent._layout.Columns
                .Select((column, i) => active[i] ? MemberGetters.Create(column, Current) : null).ToArray();
        }

        public override DataViewSchema Schema { get; }

        private TRow Current()
        {
            CheckOnARow();
            return _rows.Current;
        }

        protected override bool MoveNextCore()
        {
            if (!_rows.MoveNext())
                return false;
            Contracts.Check(_rows.Current != null, "Encountered null when iterating over data, this is not supported.");
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            Contracts.Check(column.Index >= 0 && column.Index < _getters.Length, $"Column index must be between 0 and {_getters.Length}");
            return _getters[column.Index] != null;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Contracts.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
            return Getters.Cast<TValue>(_getters[column.Index]);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => PositionAsId();

        protected override void Close() => _rows.Dispose();
    }
}
