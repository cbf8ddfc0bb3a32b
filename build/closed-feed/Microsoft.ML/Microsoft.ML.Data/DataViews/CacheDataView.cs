namespace Microsoft.ML.Data;

/// <summary>
/// Keeps the columns that somebody has asked for in memory. A column is read once, in full, before the first cursor that
/// needs it is handed out; cursors share it, from any number of threads.
/// </summary>
internal sealed class CacheDataView : IDataView
{
    private const int BlockRows = 64;

    private readonly IDataView _source;
    private readonly ColumnStore[] _columns;
    private readonly object _filling = new();
    private long _rowCount;

    public CacheDataView(IDataView source, int[] prefetch)
    {
        _source = source;
        _columns = new ColumnStore[source.Schema.Count];
        _rowCount = source.GetRowCount() ?? -1;
        if (prefetch?.Length > 0)
            EnsureCached(prefetch);
    }

    public DataViewSchema Schema => _source.Schema;

    public bool CanShuffle => true;

    public long? GetRowCount()
    {
        long count = Interlocked.Read(ref _rowCount);
        return count < 0 ? null : count;
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => GetRowCursorSet(columnsNeeded, 1, rand)[0];

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        bool[] active = Getters.ActiveColumns(Schema, columnsNeeded);
        int rows = EnsureCached(Enumerable.Range(0, active.Length).Where(column => active[column]).ToArray());
        int[] order = rand == null ? null : RowOrder.Permutation(rand, rows);
        int cursors = Math.Max(1, Math.Min(n, Math.Max(1, Environment.ProcessorCount)));
        if (cursors == 1)
            return [new Cursor(this, active, new RowDealer(rows, Math.Max(rows, 1)), order)];
        var dealer = new RowDealer(rows, BlockRows);
        return Enumerable.Range(0, cursors).Select(DataViewRowCursor (_) => new Cursor(this, active, dealer, order)).ToArray();
    }

    private int EnsureCached(int[] columns)
    {
        lock (_filling)
        {
            int[] missing = columns.Where(column => _columns[column] == null).Distinct().ToArray();
            if (missing.Length > 0 || _rowCount < 0)
                Fill(missing);
            return checked((int)_rowCount);
        }
    }

    private void Fill(int[] columns)
    {
        using DataViewRowCursor cursor = _source.GetRowCursor(columns.Select(column => Schema[column]));
        ColumnStore[] stores = columns.Select(column => ColumnStore.Create(cursor, Schema[column])).ToArray();
        int rows = 0;
        while (cursor.MoveNext())
        {
            foreach (ColumnStore store in stores)
                store.Put(rows);
            rows = checked(rows + 1);
        }
        Contracts.Check(_rowCount < 0 || _rowCount == rows, $"The input gave {rows} rows where it had promised {_rowCount}");
        // The count is published after the columns, so that a reader of the count finds them complete.
        for (int i = 0; i < columns.Length; i++)
            _columns[columns[i]] = stores[i];
        Interlocked.Exchange(ref _rowCount, rows);
    }

    /// <summary>Deals blocks of consecutive rows to the cursors of one set.</summary>
    private sealed class RowDealer(int rows, int blockRows)
    {
        private int _nextBlock = -1;

        public bool TryTake(out int block, out int first, out int end)
        {
            block = Interlocked.Increment(ref _nextBlock);
            long start = (long)block * blockRows;
            first = (int)Math.Min(start, rows);
            end = (int)Math.Min(start + blockRows, rows);
            return first < end;
        }
    }

    private sealed class Cursor(CacheDataView parent, bool[] active, RowDealer dealer, int[] order) : RootCursor
    {
        private int _block;
        private int _row = -1;
        private int _end;

        public override DataViewSchema Schema => parent.Schema;

        public override long Batch => _block;

        protected override bool MoveNextCore()
        {
            if (_row + 1 < _end)
            {
                _row++;
                return true;
            }
            return dealer.TryTake(out _block, out _row, out _end);
        }

        private int CurrentRow()
        {
            CheckOnARow();
            return order == null ? _row : order[_row];
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Contracts.CheckParam(active[column.Index], nameof(column), "requested column not active");
            return Getters.Cast<TValue>(parent._columns[column.Index].MakeGetter(CurrentRow));
        }

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => (ref DataViewRowId id) => id = new DataViewRowId((ulong)CurrentRow(), 0);
    }
}
