namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Reads one stream, ends, and when read again gives some bytes.</summary>
internal sealed class ConcatenatedStream(Stream first, byte[] last) : Stream
{
    private int _position;
    private bool _firstEnded;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (!_firstEnded)
        {
            int read = first.Read(buffer);
            _firstEnded = read == 0 && !buffer.IsEmpty;
            return read;
        }

        int count = Math.Min(buffer.Length, last.Length - _position);
        last.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            first.Dispose();
    }
}
