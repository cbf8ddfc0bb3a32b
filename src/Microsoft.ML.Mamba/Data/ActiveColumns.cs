namespace Microsoft.ML.Mamba.Data;

/// <summary>Which columns a cursor or a row was asked for.</summary>
internal static class ActiveColumns
{
    /// <returns>Whether each column of the schema is wanted.</returns>
    /// <exception cref="ArgumentException">A column is not of the schema.</exception>
    public static bool[] Of(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        var active = new bool[schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            if (column.Index >= active.Length)
            {
                throw new ArgumentException(
                    $"Column '{column.Name}' with index {column.Index} does not belong to this view of {active.Length} columns.", nameof(columnsNeeded));
            }

            active[column.Index] = true;
        }

        return active;
    }
}
