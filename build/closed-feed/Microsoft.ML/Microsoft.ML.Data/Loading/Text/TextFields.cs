using System.Text;

namespace Microsoft.ML.Data;

/// <summary>The fields of one line that are not empty, with their numbers.</summary>
internal sealed class TextFields
{
    private readonly TextFormat _format;
    private readonly Action<string> _reportError;
    private readonly List<(int Index, ReadOnlyMemory<char> Text)> _fields = [];
    private readonly StringBuilder _quoted = new();

    /// <param name="format">How lines are cut.</param>
    /// <param name="reportError">Takes what is wrong with a line; the line is used as far as it goes.</param>
    public TextFields(TextFormat format, Action<string> reportError)
    {
        _format = format;
        _reportError = reportError;
    }

    /// <summary>How many fields the line has, with the empty and the implicit ones.</summary>
    public int Count { get; private set; }

    public List<(int Index, ReadOnlyMemory<char> Text)> Explicit => _fields;

    /// <summary>The place among the explicit fields of the first one with at least this number.</summary>
    public int FirstAtOrAfter(int index)
    {
        int low = 0;
        int high = _fields.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_fields[middle].Index < index)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    public void Split(string line)
    {
        _fields.Clear();
        ReadOnlyMemory<char> text = line.AsMemory();
        if (_format.TrimWhitespace)
            text = text.TrimEnd();
        if (_format.AllowSparse)
            SplitSparse(text);
        else
            SplitDense(text);
    }

    private void SplitDense(ReadOnlyMemory<char> text)
    {
        int at = 0;
        int index = 0;
        bool more = true;
        for (; more; index++)
        {
            more = ReadField(text, ref at, out ReadOnlyMemory<char> field, out _);
            if (!field.IsEmpty || _format.MissingRealsAsNaNs)
                _fields.Add((index, field));
        }
        Count = index;
    }

    // A count and index:value pairs may follow the ordinary fields; without a stated size the count is a field of its own.
    private void SplitSparse(ReadOnlyMemory<char> text)
    {
        int at = 0;
        int ordinary = 0;
        int sparseBase = -1;
        int size = _format.InputSize;
        int previous = -1;
        bool more = true;
        while (more)
        {
            more = ReadField(text, ref at, out ReadOnlyMemory<char> field, out int index);
            if (index < 0)
            {
                if (sparseBase >= 0)
                {
                    _reportError("Non-sparse formatted value follows sparse formatted value");
                    break;
                }
                if (!field.IsEmpty)
                    _fields.Add((ordinary, field));
                ordinary++;
                continue;
            }
            if (sparseBase < 0 && !StartSparse(ordinary, ref size, out sparseBase))
                break;
            if (index >= size - sparseBase)
            {
                _reportError("Sparse item index larger than expected. Is the specified size incorrect?");
                break;
            }
            if (index <= previous)
            {
                _reportError("Sparse indices out of order");
                break;
            }
            previous = index;
            if (!field.IsEmpty)
                _fields.Add((sparseBase + index, field));
        }
        Count = sparseBase < 0 ? Math.Max(ordinary, size) : size;
    }

    private bool StartSparse(int ordinary, ref int size, out int sparseBase)
    {
        sparseBase = -1;
        if (size > 0)
        {
            sparseBase = _fields.Count;
            return true;
        }
        bool counted = _fields.Count > 0 && _fields[^1].Index == ordinary - 1;
        if (!counted || !int.TryParse(_fields[^1].Text.Span, out int slots) || slots <= 0)
        {
            _reportError("Missing dimensionality or ambiguous sparse item. Use sparse=- for non-sparse file, and/or quote the value.");
            return false;
        }
        sparseBase = ordinary - 1;
        _fields.RemoveAt(_fields.Count - 1);
        size = checked(sparseBase + slots);
        return true;
    }

    /// <summary>Reads one field; false behind the last one.</summary>
    private bool ReadField(ReadOnlyMemory<char> text, ref int at, out ReadOnlyMemory<char> field, out int sparseIndex)
    {
        ReadOnlySpan<char> span = text.Span;
        SkipSpaces(span, ref at);
        sparseIndex = _format.AllowSparse ? ReadSparseIndex(span, ref at) : -1;
        if (at >= span.Length)
        {
            field = default;
            return false;
        }
        if (_format.AllowQuoting && span[at] == '"')
        {
            field = ReadQuoted(span, ref at);
        }
        else
        {
            int start = at;
            while (at < span.Length && !_format.IsSeparator(span[at]))
                at++;
            field = text[start..at];
        }
        bool more = at < span.Length;
        at++;
        return more;
    }

    private void SkipSpaces(ReadOnlySpan<char> span, ref int at)
    {
        while (!_format.SpaceSeparates && at < span.Length && span[at] == ' ')
            at++;
    }

    private int ReadSparseIndex(ReadOnlySpan<char> span, ref int at)
    {
        int end = at;
        while (end < span.Length && end - at < 9 && char.IsAsciiDigit(span[end]))
            end++;
        if (end == at || end >= span.Length || span[end] != ':')
            return -1;
        int index = int.Parse(span[at..end]);
        at = end + 1;
        SkipSpaces(span, ref at);
        return index;
    }

    private ReadOnlyMemory<char> ReadQuoted(ReadOnlySpan<char> span, ref int at)
    {
        _quoted.Clear();
        bool closed = false;
        for (at++; at < span.Length; at++)
        {
            bool next = at + 1 < span.Length;
            if (span[at] == _format.EscapeChar && _format.EscapeChar != '"' && next)
            {
                if (span[at + 1] != '"')
                    _quoted.Append(span[at]);
                at++;
            }
            else if (span[at] == '"')
            {
                if (_format.EscapeChar != '"' || !next || span[at + 1] != '"')
                {
                    closed = true;
                    at++;
                    break;
                }
                at++;
            }
            _quoted.Append(span[at]);
        }
        // Between the closing quote and the separator only spaces may stand.
        for (; at < span.Length && !_format.IsSeparator(span[at]); at++)
            closed &= span[at] == ' ';
        if (closed)
            return _quoted.ToString().AsMemory();
        _reportError("Illegal quoting");
        return default;
    }
}
