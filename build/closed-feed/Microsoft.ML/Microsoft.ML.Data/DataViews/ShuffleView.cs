namespace Microsoft.ML.Data;

/// <summary>Rows in random order: drawn from a pool that is refilled from the source, itself shuffled where it can be.</summary>
internal sealed class ShuffleView : IDataView
{
    private readonly IDataView _source;
    private readonly int _poolRows;
    private readonly bool _shuffleSource;
    private readonly int _seed;

    public ShuffleView(IDataView source, int poolRows, bool shuffleSource, int seed)
    {
        _source = source;
        _poolRows = poolRows;
        _shuffleSource = shuffleSource;
        _seed = seed;
    }

    public DataViewSchema Schema => _source.Schema;

    public bool CanShuffle => true;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        DataViewSchema.Column[] columns = columnsNeeded?.ToArray() ?? [];
        Random own = rand ?? RandomUtils.Create(_seed);
        Random sourceRandom = _shuffleSource ? RandomUtils.Create(own) : null;
        DataViewRowCursor input = _source.GetRowCursor(columns, sourceRandom);
        return _poolRows == 1 ? input : new Cursor(input, Getters.ActiveColumns(Schema, columns), _poolRows, own);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursor
    {
        private readonly DataViewRowCursor _input;
        private readonly ColumnStore[] _columns;
        private readonly ColumnStore _ids;
        private readonly Random _random;

        // A ring of slots: the live rows lie from _first on, and the current one is the row drawn last.
        private readonly int[] _ring;
        private int _first;
        private int _live;
        private int _current = -1;
        private bool _inputEnded;

        public Cursor(DataViewRowCursor input, bool[] active, int poolRows, Random random)
        {
            _input = input;
            _random = random;
            _ring = Enumerable.Range(0, poolRows).ToArray();
            _columns = input.Schema.Select(column => active[column.Index] ? ColumnStore.Create(input, column) : null).ToArray();
            _ids = ColumnStore.ForIds(input);
        }

        public override DataViewSchema Schema => _input.Schema;

        protected override bool MoveNextCore()
        {
            if (_current >= 0)
            {
                _first = (_first + 1) % _ring.Length;
                _live--;
            }
            Refill();
            if (_live == 0)
                return false;
            int drawn = (_first + _random.Next(_live)) % _ring.Length;
            (_ring[_first], _ring[drawn]) = (_ring[drawn], _ring[_first]);
            _current = _ring[_first];
            return true;
        }

        private void Refill()
        {
            while (_live < _ring.Length && !_inputEnded)
            {
                if (!_input.MoveNext())
                {
                    _inputEnded = true;
                    return;
                }
                int slot = _ring[(_first + _live) % _ring.Length];
                foreach (ColumnStore column in _columns)
                    column?.Put(slot);
                _ids.Put(slot);
                _live++;
            }
        }

        private int CurrentSlot()
        {
            CheckOnARow();
            return _current;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _columns[column.Index] != null;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            ColumnStore store = _columns[column.Index];
            Contracts.CheckParam(store != null, nameof(column), "requested column not active");
            return Getters.Cast<TValue>(store.MakeGetter(CurrentSlot));
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => Getters.Cast<DataViewRowId>(_ids.MakeGetter(CurrentSlot));

        protected override void Close() => _input.Dispose();
    }
}
