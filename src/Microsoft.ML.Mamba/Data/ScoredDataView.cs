using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>A view with what a model adds behind the source's columns. Thread-safe.</summary>
internal sealed class ScoredDataView(IDataView source, ModelDefinition model, OutputColumns columns, Scorer scorer) : IDataView
{
    private readonly ScoringSchema _schema = new(source.Schema, model, columns);

    public DataViewSchema Schema => _schema.Output;

    public bool CanShuffle => source.CanShuffle;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        (bool[] active, DataViewSchema.Column[] dependencies) = _schema.Dependencies(columnsNeeded);
        return Wrap(source.GetRowCursor(dependencies, rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        (bool[] active, DataViewSchema.Column[] dependencies) = _schema.Dependencies(columnsNeeded);
        return [.. source.GetRowCursorSet(dependencies, n, rand).Select(cursor => Wrap(cursor, active))];
    }

    private DataViewRowCursor Wrap(DataViewRowCursor cursor, bool[] active)
    {
        try
        {
            return _schema.Wanted(active) != Outputs.None
                ? new ScoringCursor(cursor, _schema, model, columns, scorer, active)
                : new PassThroughCursor(cursor, _schema, active);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }
}
