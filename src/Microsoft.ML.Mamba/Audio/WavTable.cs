using Microsoft.ML.Mamba.Data.Loading;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>Reads a table of WAV files.</summary>
internal static class WavTable
{
    /// <param name="path">The table's file. Files in it are relative to its folder.</param>
    /// <param name="separator">What stands between cells.</param>
    /// <param name="fileColumn">The table's column of files.</param>
    /// <param name="labelColumn">The table's column of labels, which must be there; null for none.</param>
    /// <param name="splitColumn">The table's column that says which part a row belongs to.</param>
    /// <param name="split">The part to take; null for all rows.</param>
    /// <exception cref="InvalidDataException">The table is malformed, lacks a column, or has no row of that part; the message names file and line.</exception>
    public static TextTable Read(string path, char separator, string fileColumn, string? labelColumn, string splitColumn, string? split)
    {
        string full = Path.GetFullPath(path), folder = Path.GetDirectoryName(full)!;
        using var lines = new DelimitedLines(full, separator);
        TableHeader header = TableHeader.Read(lines, full, separator);
        int files = header.Find(lines, fileColumn), splits = split is null ? -1 : header.Find(lines, splitColumn);
        if (labelColumn is not null)
            header.Find(lines, labelColumn);
        var rows = new List<string[]>();
        while (lines.MoveNext())
        {
            if (lines.Cells.Count != header.Columns.Length)
                throw lines.Problem($"{lines.Cells.Count} cells, but the table has {header.Columns.Length} columns.");
            if (lines.Cells[files].Span.IsWhiteSpace())
                throw lines.Problem($"column '{fileColumn}' has no file.");
            if (splits >= 0 && !lines.Cells[splits].Span.SequenceEqual(split))
                continue;
            string[] row = [.. lines.Cells.Select(cell => cell.ToString())];
            row[files] = Path.Combine(folder, row[files]);
            rows.Add(row);
        }

        return rows.Count > 0
            ? new TextTable(header.Columns, rows)
            : throw new InvalidDataException($"'{full}': no row{(split is null ? "" : $" has '{split}' in column '{splitColumn}'")}.");
    }
}
