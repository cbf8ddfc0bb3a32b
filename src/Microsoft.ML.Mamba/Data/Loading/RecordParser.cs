using System.Buffers;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Reads the records of one file. What is wrong with the file is an error whatever is kept of the records.</summary>
internal abstract class RecordParser(LineReader lines, bool keepSequence) : IDisposable
{
    protected const int MaxHeader = 1 << 20;

    private static readonly SearchValues<byte> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*-.~?"u8);
    private readonly TextLine _header = new(lines, "a header", "the header", MaxHeader);

    public RecordText Sequence { get; } = new(keepSequence);

    /// <summary>The line of the record's header, from 1.</summary>
    public long HeaderLine { get; private set; }

    /// <summary>The header without its mark.</summary>
    public ReadOnlySpan<byte> Header => _header.Bytes;

    protected LineReader Lines => lines;

    /// <summary>Reads the next record; false at the end of the file.</summary>
    /// <exception cref="InvalidDataException">The file is not what it should be; the message says where.</exception>
    public abstract bool MoveNext();

    public string HeaderText() => _header.ToString();

    /// <summary>An error of this record.</summary>
    public InvalidDataException Problem(string text) => new($"'{lines.Path}', line {HeaderLine}: {text}");

    public void Dispose() => lines.Dispose();

    /// <summary>A byte as messages show it.</summary>
    public static string Show(int value) => value switch
    {
        '\t' => "a tab",
        ' ' => "a blank",
        > ' ' and < 127 => $"'{(char)value}'",
        _ => $"the byte 0x{value:X2}",
    };

    protected static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t';

    /// <summary>Goes to the next line that is not blank; false at the end of the file.</summary>
    protected bool MoveToText()
    {
        while (lines.MoveNext())
        {
            while (lines.Peek() is ' ' or '\t')
                lines.Skip();
            if (lines.Peek() >= 0)
                return true;
        }

        return false;
    }

    /// <summary>Reads the rest of the line as the header.</summary>
    protected void ReadHeader()
    {
        HeaderLine = lines.Line;
        _header.Read();
    }

    /// <summary>Adds the rest of the line to the sequence, without blanks.</summary>
    protected void ReadSequence()
    {
        while (lines.ReadPiece(out ReadOnlySpan<byte> piece))
        {
            int start = 0;
            while (true)
            {
                ReadOnlySpan<byte> rest = piece[start..];
                int length = rest.IndexOfAnyExcept(Letters);
                if (!Sequence.TryAppend(length < 0 ? rest : rest[..length]))
                    throw Problem($"the sequence is longer than {RecordText.MaxLength} letters, the most that a text can hold.");
                if (length < 0)
                    break;
                if (!IsBlank(rest[length]))
                {
                    throw lines.Problem(
                        start + length, $"{Show(rest[length])} is in a sequence; letters, '-', '.', '*', '~' and '?' are expected.");
                }

                start += length + 1;
            }
        }
    }
}
