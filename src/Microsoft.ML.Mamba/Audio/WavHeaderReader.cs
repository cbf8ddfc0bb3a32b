using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>
/// Reads the chunks of a WAV file up to its samples: RIFF, and RF64 or BW64 for more than 4 GB. Every size is held against the length that
/// the file really has before anything rests on it. A data chunk of 0xFFFFFFFF bytes, or of 0 where the RIFF chunk has 0 or 0xFFFFFFFF, was
/// written by a program that did not know the length yet: it reaches to the end of the file.
/// </summary>
internal sealed class WavHeaderReader
{
    private const uint Unknown = uint.MaxValue;

    private readonly Stream _stream;
    private readonly string _file;
    private readonly long _length;
    private WavFormat? _format;
    private ulong? _wideSize;

    private WavHeaderReader(Stream stream, string file)
    {
        (_stream, _file) = (stream, file);
        _length = stream.Length;
    }

    /// <param name="stream">A stream that can seek.</param>
    /// <param name="file">The name for messages.</param>
    /// <exception cref="InvalidDataException">
    /// It is no WAV file, or of a kind that is not read, or its sizes are not those of the file; the message names file and byte.
    /// </exception>
    public static WavHeader Read(Stream stream, string file) => new WavHeaderReader(stream, file).Read();

    public static InvalidDataException Invalid(string file, long offset, string what) => new($"'{file}' at byte {offset}: {what}.");

    private WavHeader Read()
    {
        if (_length < 12)
            throw Invalid(0, $"the file has {_length} bytes, which is too short for a WAV file");
        Span<byte> start = stackalloc byte[12];
        Fill(0, start);
        bool wide = start.StartsWith("RF64"u8) || start.StartsWith("BW64"u8);
        if (!wide && !start.StartsWith("RIFF"u8))
            throw Invalid(0, $"'RIFF' is expected; got {Name(start[..4])}{(start.StartsWith("RIFX"u8) ? ", whose big-endian samples are not read" : "")}");
        if (!start[8..].SequenceEqual("WAVE"u8))
            throw Invalid(8, $"'WAVE' is expected; got {Name(start[8..])}");
        uint riff = BinaryPrimitives.ReadUInt32LittleEndian(start[4..]);
        if (riff is not (0 or Unknown) && riff > _length - 8)
            throw Invalid(4, $"the RIFF chunk claims {riff} bytes, but {_length - 8} follow: the file is cut off");
        return Chunks(wide, riff);
    }

    private WavHeader Chunks(bool wide, uint riff)
    {
        Span<byte> start = stackalloc byte[8];
        long position = 12;
        while (_length - position >= 8)
        {
            Fill(position, start);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(start[4..]);
            if (start.StartsWith("data"u8))
                return Data(position, size, wide, riff);
            if (size > _length - position - 8)
                throw Invalid(position + 4, $"the chunk {Name(start[..4])} claims {size} bytes, but {_length - position - 8} follow");
            if (start.StartsWith("fmt "u8))
                _format = Format(position, size);
            else if (wide && start.StartsWith("ds64"u8))
                _wideSize = WideSize(position, size);
            // A chunk of odd size is followed by a byte that belongs to none.
            position += 8L + size + (size & 1);
        }

        throw Invalid(Math.Min(position, _length), "the file ends without a data chunk");
    }

    private WavFormat Format(long position, uint size)
    {
        if (_format is not null)
            throw Invalid(position, "a second fmt chunk");
        if (size < 16)
            throw Invalid(position + 4, $"the fmt chunk has {size} bytes; 16 or more are expected");
        Span<byte> content = stackalloc byte[(int)Math.Min(size, WavFormat.MaxLength)];
        Fill(position + 8, content);
        return WavFormat.Parse(content, _file, position + 8);
    }

    private ulong WideSize(long position, uint size)
    {
        if (size < 24)
            throw Invalid(position + 4, $"the ds64 chunk has {size} bytes; 24 or more are expected");
        Span<byte> content = stackalloc byte[16];
        Fill(position + 8, content);
        return BinaryPrimitives.ReadUInt64LittleEndian(content[8..]);
    }

    private WavHeader Data(long position, uint size, bool wide, uint riff)
    {
        if (_format is not { } format)
            throw Invalid(position, "the data chunk comes before the fmt chunk");
        int block = format.Channels * format.BytesPerSample;
        long available = _length - position - 8;
        ulong claimed = size;
        if (wide && size == Unknown && _wideSize is { } own)
            claimed = own;
        else if (size == Unknown || (!wide && size == 0 && riff is 0 or Unknown))
            claimed = (ulong)(available - available % block);
        if (claimed > (ulong)available)
            throw Invalid(position + 4, $"the data chunk claims {claimed} bytes, but {available} follow: the file is cut off");
        if (claimed % (ulong)block != 0)
            throw Invalid(position + 4, $"the data chunk has {claimed} bytes, which is no multiple of the {block} bytes of a block");
        long blocks = (long)claimed / block;
        if (blocks > Array.MaxLength)
            throw Invalid(position + 4, $"the data chunk has {blocks} samples a channel; at most {Array.MaxLength} are read");
        return new WavHeader(format.Encoding, format.Channels, format.SampleRate, format.BytesPerSample, position + 8, (int)blocks);
    }

    private void Fill(long position, Span<byte> bytes)
    {
        _stream.Position = position;
        _stream.ReadExactly(bytes);
    }

    private InvalidDataException Invalid(long offset, string what) => Invalid(_file, offset, what);

    private static string Name(ReadOnlySpan<byte> id) =>
        id.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? $"0x{Convert.ToHexString(id)}" : $"'{Encoding.ASCII.GetString(id)}'";
}
