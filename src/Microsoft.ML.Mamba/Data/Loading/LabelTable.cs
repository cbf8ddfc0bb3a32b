using System.Text;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Reads a table of ids and labels.</summary>
internal static class LabelTable
{
    private const int MaxLine = 1 << 20;

    public static Dictionary<string, string> Read(string path, int idColumn, int labelColumn, bool hasHeader)
    {
        var labels = new Dictionary<string, (string Label, long Line)>(StringComparer.Ordinal);
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var encoding = new UTF8Encoding(false, throwOnInvalidBytes: true);
        var bytes = new List<byte>();
        using var lines = new LineReader(path);
        while (lines.MoveNext())
        {
            bytes.Clear();
            while (lines.ReadPiece(out ReadOnlySpan<byte> piece))
            {
                int zero = piece.IndexOf((byte)0);
                if (zero >= 0)
                    throw lines.Problem(zero, "the byte 0x00 is in the label table; text is expected.");
                if (piece.Length > MaxLine - bytes.Count)
                    throw lines.Problem($"a line of the label table is longer than {MaxLine} bytes.");
                bytes.AddRange(piece);
            }

            string text = Decode(lines, encoding, bytes);
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

    private static string Decode(LineReader lines, UTF8Encoding encoding, List<byte> bytes)
    {
        try
        {
            return encoding.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes));
        }
        catch (DecoderFallbackException)
        {
            throw lines.Problem("the label table is not ASCII or UTF-8.");
        }
    }
}
