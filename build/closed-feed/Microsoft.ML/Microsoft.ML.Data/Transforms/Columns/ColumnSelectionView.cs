namespace Microsoft.ML.Data;

/// <summary>Some of a source's columns, perhaps in another order.</summary>
internal sealed class ColumnSelectionView : IDataView, IRowToRowMapper
{
    private readonly IDataView _source;
    private readonly int[] _columns;

    /// <param name="source">The view to select from.</param>
    /// <param name="columns">The source column of each column of this view.</param>
    public ColumnSelectionView(IDataView source, int[] columns)
    {
        _source = source;
        _columns = columns;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns.Select(column => new DataViewSchema.DetachedColumn(source.Schema[column])));
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public DataViewSchema InputSchema => _source.Schema;

    public DataViewSchema OutputSchema => Schema;

    public bool CanShuffle => _source.CanShuffle;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = Getters.ActiveColumns(Schema, columnsNeeded);
        return new Cursor(_source.GetRowCursor(InputColumns(active), rand), this, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        bool[] active = Getters.ActiveColumns(Schema, columnsNeeded);
        return _source.GetRowCursorSet(InputColumns(active), n, rand)
            .Select(DataViewRowCursor (input) => new Cursor(input, this, active)).ToArray();
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => InputColumns(Getters.ActiveColumns(Schema, dependingColumns));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new SelectedRow(input, this);

    private IEnumerable<DataViewSchema.Column> InputColumns(bool[] active)
    {
        HashSet<int> needed = Enumerable.Range(0, active.Length).Where(column => active[column])
            .Select(column => _columns[column]).ToHashSet();
        return _source.Schema.Where(column => needed.Contains(column.Index)).ToArray();
    }

    private sealed class Cursor(DataViewRowCursor input, ColumnSelectionView parent, bool[] active) : SynchronizedCursor(input)
    {
        public override DataViewSchema Schema => parent.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        // An inactive column is refused by the input.
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => Input.GetGetter<TValue>(Input.Schema[parent._columns[column.Index]]);
    }

    private sealed class SelectedRow(DataViewRow input, ColumnSelectionView parent) : SynchronizedRow(input)
    {
        public override DataViewSchema Schema => parent.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column)
            => Input.IsColumnActive(Input.Schema[parent._columns[column.Index]]);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => Input.GetGetter<TValue>(Input.Schema[parent._columns[column.Index]]);
    }
}
