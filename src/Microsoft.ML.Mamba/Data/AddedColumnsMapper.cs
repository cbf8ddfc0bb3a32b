using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Adds columns to single rows, for prediction engines. Thread-safe; the rows that it makes are not.</summary>
internal sealed class AddedColumnsMapper(AddedColumns columns) : IRowToRowMapper
{
    public DataViewSchema InputSchema => columns.Input;

    public DataViewSchema OutputSchema => columns.Output;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        columns.Dependencies(dependingColumns).Dependencies;

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Schema != InputSchema)
            throw new ArgumentException("The row's schema is not the one that this mapper was made for.", nameof(input));
        return new Row(input, columns, columns.Dependencies(activeColumns).Active);
    }

    private sealed class Row(DataViewRow source, AddedColumns columns, bool[] active) : DataViewRow
    {
        public override DataViewSchema Schema => columns.Output;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => columns.GetGetter<TValue>(source, column, active);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
        }
    }
}
