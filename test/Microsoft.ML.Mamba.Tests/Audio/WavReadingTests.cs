using System.Buffers.Binary;
using Microsoft.ML.Mamba.Audio;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>What WAV files hold.</summary>
public sealed class WavReadingTests : IDisposable
{
    private static readonly WaveformRules Rules = new(8000, Resample: false, Channel: null);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<int, int, byte[], float[]> Encodings => new()
    {
        { 1, 8, [0, 128, 255, 64], [-1, 0, 127 / 128f, -0.5f] },
        { 1, 16, [0x00, 0x80, 0, 0, 0xFF, 0x7F, 0x00, 0x40], [-1, 0, 32767 / 32768f, 0.5f] },
        { 1, 24, [0, 0, 0x80, 0, 0, 0, 0xFF, 0xFF, 0x7F, 0, 0, 0x40, 0xFF, 0xFF, 0xFF], [-1, 0, 8388607 / 8388608f, 0.5f, -1 / 8388608f] },
        { 1, 32, [0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x40], [-1, 0, 0.5f] },
        { 3, 32, [.. BitConverter.GetBytes(-1.5f), .. BitConverter.GetBytes(0.1f)], [-1.5f, 0.1f] },
        { 3, 64, [.. BitConverter.GetBytes(-1.5), .. BitConverter.GetBytes(0.1)], [-1.5f, 0.1f] },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Samples_AreScaledToFullScaleOne(int tag, int bits, byte[] bytes, float[] expected) =>
        Assert.Equal(expected, Samples(new WavBytes { Tag = tag, Bits = bits, Samples = bytes }));

    [Theory]
    [MemberData(nameof(Encodings))]
    public void ExtensibleFormat_IsReadAsTheFormatItNames(int tag, int bits, byte[] bytes, float[] expected) =>
        Assert.Equal(expected, Samples(new WavBytes { Tag = 0xFFFE, Bits = bits, Samples = bytes, FormatExtension = Extension(tag, bits) }));

    [Fact]
    public void SeveralChannels_AreMixedToTheirMean() =>
        Assert.Equal([0.375f, -0.5f], Samples(new WavBytes { Tag = 3, Bits = 32, Channels = 2, Samples = Floats(0.5f, 0.25f, -1, 0) }));

    [Theory]
    [InlineData(0, new[] { 0.5f, -1f })]
    [InlineData(2, new[] { 0.125f, 0.75f })]
    public void OneChannel_CanBeTaken(int channel, float[] expected)
    {
        string path = new WavBytes { Tag = 3, Bits = 32, Channels = 3, Samples = Floats(0.5f, 0.25f, 0.125f, -1, 0, 0.75f) }.Write(_folder);
        Assert.Equal(expected, new WaveformReader(Rules with { Channel = channel }).Read(path));
    }

    [Fact]
    public void LongFiles_AreReadInParts()
    {
        short[] values = [.. Enumerable.Range(0, 100_000).Select(i => (short)(i * 7919))];
        var stereo = new WavBytes { Channels = 2, Samples = [.. values.SelectMany(value => BitConverter.GetBytes(value).Concat(BitConverter.GetBytes(value)))] };
        Assert.Equal(values.Select(value => value / 32768f), Samples(stereo));
    }

    [Fact]
    public void UnknownChunks_AreSkippedWithTheirPadding()
    {
        WavBytes file = WavBytes.OfShorts(1, 2);
        file.Before = [.. WavBytes.Chunk("JUNK", new byte[5]), .. WavBytes.Chunk("bext", [])];
        file.Between = WavBytes.Chunk("LIST", [1, 2, 3]);
        file.After = WavBytes.Chunk("data", new byte[8]);
        Assert.Equal([1 / 32768f, 2 / 32768f], Samples(file));
    }

    [Fact]
    public void OddDataChunk_IsReadWhole() => Assert.Equal([-1, 0, 127 / 128f], Samples(new WavBytes { Bits = 8, Samples = [0, 128, 255] }));

    [Fact]
    public void LongFormatChunk_IsRead() => Assert.Equal([0.5f], Samples(new WavBytes { FormatExtension = [0, 0], Samples = [0, 0x40] }));

    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(uint.MaxValue, 0u)]
    [InlineData(uint.MaxValue, uint.MaxValue)]
    [InlineData(null, uint.MaxValue)]
    public void UnknownSizeOfStreamingWriters_ReachesToTheEndOfWholeBlocks(uint? riff, uint data) =>
        Assert.Equal([1 / 32768f, 2 / 32768f], Samples(new WavBytes { Channels = 2, RiffSize = riff, DataSize = data, Samples = [1, 0, 1, 0, 2, 0, 2, 0, 3, 0] }));

    [Fact]
    public void EmptyDataChunk_IsAnEmptyWaveform() => Assert.Empty(Samples(new WavBytes { After = WavBytes.Chunk("LIST", [1, 2]) }));

    [Theory]
    [InlineData("RF64")]
    [InlineData("BW64")]
    public void WideFiles_HaveTheirSizeInChunkDs64(string riff)
    {
        byte[] wide = new byte[28];
        BinaryPrimitives.WriteUInt64LittleEndian(wide.AsSpan(8), 4);
        Assert.Equal([1 / 32768f, 2 / 32768f], Samples(new WavBytes
        {
            Riff = riff, RiffSize = uint.MaxValue, DataSize = uint.MaxValue, Samples = [1, 0, 2, 0],
            Before = WavBytes.Chunk("ds64", wide), After = WavBytes.Chunk("LIST", [1, 2]),
        }));
    }

    [Fact]
    public void BytesAfterTheRiffChunk_AreIgnored()
    {
        string path = WavBytes.OfShorts(1).Write(_folder);
        File.AppendAllBytes(path, new byte[100]);
        Assert.Equal([1 / 32768f], new WaveformReader(Rules).Read(path));
    }

    /// <summary>The extension of WAVE_FORMAT_EXTENSIBLE, with all bits valid.</summary>
    internal static byte[] Extension(int tag, int validBits) =>
    [
        22, 0, .. BitConverter.GetBytes((ushort)validBits), 0, 0, 0, 0,
        .. new Guid($"0000{tag:x4}-0000-0010-8000-00aa00389b71").ToByteArray(),
    ];

    private static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private float[] Samples(WavBytes file) => new WaveformReader(Rules).Read(file.Write(_folder));
}
