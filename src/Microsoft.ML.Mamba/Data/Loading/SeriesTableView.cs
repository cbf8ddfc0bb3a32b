using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>A view of the series in a table, read anew by every cursor. Thread-safe.</summary>
internal sealed class SeriesTableView : IDataView
{
    private readonly SeriesTableHeader _header;

    public SeriesTableView(SeriesTableHeader header)
    {
        _header = header;
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Id", TextDataViewType.Instance);
        if (header.Label >= 0)
            schema.AddColumn("Label", TextDataViewType.Instance);
        schema.AddColumn("Sequence", new VectorDataViewType(NumberDataViewType.Single, 0, header.Channels.Length));
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        var active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            if (column.Index >= active.Length)
                throw new ArgumentException($"Column '{column.Name}' with index {column.Index} does not belong to this view of {active.Length} columns.", nameof(columnsNeeded));
            active[column.Index] = true;
        }

        return new SeriesTableCursor(Schema, _header, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
}
