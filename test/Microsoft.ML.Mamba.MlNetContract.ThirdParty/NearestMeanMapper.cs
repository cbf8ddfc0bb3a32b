namespace ThirdParty;

internal sealed class NearestMeanMapper(NearestMeanTransformer model, DataViewSchema inputSchema) : IRowToRowMapper
{
    private readonly NearestMeanSchema _schema = new(model, inputSchema);

    public DataViewSchema InputSchema => _schema.Input;

    public DataViewSchema OutputSchema => _schema.Output;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => _schema.Dependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new Row(model, _schema, input, activeColumns.Select(column => column.Index).ToHashSet());

    private sealed class Row(NearestMeanTransformer model, NearestMeanSchema schema, DataViewRow input, HashSet<int> active) : DataViewRow
    {
        public override DataViewSchema Schema => schema.Output;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            ValueGetter<TValue> getter = schema.Getter<TValue>(model, input, column);
            return (ref TValue value) =>
            {
                model.Positions.Add(input.Position);
                getter(ref value);
            };
        }
    }
}
