namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Where a table of series has what. Immutable.</summary>
/// <param name="Path">The file, in full.</param>
/// <param name="Separator">What stands between cells.</param>
/// <param name="Columns">The names of the table's columns.</param>
/// <param name="Id">Index of the column of ids.</param>
/// <param name="Label">Index of the column of labels; -1 where there is none.</param>
/// <param name="Time">Index of the column of times; -1 where there is none.</param>
/// <param name="Channels">Indices of the columns that are channels; not empty.</param>
internal sealed record SeriesTableHeader(string Path, char Separator, string[] Columns, int Id, int Label, int Time, int[] Channels)
{
    /// <summary>The name of a column of times that a table may lack.</summary>
    public const string OptionalTime = "Time";

    public static SeriesTableHeader Read(string path, char separator, string id, string? label, string? time, IReadOnlyList<string>? channels)
    {
        string full = System.IO.Path.GetFullPath(path);
        using var lines = new DelimitedLines(full, separator);
        TableHeader header = TableHeader.Read(lines, full, separator);
        string[] columns = header.Columns;
        int idIndex = Find(id, " A row a time step is expected, with the id of its series; idColumnName names that column.");
        int labelIndex = label is null ? -1 : Find(label, " labelColumnName names another column, or is null where there are no labels.");
        int timeIndex = time is null || (time == OptionalTime && !columns.Contains(time)) ? -1 : Find(time, "");
        int[] channelIndices = channels is { Count: > 0 }
            ? [.. channels.Select(name => Find(name, ""))]
            : [.. Enumerable.Range(0, columns.Length).Where(i => i != idIndex && i != labelIndex && i != timeIndex)];
        return channelIndices.Length > 0
            ? new SeriesTableHeader(full, separator, columns, idIndex, labelIndex, timeIndex, channelIndices)
            : throw lines.Problem($"no column is left for a channel; the table has {header.List()}.");

        int Find(string name, string hint) => header.Find(lines, name, hint);
    }
}
