namespace Microsoft.ML.Data;

/// <summary>Mappers one after another, each reading only what the ones behind it need.</summary>
internal sealed class CompositeRowToRowMapper : IRowToRowMapper, IDisposable
{
    private bool _disposed;

    public CompositeRowToRowMapper(DataViewSchema inputSchema, IRowToRowMapper[] mappers)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        InnerMappers = mappers ?? [];
        InputSchema = inputSchema;
        OutputSchema = InnerMappers.Length == 0 ? inputSchema : InnerMappers[^1].OutputSchema;
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    internal IRowToRowMapper[] InnerMappers { get; }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (IRowToRowMapper mapper in InnerMappers)
            (mapper as IDisposable)?.Dispose();
    }

    IEnumerable<DataViewSchema.Column> IRowToRowMapper.GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        return InnerMappers.Reverse().Aggregate(dependingColumns, (needed, mapper) => mapper.GetDependencies(needed));
    }

    DataViewRow IRowToRowMapper.GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckValue(activeColumns, nameof(activeColumns));
        Contracts.CheckParam(input.Schema == InputSchema, nameof(input), "Schema did not match original schema");
        HashSet<int> active = activeColumns.Select(column => column.Index).ToHashSet();
        if (InnerMappers.Length == 0)
        {
            foreach (DataViewSchema.Column column in InputSchema.Where(column => active.Contains(column.Index)))
                Contracts.CheckParam(
                    input.IsColumnActive(column), nameof(input), $"Mapper required column '{column.Name}' active but it was not.");
            return input;
        }

        var needed = new IEnumerable<DataViewSchema.Column>[InnerMappers.Length];
        needed[^1] = OutputSchema.Where(column => active.Contains(column.Index));
        for (int i = needed.Length - 1; i > 0; i--)
            needed[i - 1] = InnerMappers[i].GetDependencies(needed[i]);
        DataViewRow row = input;
        for (int i = 0; i < needed.Length; i++)
            row = InnerMappers[i].GetRow(row, needed[i]);
        return row;
    }
}
