using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>
/// The rest of a line as text: ASCII or UTF-8 without control bytes, and not longer than what memory is meant for. Serves one line after
/// the other. Not thread-safe.
/// </summary>
/// <param name="lines">The file.</param>
/// <param name="where">Where bytes are, in messages: <c>a header</c>.</param>
/// <param name="what">What the rest of the line is, in messages: <c>the header</c>.</param>
/// <param name="maxLength">Most bytes.</param>
internal sealed class TextLine(LineReader lines, string where, string what, int maxLength)
{
    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([
            .. Enumerable.Range(0, 128).Where(value => value != '\t' && char.IsControl((char)value)).Select(value => (byte)value),
        ]);

    private byte[] _bytes = new byte[256];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <param name="separator">A control character that may be there; others than a tab may not.</param>
    /// <exception cref="InvalidDataException">It is no such text; the message says where.</exception>
    public void Read(char separator = '\t')
    {
        _length = 0;
        while (lines.ReadPiece(out ReadOnlySpan<byte> piece))
        {
            int control = IndexOfControl(piece, separator);
            if (control >= 0)
                throw lines.Problem(control, $"{RecordParser.Show(piece[control])} is in {where}; text is expected.");
            if (piece.Length > maxLength - _length)
                throw lines.Problem($"{what} is longer than {maxLength} bytes.");
            if (_bytes.Length < _length + piece.Length)
                Array.Resize(ref _bytes, Math.Max(_length + piece.Length, 2 * _bytes.Length));
            piece.CopyTo(_bytes.AsSpan(_length));
            _length += piece.Length;
        }

        if (!Utf8.IsValid(Bytes))
            throw lines.Problem($"{what} is not ASCII or UTF-8.");
    }

    public override string ToString() => Encoding.UTF8.GetString(Bytes);

    private static int IndexOfControl(ReadOnlySpan<byte> piece, char separator)
    {
        int start = 0;
        while (piece[start..].IndexOfAny(Controls) is >= 0 and var found)
        {
            if (piece[start + found] != separator)
                return start + found;
            start += found + 1;
        }

        return -1;
    }
}
