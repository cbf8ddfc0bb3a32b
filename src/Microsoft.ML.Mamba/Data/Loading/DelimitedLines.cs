namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>
/// Reads a table of text, plain or gzip, line by line as cells with a separator between them. Empty lines are passed over. Not thread-safe.
/// </summary>
internal sealed class DelimitedLines : IDisposable
{
    private const int MaxLine = 1 << 24;

    private readonly LineReader _lines;
    private readonly TextLine _line;
    private readonly char _separator;
    private readonly List<ReadOnlyMemory<char>> _cells = [];

    public DelimitedLines(string path, char separator)
    {
        _lines = new LineReader(path);
        _line = new TextLine(_lines, "the table", "a line of the table", MaxLine);
        _separator = separator;
    }

    /// <summary>The current line's cells; valid until the next line.</summary>
    public IReadOnlyList<ReadOnlyMemory<char>> Cells => _cells;

    /// <exception cref="InvalidDataException">A line is no text, or a quote is not closed or followed by more than the cell's end.</exception>
    public bool MoveNext()
    {
        while (_lines.MoveNext())
        {
            _line.Read(_separator);
            string line = _line.ToString();
            if (line.Length == 0)
                continue;
            _cells.Clear();
            for (int at = 0; at <= line.Length;)
                at = AddCell(line, at);
            return true;
        }

        return false;
    }

    public InvalidDataException Problem(string what) => _lines.Problem(what);

    public void Dispose() => _lines.Dispose();

    // Adds the cell that starts at an index, and gives the start of the next, which is behind the line where there is none.
    private int AddCell(string line, int start)
    {
        if (start == line.Length || line[start] != '"')
        {
            int end = line.IndexOf(_separator, start);
            end = end < 0 ? line.Length : end;
            _cells.Add(line.AsMemory(start, end - start));
            return end + 1;
        }

        int close = start + 1;
        bool doubled = false;
        for (; close < line.Length; close++)
        {
            if (line[close] != '"')
                continue;
            if (close + 1 == line.Length || line[close + 1] != '"')
                break;
            doubled = true;
            close++;
        }

        if (close >= line.Length)
            throw Problem($"the quote that starts cell {_cells.Count + 1} is not closed in this line.");
        ReadOnlyMemory<char> inside = line.AsMemory(start + 1, close - start - 1);
        _cells.Add(doubled ? inside.ToString().Replace("\"\"", "\"", StringComparison.Ordinal).AsMemory() : inside);
        return close + 1 == line.Length || line[close + 1] == _separator
            ? close + 2
            : throw Problem($"'{line[close + 1]}' follows the closing quote of cell {_cells.Count}; a quote in a cell is written twice.");
    }
}
