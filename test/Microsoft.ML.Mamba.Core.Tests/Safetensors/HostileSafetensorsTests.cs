using System.Text;

namespace Microsoft.ML.Mamba.Safetensors;

public class HostileSafetensorsTests
{
    private static readonly string s_entry = SafetensorsBytes.Entry("a", "U8", "[2]", "[0,2]");

    /// <summary>Header, data bytes, and what the message must name.</summary>
    public static TheoryData<string, int, string> WrongHeaders => new()
    {
        { "", 0, "JSON" },
        { "null", 0, "StartObject" },
        { "[]", 0, "StartObject" },
        { "{", 0, "JSON" },
        { "{" + s_entry, 2, "JSON" },
        { "{" + s_entry + "} x", 2, "JSON" },
        { "{" + s_entry + "}{}", 2, "JSON" },
        { "{\"a\":1}", 0, "tensor 'a'" },
        { "{\"a\":{}}", 0, "lacks 'dtype'" },
        { "{\"a\":{\"dtype\":\"U8\"}}", 0, "lacks 'shape'" },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[0]}}", 0, "lacks 'data_offsets'" },
        { "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, "'dtype' twice" },
        { "{\"a\":{\"dtype\":8,\"shape\":[0],\"data_offsets\":[0,0]}}", 0, "'dtype' of tensor 'a'" },
        { "{" + s_entry + "," + s_entry + "}", 2, "'a' twice" },
        { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, "two '__metadata__'" },
        { "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "'k' twice" },
        { "{\"__metadata__\":{\"k\":1}}", 0, "metadata 'k'" },
        { "{\"__metadata__\":{\"k\":\"\\ud800\"}}", 0, "JSON" },
        { "{" + SafetensorsBytes.Entry("a", "F8_E4M3", "[2]", "[0,2]") + "}", 2, "'F8_E4M3'" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[-2]", "[0,2]") + "}", 2, "'shape' of tensor 'a'" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[2.0]", "[0,2]") + "}", 2, "'shape' of tensor 'a'" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[[2]]", "[0,2]") + "}", 2, "'shape' of tensor 'a'" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[18446744073709551617]", "[0,1]") + "}", 1, "'shape' of tensor 'a'" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[4294967296,4294967296]", "[0,0]") + "}", 0, "overflows" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[4294967296,4294967296,0]", "[0,0]") + "}", 0, "overflows" },
        { "{" + SafetensorsBytes.Entry("a", "F64", "[2305843009213693952]", "[0,0]") + "}", 0, "overflows" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[2]", "[0,3]") + "}", 3, "needs 2 bytes" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[2]", "[2,0]") + "}", 2, "begin <= end" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[2]", "[0]") + "}", 2, "'data_offsets' of tensor 'a'" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[2]", "[-2,0]") + "}", 2, "'data_offsets' of tensor 'a'" },
        { "{" + s_entry + "}", 1, "cover 2 bytes" },
        { "{" + s_entry + "}", 3, "cover 2 bytes" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[1000000000000]", "[0,1000000000000]") + "}", 2, "1000000000000 bytes" },
        { "{" + SafetensorsBytes.Entry("a", "U8", "[2]", "[9223372036854775805,9223372036854775807]") + "}", 2, "leaves a gap" },
        { "{" + s_entry + "," + SafetensorsBytes.Entry("b", "U8", "[2]", "[1,3]") + "}", 3, "'b' begins at byte 1, which overlaps" },
        { "{" + s_entry + "," + SafetensorsBytes.Entry("b", "U8", "[2]", "[3,5]") + "}", 5, "leaves a gap" },
        { "{\"a\":{\"x\":" + new string('[', 5000) + new string(']', 5000) + "}}", 0, "JSON" },
    };

    [Theory]
    [MemberData(nameof(WrongHeaders))]
    public void Read_NamesWhatIsWrongInTheHeader(string header, int dataLength, string named)
    {
        byte[] file = SafetensorsBytes.Make(header, new byte[dataLength]);
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(file)).Message);
    }

    [Theory]
    [MemberData(nameof(WrongHeaders))]
    public void ReadStream_RefusesTheSameFiles(string header, int dataLength, string named)
    {
        Assert.NotEmpty(named);
        using var stream = new TrickleStream(SafetensorsBytes.Make(header, new byte[dataLength]));
        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(stream));
    }

    [Theory]
    [InlineData(ulong.MaxValue, "18446744073709551615")]
    [InlineData(1UL << 63, "9223372036854775808")]
    [InlineData(100_000_001UL, "100000001")]
    [InlineData(3UL, "3 bytes")]
    public void Read_RefusesHeaderLengthsBeyondTheFile(ulong claimed, string named)
    {
        byte[] file = SafetensorsBytes.MakeClaiming(claimed, "{}"u8.ToArray());
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(file)).Message);
        using var stream = new TrickleStream(file);
        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(stream));
    }

    [Fact]
    public void ReadStream_AllocatesForWhatArrivesOnly()
    {
        // The header is within the limit but is not there; neither is the terabyte of the second file.
        byte[] header = SafetensorsBytes.MakeClaiming(100_000_000, "{}"u8.ToArray());
        byte[] data = SafetensorsBytes.Make("{" + SafetensorsBytes.Entry("a", "U8", "[1000000000000]", "[0,1000000000000]") + "}");
        foreach (byte[] file in new[] { header, data })
        {
            using var stream = new TrickleStream(file);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(stream));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        }
    }

    [Fact]
    public void EveryTruncation_IsRefused()
    {
        using var written = new MemoryStream();
        SafetensorsWriter.Write(written, [new MambaTensor("a", [2], [1, 2]), new MambaTensor("b", [], [3])]);
        byte[] whole = written.ToArray();
        TestFiles.InTemporaryFolder(folder =>
        {
            string path = Path.Combine(folder, "x.safetensors");
            for (int length = 0; length < whole.Length; length++)
            {
                byte[] part = whole[..length];
                File.WriteAllBytes(path, part);
                using var stream = new MemoryStream(part);
                Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(part));
                Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(stream));
                Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));
            }
        });
    }

    [Fact]
    public void RandomDamage_GivesInvalidDataOrAValidFile()
    {
        using var written = new MemoryStream();
        MambaTensor[] tensors = [new("alpha", [2, 3], new float[6]), new("beta", [4], new float[4])];
        SafetensorsWriter.Write(written, tensors, new Dictionary<string, string> { ["k"] = "v" });
        byte[] whole = written.ToArray();
        var random = new MambaRandom(7);
        int refused = 0;
        for (int trial = 0; trial < 3000; trial++)
        {
            byte[] damaged = (byte[])whole.Clone();
            for (int i = 0; i <= trial % 3; i++)
                damaged[random.NextInt32(damaged.Length)] = (byte)random.NextInt32(256);
            try
            {
                using SafetensorsFile file = SafetensorsFile.Read(damaged);
                file.ReadAll();
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 500, 2999);
    }

    [Fact]
    public void Open_NamesAMissingFile() =>
        Assert.Contains("absent.safetensors", Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open("absent.safetensors")).Message);

    [Fact]
    public void InvalidUtf8_IsRefused()
    {
        byte[] header = [(byte)'{', (byte)'"', 0xFF, .. Encoding.UTF8.GetBytes("\":{}}")];
        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(SafetensorsBytes.MakeClaiming((ulong)header.Length, header)));
    }
}
