using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Reads the records of one file. What is wrong with the file is an error whatever is kept of the records.</summary>
internal abstract class RecordParser(LineReader lines, bool keepSequence) : IDisposable
{
    private const int MaxHeader = 1 << 20;

    private static readonly SearchValues<byte> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*-.~?"u8);
    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([
            .. Enumerable.Range(0, 128).Where(value => value != '\t' && char.IsControl((char)value)).Select(value => (byte)value),
        ]);

    private byte[] _header = new byte[256];
    private int _headerLength;

    public RecordText Sequence { get; } = new(keepSequence);

    /// <summary>The line of the record's header, from 1.</summary>
    public long HeaderLine { get; private set; }

    /// <summary>The header without its mark.</summary>
    public ReadOnlySpan<byte> Header => _header.AsSpan(0, _headerLength);

    protected LineReader Lines => lines;

    /// <summary>Reads the next record; false at the end of the file.</summary>
    /// <exception cref="InvalidDataException">The file is not what it should be; the message says where.</exception>
    public abstract bool MoveNext();

    public string HeaderText() => Encoding.UTF8.GetString(Header);

    /// <summary>An error of this record.</summary>
    public InvalidDataException Problem(string text) => new($"'{lines.Path}', line {HeaderLine}: {text}");

    public void Dispose() => lines.Dispose();

    /// <summary>A byte as messages show it.</summary>
    protected static string Show(int value) => value switch
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
        ReadLine(ref _header, out _headerLength, "header");
    }

    /// <summary>Reads the rest of the line as text.</summary>
    protected void ReadLine(ref byte[] destination, out int length, string what)
    {
        length = 0;
        while (lines.ReadPiece(out ReadOnlySpan<byte> piece))
        {
            int control = piece.IndexOfAny(Controls);
            if (control >= 0)
                throw lines.Problem(control, $"{Show(piece[control])} is in a {what}; text is expected.");
            if (piece.Length > MaxHeader - length)
                throw lines.Problem(0, $"the {what} is longer than {MaxHeader} bytes.");
            if (destination.Length < length + piece.Length)
                Array.Resize(ref destination, Math.Max(length + piece.Length, 2 * destination.Length));
            piece.CopyTo(destination.AsSpan(length));
            length += piece.Length;
        }

        if (!Utf8.IsValid(destination.AsSpan(0, length)))
            throw lines.Problem($"the {what} is not ASCII or UTF-8.");
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
