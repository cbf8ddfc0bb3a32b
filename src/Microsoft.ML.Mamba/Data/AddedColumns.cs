using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Columns behind those of an input, computed row by row from one column of it. Input columns keep their indices. Immutable.</summary>
internal abstract class AddedColumns
{
    /// <param name="input">The input's schema.</param>
    /// <param name="source">The column of it that the new ones are computed from.</param>
    /// <param name="added">The new columns.</param>
    protected AddedColumns(DataViewSchema input, DataViewSchema.Column source, params ReadOnlySpan<DataViewSchema.DetachedColumn> added)
    {
        (Input, Source) = (input, source);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        foreach (DataViewSchema.DetachedColumn column in added)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        Output = builder.ToSchema();
    }

    public DataViewSchema Input { get; }

    public DataViewSchema Output { get; }

    public DataViewSchema.Column Source { get; }

    /// <summary>Makes the getter of a new column over a row in which the source column is active.</summary>
    /// <param name="row">A row of the input's schema.</param>
    /// <param name="index">The new column, from 0.</param>
    public abstract Delegate CreateGetter(DataViewRow row, int index);

    /// <summary>Which output columns are wanted, and the input columns that they need.</summary>
    public (bool[] Active, DataViewSchema.Column[] Dependencies) Dependencies(IEnumerable<DataViewSchema.Column> columns)
    {
        bool[] active = ActiveColumns.Of(Output, columns);
        bool added = active.AsSpan(Input.Count).Contains(true);
        return (active, [.. Input.Where(column => active[column.Index] || (added && column.Index == Source.Index))]);
    }

    /// <summary>A getter of a column of the output over a row of the input.</summary>
    public ValueGetter<TValue> GetGetter<TValue>(DataViewRow row, DataViewSchema.Column column, bool[] active)
    {
        if (!active[column.Index])
            throw ScoredColumns.NotActive(column);
        return column.Index < Input.Count
            ? row.GetGetter<TValue>(Input[column.Index])
            : ScoredColumns.Typed<TValue>(CreateGetter(row, column.Index - Input.Count), column);
    }
}
