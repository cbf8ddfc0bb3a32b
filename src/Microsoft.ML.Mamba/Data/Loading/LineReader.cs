namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>
/// Reads a file line by line in pieces, so that a line may have any length. Lines end with LF, CR LF or CR; the last one may end with the
/// file. A byte order mark of UTF-8 is passed over.
/// </summary>
internal sealed class LineReader(string path) : IDisposable
{
    private const int BufferSize = 1 << 17;

    private readonly ByteSource _source = ByteSource.Open(path);
    private readonly byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;
    private long _bufferOffset;
    private long _pieceOffset;
    private bool _started;
    private bool _ended;
    private bool _inLine;
    private bool _afterCarriageReturn;

    public string Path => path;

    /// <summary>The current line's number, from 1; 0 before the first.</summary>
    public long Line { get; private set; }

    /// <summary>Goes to the next line's start, past what is left of this one; false at the end of the file.</summary>
    public bool MoveNext()
    {
        while (ReadPiece(out _))
        {
        }

        if (!HasByte())
            return false;
        Line++;
        _inLine = true;
        return true;
    }

    /// <summary>The next byte of the line, or -1 at its end.</summary>
    public int Peek() => _inLine && HasByte() && _buffer[_start] is not ((byte)'\n' or (byte)'\r') ? _buffer[_start] : -1;

    /// <summary>Passes over the byte that <see cref="Peek"/> gave.</summary>
    public void Skip() => _start++;

    /// <summary>Gives the next piece of the line, or false at its end. The piece is valid until the next call.</summary>
    public bool ReadPiece(out ReadOnlySpan<byte> piece)
    {
        piece = default;
        if (!_inLine)
            return false;
        if (!HasByte())
        {
            _inLine = false;
            return false;
        }

        _pieceOffset = _bufferOffset + _start;
        ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
        int length = rest.IndexOfAny((byte)'\n', (byte)'\r');
        if (length < 0)
        {
            piece = rest;
            _start = _end;
            return true;
        }

        piece = rest[..length];
        _afterCarriageReturn = rest[length] == '\r';
        _start += length + 1;
        _inLine = false;
        return length > 0;
    }

    /// <summary>An error at the current line.</summary>
    public InvalidDataException Problem(string text) => new($"'{path}', line {Line}: {text}");

    /// <summary>An error at a byte of the piece that was read last.</summary>
    public InvalidDataException Problem(int index, string text) => ProblemAt(_pieceOffset + index, text);

    /// <summary>An error at the byte that comes next.</summary>
    public InvalidDataException ProblemHere(string text) => ProblemAt(_bufferOffset + _start, text);

    public void Dispose() => _source.Dispose();

    private InvalidDataException ProblemAt(long offset, string text) =>
        new($"'{path}', line {Line} (byte {offset}{(_source.IsCompressed ? " of the uncompressed data" : "")}): {text}");

    private bool HasByte()
    {
        while (true)
        {
            if (_start == _end && !Fill())
                return false;
            if (!_afterCarriageReturn)
                return true;
            _afterCarriageReturn = false;
            if (_buffer[_start] != '\n')
                return true;
            _start++;
        }
    }

    private bool Fill()
    {
        if (_ended)
            return false;
        _bufferOffset += _end;
        _start = 0;
        _end = _source.Read(_buffer);
        _ended = _end == 0;
        if (_started)
            return !_ended;
        _started = true;
        // The first read may be short.
        while (_end is 1 or 2 && _source.Read(_buffer.AsSpan(_end)) is > 0 and var more)
            _end += more;
        ReadOnlySpan<byte> read = _buffer.AsSpan(0, _end);
        if (read.StartsWith(new byte[] { 0xFF, 0xFE }) || read.StartsWith(new byte[] { 0xFE, 0xFF }))
            throw new InvalidDataException($"'{path}' is text in UTF-16; ASCII or UTF-8 is expected.");
        if (read.StartsWith(new byte[] { 0xEF, 0xBB, 0xBF }))
            _start = 3;
        return _start < _end || Fill();
    }
}
