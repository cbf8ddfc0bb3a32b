using System.IO.MemoryMappedFiles;

namespace Microsoft.ML.Mamba.Safetensors;

/// <summary>Bytes at 64-bit offsets, wherever they lie. Reading is thread-safe.</summary>
internal abstract class ByteSource : IDisposable
{
    public abstract long Length { get; }

    /// <summary>Copies bytes out. The caller has checked the range.</summary>
    public abstract void CopyTo(long offset, Span<byte> destination);

    public virtual void Dispose()
    {
    }
}

/// <summary>Bytes in memory.</summary>
internal sealed class MemorySource(ReadOnlyMemory<byte> bytes) : ByteSource
{
    public override long Length => bytes.Length;

    public override void CopyTo(long offset, Span<byte> destination) => bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
}

/// <summary>Bytes read from a stream, in segments: what is allocated follows what arrives, not what a header claims.</summary>
internal sealed class SegmentSource : ByteSource
{
    private const int SegmentSize = 1 << 20;
    private readonly List<byte[]> _segments = [];
    private readonly long _length;

    /// <summary>Reads exactly <paramref name="length"/> bytes.</summary>
    public SegmentSource(Stream stream, long length)
    {
        _length = length;
        for (long left = length; left > 0;)
        {
            var segment = new byte[Math.Min(SegmentSize, left)];
            int got = stream.ReadAtLeast(segment, segment.Length, throwOnEndOfStream: false);
            if (got < segment.Length)
                throw new InvalidDataException($"The safetensors data ends after {length - left + got} of {length} bytes.");
            _segments.Add(segment);
            left -= segment.Length;
        }
    }

    public override long Length => _length;

    public override void CopyTo(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            ReadOnlySpan<byte> segment = _segments[(int)(offset / SegmentSize)].AsSpan((int)(offset % SegmentSize));
            int count = Math.Min(segment.Length, destination.Length);
            segment[..count].CopyTo(destination);
            destination = destination[count..];
            offset += count;
        }
    }
}

/// <summary>A memory-mapped file.</summary>
internal sealed unsafe class MappedSource : ByteSource
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public MappedSource(FileStream stream)
    {
        Length = stream.Length;
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    public override long Length { get; }

    public override void CopyTo(long offset, Span<byte> destination)
    {
        // The handle is held during the copy, so that a Dispose on another thread cannot unmap it.
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            new ReadOnlySpan<byte>(start + _view.PointerOffset + offset, destination.Length).CopyTo(destination);
        }
        finally
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    public override void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
