using System.Globalization;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Reads a table of series, sequence by sequence. Not thread-safe.</summary>
internal sealed class SeriesTableReader : IDisposable
{
    private static readonly string[] s_missing = ["", "?", "NA", "NaN"];

    private readonly SeriesTableHeader _header;
    private readonly DelimitedLines _lines;
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly List<float> _values = [];
    private (double Value, bool IsDate)? _time;
    private bool _more;

    public SeriesTableReader(SeriesTableHeader header)
    {
        _header = header;
        _lines = new DelimitedLines(header.Path, header.Separator);
        _more = _lines.MoveNext() && NextLine();
    }

    /// <summary>The current series' id.</summary>
    public string Id { get; private set; } = "";

    /// <summary>The current series' label; empty where no row says one.</summary>
    public string Label { get; private set; } = "";

    /// <summary>The current series' frames, <c>[length, channels]</c>; valid until the next one is read.</summary>
    public ReadOnlySpan<float> Values => CollectionsMarshal.AsSpan(_values);

    /// <summary>Reads the next series, whose first line has been read.</summary>
    /// <exception cref="InvalidDataException">A line is wrong; the message says where and what is expected.</exception>
    public bool Read()
    {
        if (!_more)
            return false;
        Id = _lines.Cells[_header.Id].ToString();
        if (Id.Length == 0)
            throw Problem(_header.Id, "is empty; each row needs the id of its series.");
        if (!_ids.Add(Id))
            throw Problem(_header.Id, $"has '{Id}', a series that ended further up; the rows of a series must stand together.");
        Label = "";
        _time = null;
        _values.Clear();
        do
        {
            ReadLabel();
            ReadTime();
            foreach (int channel in _header.Channels)
                _values.Add(ReadValue(channel));
            _more = NextLine();
        }
        while (_more && _lines.Cells[_header.Id].Span.SequenceEqual(Id));
        return true;
    }

    public void Dispose() => _lines.Dispose();

    private bool NextLine()
    {
        if (!_lines.MoveNext())
            return false;
        return _lines.Cells.Count == _header.Columns.Length ? true : throw _lines.Problem(
            $"there are {_lines.Cells.Count} cells, but {_header.Columns.Length} columns in the header: "
            + "as many cells as columns are expected, empty ones where values are missing.");
    }

    private void ReadLabel()
    {
        if (_header.Label < 0)
            return;
        ReadOnlyMemory<char> label = _lines.Cells[_header.Label];
        if (label.IsEmpty || label.Span.SequenceEqual(Label))
            return;
        if (Label.Length > 0)
            throw Problem(_header.Label, $"has '{label}' for series '{Id}', which had '{Label}' before; one label a series is expected.");
        Label = label.ToString();
    }

    private void ReadTime()
    {
        if (_header.Time < 0)
            return;
        ReadOnlyMemory<char> cell = _lines.Cells[_header.Time];
        (double Value, bool IsDate) time;
        if (double.TryParse(cell.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
            time = (number, false);
        else if (DateTimeOffset.TryParse(cell.Span, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date))
            time = (date.UtcTicks, true);
        else
            throw Problem(_header.Time, $"has '{cell}'; a number or a date is expected.");
        if (_time is { } last && (last.IsDate != time.IsDate || last.Value >= time.Value))
            throw Problem(_header.Time, $"has '{cell}', which is not after the row before it in series '{Id}'; rising times are expected.");
        _time = time;
    }

    private float ReadValue(int column)
    {
        ReadOnlySpan<char> cell = _lines.Cells[column].Span.Trim();
        if (float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value))
            return value;
        foreach (string missing in s_missing)
        {
            if (cell.Equals(missing, StringComparison.OrdinalIgnoreCase))
                return float.NaN;
        }

        throw Problem(column, $"has '{cell}'; a finite 32-bit number is expected, or nothing for a missing value.");
    }

    private InvalidDataException Problem(int column, string what) => _lines.Problem($"column '{_header.Columns[column]}' {what}");
}
