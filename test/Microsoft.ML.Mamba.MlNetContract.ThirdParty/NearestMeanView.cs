namespace ThirdParty;

internal sealed class NearestMeanView(NearestMeanTransformer model, IDataView input) : IDataView
{
    private readonly NearestMeanSchema _schema = new(model, input.Schema);

    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => _schema.Output;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] active = columnsNeeded.ToArray();
        return new Cursor(model, _schema, input.GetRowCursor(_schema.Dependencies(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] active = columnsNeeded.ToArray();
        return input.GetRowCursorSet(_schema.Dependencies(active), n, rand).Select(
            cursor => (DataViewRowCursor)new Cursor(model, _schema, cursor, active)).ToArray();
    }

    private sealed class Cursor(NearestMeanTransformer model, NearestMeanSchema schema, DataViewRowCursor input, DataViewSchema.Column[] active) : DataViewRowCursor
    {
        private readonly HashSet<int> _active = active.Select(column => column.Index).ToHashSet();

        public override DataViewSchema Schema => schema.Output;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override bool MoveNext() => input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => IsColumnActive(column)
            ? schema.Getter<TValue>(model, input, column)
            : throw new InvalidOperationException($"Column '{column.Name}' is not active.");

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}
