using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>A view of rows of text in memory. Thread-safe.</summary>
internal sealed class TextTable : IDataView
{
    private readonly IReadOnlyList<string[]> _rows;

    /// <param name="columns">The columns' names.</param>
    /// <param name="rows">Rows of one text a column.</param>
    public TextTable(IEnumerable<string> columns, IReadOnlyList<string[]> rows)
    {
        _rows = rows;
        var schema = new DataViewSchema.Builder();
        foreach (string column in columns)
            schema.AddColumn(column, TextDataViewType.Instance);
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => _rows.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
            active[column.Index] = true;
        return new Cursor(this, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(TextTable table, bool[] active) : DataViewRowCursor
    {
        private int _row = -1;
        private bool _ended;

        public override DataViewSchema Schema => table.Schema;

        public override long Position => _row;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override bool MoveNext()
        {
            _ended |= _row == table._rows.Count - 1;
            _row = _ended ? -1 : _row + 1;
            return !_ended;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_row, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!active[column.Index])
                throw Data.ScoredColumns.NotActive(column);
            int index = column.Index;
            return Data.ScoredColumns.Typed<TValue>(
                (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> text) => text = table._rows[_row][index].AsMemory()), column);
        }
    }
}
