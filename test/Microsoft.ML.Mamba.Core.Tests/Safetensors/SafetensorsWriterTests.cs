namespace Microsoft.ML.Mamba.Safetensors;

public class SafetensorsWriterTests
{
    private static byte[] Write(IEnumerable<MambaTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    [Fact]
    public void Write_GivesTheFormatByteForByte()
    {
        byte[] bytes = Write([new MambaTensor("b", [2], [1, -2]), new MambaTensor("a", [], [0.5f])], new Dictionary<string, string> { ["z"] = "1", ["y"] = "ü" });
        const string Header =
            "{\"__metadata__\":{\"y\":\"\\u00FC\",\"z\":\"1\"},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}";
        int padded = (Header.Length + 7) / 8 * 8;
        Assert.Equal(SafetensorsBytes.Make(Header.PadRight(padded), 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F), bytes);
    }

    [Fact]
    public void Write_RoundTripsBitForBit()
    {
        float[] values = [0f, -0f, float.NaN, BitConverter.UInt32BitsToSingle(0x7FC12345), float.PositiveInfinity, float.Epsilon, 3.14f];
        using SafetensorsFile file = SafetensorsFile.Read(Write([new MambaTensor("ünï \"q\"", [7, 1], values), new MambaTensor("none", [0, 4], [])]));
        MambaTensor tensor = file.ReadAll()["ünï \"q\""];
        Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), tensor.Values.Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal([7, 1], tensor.Shape.ToArray());
        Assert.Equal([0, 4], file.ReadTensor("none").Shape.ToArray());
    }

    [Fact]
    public void Write_AlignsDataTo8Bytes()
    {
        for (int length = 1; length < 20; length++)
        {
            byte[] bytes = Write([new MambaTensor(new string('n', length), [1], [1])]);
            Assert.Equal(0, BitConverter.ToInt64(bytes) % 8);
        }
    }

    [Fact]
    public void Write_RefusesReservedAndRepeatedNames()
    {
        Assert.Contains("'__metadata__'", Assert.Throws<ArgumentException>(() => Write([new MambaTensor("__metadata__", [], [1])])).Message);
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => Write([new MambaTensor("a", [], [1]), new MambaTensor("a", [], [1])])).Message);
    }

    [Fact]
    public void Save_LeavesTheFormerFileWhenItFails()
    {
        TestFiles.InTemporaryFolder(folder =>
        {
            string path = Path.Combine(folder, "x.safetensors");
            SafetensorsWriter.Save(path, [new MambaTensor("a", [1], [1])]);
            byte[] before = File.ReadAllBytes(path);
            Assert.Throws<ArgumentException>(() => SafetensorsWriter.Save(path, [new MambaTensor("b", [], [1]), new MambaTensor("b", [], [1])]));
            Assert.Equal(before, File.ReadAllBytes(path));
            Assert.Single(Directory.GetFiles(folder));
            SafetensorsWriter.Save(path, [new MambaTensor("b", [1], [2])]);
            using SafetensorsFile file = SafetensorsFile.Open(path);
            Assert.Equal("b", Assert.Single(file.Entries).Name);
        });
    }

    [Fact]
    public void Write_KeepsNoCopyOfTheData()
    {
        var tensor = new MambaTensor("a", [1 << 22], new float[1 << 22]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        SafetensorsWriter.Write(Stream.Null, [tensor]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }
}
