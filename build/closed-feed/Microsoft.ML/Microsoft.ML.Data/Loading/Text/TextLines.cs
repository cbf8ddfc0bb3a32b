using System.Text;

namespace Microsoft.ML.Data;

/// <summary>The lines of a source: without empty ones, comments, and each file's header.</summary>
internal static class TextLines
{
    internal readonly record struct Line(string Text, long Number, string Path);

    /// <param name="source">The files.</param>
    /// <param name="format">Quoting, which says whether a line goes on.</param>
    /// <param name="hasHeader">Whether each file's first line is left out.</param>
    public static IEnumerable<Line> Read(IMultiStreamSource source, TextFormat format, bool hasHeader)
    {
        using IEnumerator<Line> lines = ReadFiles(source, format, hasHeader).GetEnumerator();
        while (MoveNext(lines))
            yield return lines.Current;
    }

    private static bool MoveNext(IEnumerator<Line> lines)
    {
        try
        {
            return lines.MoveNext();
        }
        catch (Exception exception)
        {
            throw new FormatException("Stream reading encountered exception", exception);
        }
    }

    private static IEnumerable<Line> ReadFiles(IMultiStreamSource source, TextFormat format, bool hasHeader)
    {
        for (int file = 0; file < source.Count; file++)
        {
            string path = source.GetPathOrNull(file);
            using TextReader reader = source.OpenTextReader(file);
            long number = 0;
            bool first = true;
            while (ReadLine(reader, format, first, number) is { } text)
            {
                number++;
                // Lines that start with # are comments at the top of a file only.
                bool comment = text.StartsWith("//", StringComparison.Ordinal) || (first && text.StartsWith('#'));
                if (text.Length == 0 || comment)
                    continue;
                bool isHeader = first && hasHeader;
                first = false;
                if (!isHeader)
                    yield return new Line(text, number, path);
            }
        }
    }

    private static string ReadLine(TextReader reader, TextFormat format, bool hashIsComment, long number)
    {
        string line = reader.ReadLine();
        bool mayGoOn = format.ReadMultilines && !string.IsNullOrEmpty(line)
            && !line.StartsWith("//", StringComparison.Ordinal) && !(hashIsComment && line[0] == '#');
        if (!mayGoOn || !EndsInsideQuotes(line, format, false))
            return line;
        var joined = new StringBuilder(line);
        do
        {
            line = reader.ReadLine() ?? throw new EndOfStreamException(
                $"The quoted field that opens behind line {number} is not closed before the end of the file");
            joined.Append('\n').Append(line);
        }
        while (EndsInsideQuotes(line, format, true));
        return joined.ToString();
    }

    private static bool EndsInsideQuotes(string line, TextFormat format, bool inside)
    {
        int at = 0;
        while (true)
        {
            if (!inside)
            {
                while (at < line.Length && line[at] == ' ' && !format.SpaceSeparates)
                    at++;
                if (at >= line.Length)
                    return false;
                inside = line[at] == '"';
                at += inside ? 1 : 0;
            }
            if (inside)
            {
                if (!SkipToClosingQuote(line, format.EscapeChar, ref at))
                    return true;
                inside = false;
                while (at < line.Length && line[at] == ' ' && !format.SpaceSeparates)
                    at++;
                // Text after a closing quote is an error that ends the line.
                if (at < line.Length && !format.IsSeparator(line[at]))
                    return false;
            }
            while (at < line.Length && !format.IsSeparator(line[at]))
                at++;
            if (++at >= line.Length)
                return false;
        }
    }

    private static bool SkipToClosingQuote(string line, char escape, ref int at)
    {
        for (; at < line.Length; at++)
        {
            if (escape != '"' && line[at] == escape)
            {
                at++;
                continue;
            }
            if (line[at] != '"')
                continue;
            bool doubled = escape == '"' && at + 1 < line.Length && line[at + 1] == '"';
            at++;
            if (!doubled)
                return true;
        }
        return false;
    }
}
