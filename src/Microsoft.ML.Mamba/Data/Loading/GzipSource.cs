using System.IO.Compression;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>A gzip file of any number of members, such as those of bgzip, read so that a cut-off file is noticed.</summary>
/// <remarks>
/// <see cref="GZipStream"/> ends without a word where its input ends, also inside a member. So when it has ended, a member of our own is
/// put behind the file: only if the file is whole does that one come out.
/// </remarks>
internal sealed class GzipSource(FileStream file, string path) : ByteSource
{
    private static readonly byte[] EndMark = [.. "end of gzip data"u8];
    private static readonly byte[] EndMember = Compress(EndMark);

    private readonly GZipStream _stream = new(new ConcatenatedStream(file, EndMember), CompressionMode.Decompress);
    private long _given;
    private bool _ended;

    public override bool IsCompressed => true;

    public override int Read(Span<byte> buffer)
    {
        if (_ended)
            return 0;
        int count = Decompress(buffer);
        _given += count;
        if (count == 0)
        {
            CheckEnd();
            _ended = true;
        }

        return count;
    }

    public override void Dispose() => _stream.Dispose();

    private static byte[] Compress(byte[] data)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(data);
        return result.ToArray();
    }

    private void CheckEnd()
    {
        Span<byte> end = stackalloc byte[EndMark.Length + 1];
        int count = 0;
        while (count < end.Length && Decompress(end[count..]) is > 0 and var more)
            count += more;
        if (!end[..count].SequenceEqual(EndMark))
            throw Damaged(null);
    }

    private int Decompress(Span<byte> buffer)
    {
        try
        {
            return _stream.Read(buffer);
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(exception);
        }
    }

    private InvalidDataException Damaged(Exception? cause) => new(
        $"'{path}': the gzip data is damaged or cut off, or something else follows it; "
        + $"{_given} bytes of content came out of {file.Length} bytes of the file.",
        cause);
}
