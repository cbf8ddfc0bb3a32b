using System.Buffers.Binary;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>The content of a fmt chunk.</summary>
internal readonly record struct WavFormat(WavEncoding Encoding, int Channels, int SampleRate, int BytesPerSample)
{
    /// <summary>Bytes that are looked at: those of WAVE_FORMAT_EXTENSIBLE.</summary>
    public const int MaxLength = 40;

    private const int Pcm = 1, IeeeFloat = 3, Extensible = 0xFFFE;

    // The last 14 bytes of the sub-format of a WAVE_FORMAT_EXTENSIBLE that stands for a format number, which are its first two.
    private static ReadOnlySpan<byte> NumberedSubFormat => [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

    /// <param name="content">16 to 40 bytes.</param>
    /// <param name="file">The name for messages.</param>
    /// <param name="offset">Where the content starts.</param>
    public static WavFormat Parse(ReadOnlySpan<byte> content, string file, long offset)
    {
        int tag = Word(content, 0), channels = Word(content, 2), block = Word(content, 12), bits = Word(content, 14);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(content[4..]);
        int tagOffset = 0;
        if (tag == Extensible)
        {
            if (content.Length < MaxLength || Word(content, 16) < 22)
                throw WavHeaderReader.Invalid(file, offset, "the extensible format lacks its extension of 22 bytes");
            int valid = Word(content, 18);
            if (valid > bits)
                throw WavHeaderReader.Invalid(file, offset + 18, $"{valid} valid bits are claimed of samples of {bits} bits");
            if (!content[26..40].SequenceEqual(NumberedSubFormat))
                throw WavHeaderReader.Invalid(file, offset + 24, $"the sub-format {new Guid(content[24..40])} is not read");
            (tag, tagOffset) = (Word(content, 24), 24);
        }

        WavEncoding encoding = (tag, bits) switch
        {
            (Pcm, 8) => WavEncoding.Unsigned8,
            (Pcm, 16) => WavEncoding.Signed16,
            (Pcm, 24) => WavEncoding.Signed24,
            (Pcm, 32) => WavEncoding.Signed32,
            (IeeeFloat, 32) => WavEncoding.Float32,
            (IeeeFloat, 64) => WavEncoding.Float64,
            (Pcm, _) => throw WavHeaderReader.Invalid(file, offset + 14, $"samples of {bits} bits; 8, 16, 24 or 32 bits of PCM are read"),
            (IeeeFloat, _) => throw WavHeaderReader.Invalid(file, offset + 14, $"samples of {bits} bits; 32 or 64 bits of floating point are read"),
            _ => throw WavHeaderReader.Invalid(file, offset + tagOffset, $"the format {tag} is not read; 1 (PCM) and 3 (IEEE floating point) are"),
        };
        if (channels == 0)
            throw WavHeaderReader.Invalid(file, offset + 2, "0 channels");
        if (rate is 0 or > int.MaxValue)
            throw WavHeaderReader.Invalid(file, offset + 4, $"{rate} samples a second");
        if (block != channels * (bits / 8))
            throw WavHeaderReader.Invalid(
                file, offset + 12, $"blocks of {block} bytes, but {channels} channel{(channels == 1 ? "" : "s")} of {bits} bits take {channels * (bits / 8)}");
        return new WavFormat(encoding, channels, (int)rate, bits / 8);
    }

    private static int Word(ReadOnlySpan<byte> content, int at) => BinaryPrimitives.ReadUInt16LittleEndian(content[at..]);
}
