using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>A view of the series in a table. Thread-safe.</summary>
internal sealed class SeriesTableView(SeriesTableHeader header) : FileRowsView(SchemaOf(header))
{
    protected override FileRowsCursor Open(bool[] active) => new SeriesTableCursor(Schema, header, active);

    private static DataViewSchema SchemaOf(SeriesTableHeader header)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Id", TextDataViewType.Instance);
        if (header.Label >= 0)
            schema.AddColumn("Label", TextDataViewType.Instance);
        schema.AddColumn("Sequence", new VectorDataViewType(NumberDataViewType.Single, 0, header.Channels.Length));
        return schema.ToSchema();
    }
}
