using System.Buffers.Binary;
using Microsoft.ML.Mamba.Audio;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>Files that are no WAV files, or say what is not so: refused with file, byte and reason, and nothing is allocated on their word.</summary>
public sealed class WavErrorTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public void TooShort(int length) =>
        Assert.Contains(
            $"'{Write(WavBytes.OfShorts(1).ToArray()[..length])}' at byte 0: the file has {length} bytes, which is too short", Refused());

    [Theory]
    [InlineData("OggS", "'OggS'")]
    [InlineData("RIFX", "'RIFX', whose big-endian samples are not read")]
    [InlineData("\0\u0001ab", "0x00016162")]
    public void NotRiff(string id, string shown) => Refused(new WavBytes { Riff = id }, $"at byte 0: 'RIFF' is expected; got {shown}");

    [Fact]
    public void NotWave() => Refused(new WavBytes { Wave = "AVI " }, "at byte 8: 'WAVE' is expected; got 'AVI '");

    [Fact]
    public void RiffLongerThanTheFile() =>
        Refused(new WavBytes { RiffSize = 1000, Samples = [1, 0] },
            "at byte 4: the RIFF chunk claims 1000 bytes, but 38 follow: the file is cut off");

    [Theory]
    [InlineData(1000u)]
    [InlineData(0xFFFFFFF0u)]
    public void DataLongerThanTheFile(uint size) =>
        Refused(new WavBytes { DataSize = size, Samples = [1, 0] }, $"at byte 40: the data chunk claims {size} bytes, but 2 follow: the file is cut off");

    [Theory]
    [InlineData(1000ul)]
    [InlineData(ulong.MaxValue)]
    public void WideDataLongerThanTheFile(ulong size)
    {
        byte[] wide = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(wide.AsSpan(8), size);
        Refused(
            new WavBytes { Riff = "RF64", RiffSize = uint.MaxValue, DataSize = uint.MaxValue, Before = WavBytes.Chunk("ds64", wide), Samples = [1, 0] },
            $"at byte 72: the data chunk claims {size} bytes, but 2 follow");
    }

    [Fact]
    public void WideSizeChunkTooShort() =>
        Refused(new WavBytes { Riff = "RF64", Before = WavBytes.Chunk("ds64", new byte[16]) }, "at byte 16: the ds64 chunk has 16 bytes; 24 or more are expected");

    [Fact]
    public void OtherChunkLongerThanTheFile() =>
        Refused(new WavBytes { Before = WavBytes.Chunk("LIST", [1, 2], size: 4_000_000_000) },
            "at byte 16: the chunk 'LIST' claims 4000000000 bytes, but 34 follow");

    [Fact]
    public void NoDataChunk()
    {
        byte[] bytes = WavBytes.OfShorts(1).ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), 28);
        Write(bytes[..36]);
        Assert.Contains("at byte 36: the file ends without a data chunk", Refused());
        Write(bytes[..40]);
        Assert.Contains("at byte 36: the file ends without a data chunk", Refused());
    }

    [Fact]
    public void DataBeforeFormat() => Refused(new WavBytes { Before = WavBytes.Chunk("data", [1, 0]) }, "at byte 12: the data chunk comes before the fmt chunk");

    [Fact]
    public void TwoFormats() => Refused(new WavBytes { Between = WavBytes.Chunk("fmt ", new byte[16]) }, "at byte 36: a second fmt chunk");

    [Fact]
    public void ShortFormat() =>
        Refused(
            new WavBytes { Before = WavBytes.Chunk("fmt ", new byte[14]) },
            "at byte 16: the fmt chunk has 14 bytes; 16 or more are expected");

    [Fact]
    public void FormatCutOff()
    {
        byte[] bytes = WavBytes.OfShorts(1).ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), 12);
        Write(bytes[..24]);
        Assert.Contains("at byte 16: the chunk 'fmt ' claims 16 bytes, but 4 follow", Refused());
    }

    [Theory]
    [InlineData(2, 4, "at byte 20: the format 2 is not read; 1 (PCM) and 3 (IEEE floating point) are")]
    [InlineData(7, 8, "at byte 20: the format 7 is not read")]
    [InlineData(1, 12, "at byte 34: samples of 12 bits; 8, 16, 24 or 32 bits of PCM are read")]
    [InlineData(1, 64, "at byte 34: samples of 64 bits; 8, 16, 24 or 32 bits of PCM are read")]
    [InlineData(3, 16, "at byte 34: samples of 16 bits; 32 or 64 bits of floating point are read")]
    public void OtherFormats(int tag, int bits, string reason) => Refused(new WavBytes { Tag = tag, Bits = bits }, reason);

    [Fact]
    public void NoChannels() => Refused(new WavBytes { Channels = 0 }, "at byte 22: 0 channels");

    [Theory]
    [InlineData(0u)]
    [InlineData(0x80000000u)]
    public void ImpossibleRate(uint rate) => Refused(new WavBytes { Rate = rate }, $"at byte 24: {rate} samples a second");

    [Theory]
    [InlineData(1, 16, 3, "at byte 32: blocks of 3 bytes, but 1 channel of 16 bits take 2")]
    [InlineData(2, 24, 0, "at byte 32: blocks of 0 bytes, but 2 channels of 24 bits take 6")]
    public void BlockThatDoesNotFit(int channels, int bits, int block, string reason) =>
        Refused(new WavBytes { Channels = channels, Bits = bits, Block = block }, reason);

    [Fact]
    public void DataOfPartsOfBlocks() =>
        Refused(new WavBytes { Channels = 2, Samples = new byte[10] }, "at byte 40: the data chunk has 10 bytes, which is no multiple of the 4 bytes of a block");

    [Fact]
    public void ExtensibleWithoutExtension() =>
        Refused(new WavBytes { Tag = 0xFFFE, FormatExtension = [0, 0] }, "at byte 20: the extensible format lacks its extension of 22 bytes");

    [Fact]
    public void ExtensibleWithTooManyValidBits() =>
        Refused(new WavBytes { Tag = 0xFFFE, FormatExtension = WavReadingTests.Extension(1, 20) }, "at byte 38: 20 valid bits are claimed of samples of 16 bits");

    [Fact]
    public void ExtensibleOfAnotherKind()
    {
        byte[] extension = WavReadingTests.Extension(1, 16);
        extension[^1]++;
        Refused(new WavBytes { Tag = 0xFFFE, FormatExtension = extension }, "at byte 44: the sub-format 00000001-0000-0010-8000-00aa00389b72 is not read");
        Refused(new WavBytes { Tag = 0xFFFE, FormatExtension = WavReadingTests.Extension(6, 16) }, "at byte 44: the format 6 is not read");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void SampleThatIsNotFinite(float sample) =>
        Refused(WavBytes.OfFloats([.. new float[20_000], sample]), $"at byte {44 + 80_000}: the sample is {sample}; samples must be finite");

    [Fact]
    public void ChannelThatTheFileLacks()
    {
        Write(WavBytes.OfShorts(1).ToArray());
        Assert.Contains("has 1 channel; channel 2, counted from 0, was asked for", Refused(channel: 2));
    }

    [Fact]
    public void OtherSampleRate() => Refused(new WavBytes { Rate = 11_025 }, "' has 11025 samples a second, but 8000 are expected. Set resample to convert it.");

    [Fact]
    public void SampleRateTooFarForResampling()
    {
        string path = Write(new WavBytes { Rate = 60, Samples = [1, 0] }.ToArray());
        var rules = new WaveformRules(8000, Resample: true, Channel: null);
        var error = Assert.Throws<InvalidDataException>(() => new WaveformReader(rules).Read(path));
        Assert.Contains($"'{path}' has 60 samples a second, which are not resampled to 8000: that is a factor above 128.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Claims_AllocateNothing()
    {
        string[] paths =
        [
            new WavBytes { DataSize = 0xFFFFFFF0, Samples = [1, 0] }.Write(_folder, "1.wav"),
            new WavBytes { Before = WavBytes.Chunk("fmt ", [], size: 0x7FFFFFFF) }.Write(_folder, "2.wav"),
            new WavBytes { Channels = 65_535, Samples = [] }.Write(_folder, "3.wav"),
            new WavBytes { Rate = int.MaxValue, Samples = [1, 0] }.Write(_folder, "4.wav"),
        ];
        var rules = new WaveformRules(100, Resample: true, Channel: null);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (string path in paths)
            Record.Exception(() => new WaveformReader(rules).Read(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void DamagedBytes_AreRefusedOrReadCleanly()
    {
        var random = new Random(1);
        WavBytes file = WavBytes.OfShorts([.. Enumerable.Range(0, 50).Select(i => (short)i)]);
        file.Before = WavBytes.Chunk("LIST", new byte[7]);
        byte[] whole = file.ToArray();
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = [.. whole[..(i % 4 == 0 ? random.Next(whole.Length) : whole.Length)]];
            for (int flips = random.Next(1, 4); flips > 0 && damaged.Length > 0; flips--)
                damaged[random.Next(Math.Min(damaged.Length, 80))] ^= (byte)(1 << random.Next(8));
            string path = Write(damaged);
            Exception? error = Record.Exception(() => new WaveformReader(new WaveformRules(8000, Resample: true, Channel: null)).Read(path));
            Assert.True(error is null or InvalidDataException, error?.ToString());
        }
    }

    private void Refused(WavBytes file, string reason)
    {
        string path = file.Write(_folder);
        string message = Refused();
        Assert.StartsWith($"'{path}'", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    private string Refused(int? channel = null) =>
        Assert.Throws<InvalidDataException>(() => new WaveformReader(new WaveformRules(8000, Resample: false, channel)).Read(_folder.PathOf("a.wav"))).Message;

    private string Write(byte[] bytes)
    {
        string path = _folder.PathOf("a.wav");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
