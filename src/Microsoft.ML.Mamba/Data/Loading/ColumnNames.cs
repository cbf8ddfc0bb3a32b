namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Checks the names of a loader's columns.</summary>
internal static class ColumnNames
{
    /// <param name="columns">
    /// Each column's name and the parameter or option that says it; null names stand for columns that are not wanted.
    /// </param>
    public static void Check(params ReadOnlySpan<(string? Name, string Parameter)> columns)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string? name, string parameter) in columns)
        {
            if (name == null)
                continue;
            ArgumentException.ThrowIfNullOrWhiteSpace(name, parameter);
            if (!seen.TryAdd(name, parameter))
            {
                throw new ArgumentException(
                    $"{parameter} is '{name}', which {seen[name]} is already; columns need different names.", parameter);
            }
        }
    }
}
