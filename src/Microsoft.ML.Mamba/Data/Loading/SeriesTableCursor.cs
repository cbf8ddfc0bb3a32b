using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Goes through the series of a table.</summary>
internal sealed class SeriesTableCursor(DataViewSchema schema, SeriesTableHeader header, bool[] active) : FileRowsCursor(schema, active)
{
    private SeriesTableReader? _reader;

    protected override bool ReadRow()
    {
        _reader ??= new SeriesTableReader(header);
        return _reader.Read();
    }

    protected override void Close() => _reader?.Dispose();

    protected override Delegate Getter(DataViewSchema.Column column) => column.Name switch
    {
        "Id" => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Current().Id.AsMemory()),
        "Label" => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Current().Label.AsMemory()),
        _ => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => ScoredColumns.CopyTo(Current().Values, ref value)),
    };

    private SeriesTableReader Current()
    {
        CheckAtRow();
        return _reader!;
    }
}
