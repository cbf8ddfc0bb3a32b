using System.Text;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>
/// Reads FASTQ: a header line that starts with <c>@</c>, letters, a line that starts with <c>+</c>, and as many quality letters; both may
/// take several lines. Blank lines between records mean nothing.
/// </summary>
internal sealed class FastqParser(LineReader lines, bool keepSequence, bool keepQuality, int offset) : RecordParser(lines, keepSequence)
{
    private const byte LastQuality = 126;

    private readonly TextLine _repeated = new(lines, "a line of '+'", "the line of '+'", MaxHeader);

    public RecordText Quality { get; } = new(keepQuality);

    public override bool MoveNext()
    {
        if (!MoveToText())
            return false;
        if (Lines.Peek() != '@')
            throw Lines.ProblemHere($"{Show(Lines.Peek())} starts a record; a line that starts with '@' is expected.");
        Lines.Skip();
        ReadHeader();
        ReadLetters();
        Lines.Skip();
        CheckRepeatedHeader();
        ReadQuality();
        return true;
    }

    // Ends at the '+'.
    private void ReadLetters()
    {
        Sequence.Clear();
        while (Lines.MoveNext())
        {
            if (Lines.Peek() == '+')
                return;
            ReadSequence();
        }

        throw Problem($"the file ends inside this record, after {Sequence.Length} letters; a line that starts with '+' is expected.");
    }

    private void CheckRepeatedHeader()
    {
        _repeated.Read();
        ReadOnlySpan<byte> repeated = _repeated.Bytes.Trim(" \t"u8), header = Header.Trim(" \t"u8);
        int blank = header.IndexOfAny(" \t"u8);
        if (!repeated.IsEmpty && !repeated.SequenceEqual(header) && !repeated.SequenceEqual(blank < 0 ? header : header[..blank]))
        {
            throw Lines.Problem($"'+' is followed by '{Encoding.UTF8.GetString(repeated)}'; nothing or the header of line {HeaderLine}, "
                + $"'{Encoding.UTF8.GetString(header)}', is expected.");
        }
    }

    private void ReadQuality()
    {
        Quality.Clear();
        while (Quality.Length < Sequence.Length)
        {
            if (!Lines.MoveNext())
            {
                throw Problem($"the file ends inside this record, after {Quality.Length} quality letters; "
                    + $"the sequence has {Sequence.Length} letters.");
            }

            while (Lines.ReadPiece(out ReadOnlySpan<byte> piece))
                Add(piece);
        }
    }

    private void Add(ReadOnlySpan<byte> piece)
    {
        int wrong = piece.IndexOfAnyExceptInRange((byte)offset, LastQuality);
        if (wrong >= 0 && !piece[wrong..].Trim(" \t"u8).IsEmpty)
        {
            throw Lines.Problem(wrong, $"{Show(piece[wrong])} is quality letter {Quality.Length + wrong + 1} of the record at line "
                + $"{HeaderLine}, whose sequence has {Sequence.Length} letters; with an offset of {offset}, '{(char)offset}' to '~' are "
                + "expected.");
        }

        // Blanks at the line's end are no quality.
        if (wrong >= 0)
            piece = piece[..wrong];
        if (piece.Length > Sequence.Length - Quality.Length)
        {
            throw Lines.Problem($"the record at line {HeaderLine} has {Quality.Length + piece.Length} quality letters or more; "
                + $"its sequence has {Sequence.Length} letters.");
        }

        Quality.TryAppend(piece);
    }
}
