namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Reads a table of ids and labels.</summary>
internal static class LabelTable
{
    private const int MaxLine = 1 << 20;

    public static Dictionary<string, string> Read(string path, int idColumn, int labelColumn, bool hasHeader)
    {
        var labels = new Dictionary<string, (string Label, long Line)>(StringComparer.Ordinal);
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        using var lines = new LineReader(path);
        var line = new TextLine(lines, "the label table", "a line of the label table", MaxLine);
        while (lines.MoveNext())
        {
            line.Read();
            string text = line.ToString();
            if (string.IsNullOrWhiteSpace(text) || (hasHeader && lines.Line == 1))
                continue;
            string[] fields = text.Split('\t', StringSplitOptions.TrimEntries);
            if (fields.Length <= Math.Max(idColumn, labelColumn))
            {
                throw lines.Problem($"the label table has {fields.Length} columns here; ids are expected in column {idColumn} and labels "
                    + $"in column {labelColumn}, counted from 0 with tabs between them.");
            }

            (string id, string label) = (fields[idColumn], fields[labelColumn]);
            if (!known.TryAdd(label, label))
                label = known[label];
            if (!labels.TryAdd(id, (label, lines.Line)))
                throw lines.Problem($"the label table has the id '{id}' a second time; it is in line {labels[id].Line} already.");
        }

        return labels.ToDictionary(entry => entry.Key, entry => entry.Value.Label, StringComparer.Ordinal);
    }
}
