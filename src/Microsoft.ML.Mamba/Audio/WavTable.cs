namespace Microsoft.ML.Mamba.Audio;

/// <summary>A table of WAV files: text in UTF-8, a header line, tabs between the fields.</summary>
internal static class WavTable
{
    /// <param name="path">The table's file. Files in it are relative to its folder.</param>
    /// <param name="fileColumn">The table's column of files.</param>
    /// <param name="labelColumn">The table's column of labels.</param>
    /// <param name="splitColumn">The table's column that says which part a row belongs to.</param>
    /// <param name="split">The part to take; null for all rows.</param>
    /// <exception cref="InvalidDataException">The table is malformed, lacks a column, or has no row of that part; the message names file and line.</exception>
    public static TextTable Read(string path, string fileColumn, string labelColumn, string splitColumn, string? split)
    {
        string full = Path.GetFullPath(path), folder = Path.GetDirectoryName(full)!;
        using IEnumerator<string> lines = File.ReadLines(full).GetEnumerator();
        if (!lines.MoveNext())
            throw Invalid(full, 1, "a header line is expected, but the file is empty");
        string[] names = lines.Current.Split('\t');
        CheckHeader(names, full);
        int files = Find(names, fileColumn, full);
        Find(names, labelColumn, full);
        int splits = split is null ? -1 : Find(names, splitColumn, full);
        var rows = new List<string[]>();
        for (int line = 2; lines.MoveNext(); line++)
        {
            if (string.IsNullOrWhiteSpace(lines.Current))
                continue;
            string[] fields = lines.Current.Split('\t');
            if (fields.Length != names.Length)
                throw Invalid(full, line, $"{fields.Length} fields, but the header has {names.Length}");
            if (string.IsNullOrWhiteSpace(fields[files]))
                throw Invalid(full, line, $"no file in column '{fileColumn}'");
            if (splits >= 0 && fields[splits] != split)
                continue;
            fields[files] = Path.Combine(folder, fields[files]);
            rows.Add(fields);
        }

        if (rows.Count == 0)
            throw new InvalidDataException(split is null ? $"'{full}' has no row." : $"'{full}' has no row with '{split}' in column '{splitColumn}'.");
        return new TextTable(names, rows);
    }

    private static void CheckHeader(string[] names, string file)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (string.IsNullOrWhiteSpace(name))
                throw Invalid(file, 1, "a column has no name");
            if (!seen.Add(name))
                throw Invalid(file, 1, $"two columns are named '{name}'");
        }
    }

    private static int Find(string[] names, string name, string file)
    {
        int index = Array.IndexOf(names, name);
        return index >= 0 ? index : throw Invalid(file, 1, $"there is no column '{name}', only {string.Join(", ", names.Select(own => $"'{own}'"))} with tabs between them");
    }

    private static InvalidDataException Invalid(string file, int line, string what) => new($"'{file}' line {line}: {what}.");
}
