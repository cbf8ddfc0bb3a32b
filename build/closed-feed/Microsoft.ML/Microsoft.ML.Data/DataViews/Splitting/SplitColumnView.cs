namespace Microsoft.ML.Data;

/// <summary>
/// Its source with one more column, last: a number in [0, 1) that depends on the row's position and the seed alone. The order
/// of rows is fixed, since the position is what the number hangs on.
/// </summary>
internal sealed class SplitColumnView : IDataView
{
    private readonly IDataView _source;
    private readonly uint _seed;

    public SplitColumnView(IDataView source, string column, uint seed)
    {
        _source = source;
        _seed = seed;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(source.Schema);
        builder.AddColumn(column, NumberDataViewType.Single);
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = Getters.ActiveColumns(Schema, columnsNeeded);
        return new Cursor(_source.GetRowCursor(_source.Schema.Where(column => active[column.Index]).ToArray()), Schema, active, _seed);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(DataViewRowCursor input, DataViewSchema schema, bool[] active, uint seed) : SynchronizedCursor(input)
    {
        private readonly TauswortheHybrid _random = RandomUtils.Create(seed);
        private long _drawnFor = -1;
        private float _number;

        public override DataViewSchema Schema => schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Getters.CheckActive(active[column.Index], column);
            if (column.Index < Input.Schema.Count)
                return Input.GetGetter<TValue>(Input.Schema[column.Index]);
            return Getters.Cast<TValue>((ValueGetter<float>)Draw);
        }

        private void Draw(ref float number)
        {
            for (; _drawnFor < Input.Position; _drawnFor++)
                _number = _random.NextSingle();
            number = _number;
        }
    }
}
