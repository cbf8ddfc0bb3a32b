using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.Safetensors;

public class SafetensorsFileTests
{
    [Fact]
    public void ReadSingle_ConvertsEveryType()
    {
        Check("F64", MemoryMarshal.AsBytes<double>([1.5, -2.25, 1e300]), [1.5f, -2.25f, float.PositiveInfinity]);
        Check("F32", MemoryMarshal.AsBytes<float>([1.5f, -0f, float.Epsilon]), [1.5f, -0f, float.Epsilon]);
        Check("F16", MemoryMarshal.AsBytes<Half>([(Half)1.5f, Half.MaxValue, Half.Epsilon]), [1.5f, 65504f, 5.9604645e-8f]);
        Check("BF16", MemoryMarshal.AsBytes<ushort>([0x3FC0, 0xC010, 0x7F80]), [1.5f, -2.25f, float.PositiveInfinity]);
        Check("I64", MemoryMarshal.AsBytes<long>([-3, 1L << 40, long.MinValue]), [-3f, 1L << 40, long.MinValue]);
        Check("I32", MemoryMarshal.AsBytes<int>([-3, 7, int.MinValue]), [-3f, 7f, int.MinValue]);
        Check("I16", MemoryMarshal.AsBytes<short>([-3, 7, short.MinValue]), [-3f, 7f, short.MinValue]);
        Check("I8", MemoryMarshal.AsBytes<sbyte>([-3, 7, sbyte.MinValue]), [-3f, 7f, sbyte.MinValue]);
        Check("U64", MemoryMarshal.AsBytes<ulong>([3, 1UL << 63, ulong.MaxValue]), [3f, 1UL << 63, ulong.MaxValue]);
        Check("U32", MemoryMarshal.AsBytes<uint>([3, 7, uint.MaxValue]), [3f, 7f, uint.MaxValue]);
        Check("U16", MemoryMarshal.AsBytes<ushort>([3, 7, ushort.MaxValue]), [3f, 7f, ushort.MaxValue]);
        Check("U8", [3, 7, 255], [3f, 7f, 255f]);
        Check("BOOL", [0, 1, 1], [0f, 1f, 1f]);

        static void Check(string type, ReadOnlySpan<byte> data, float[] expected)
        {
            byte[] file = SafetensorsBytes.Make("{" + SafetensorsBytes.Entry("a", type, "[3]", $"[0,{data.Length}]") + "}", data.ToArray());
            using SafetensorsFile opened = SafetensorsFile.Read(file);
            Assert.Equal(expected, opened.ReadSingle("a"));
            Assert.Equal(expected, opened.ReadTensor("a").Values);
        }
    }

    [Fact]
    public void ReadSingle_ConvertsTensorsLongerThanItsBuffer()
    {
        double[] values = [.. Enumerable.Range(0, 20_001).Select(i => i * 0.5)];
        byte[] data = MemoryMarshal.AsBytes<double>(values).ToArray();
        using SafetensorsFile file = SafetensorsFile.Read(
            SafetensorsBytes.Make("{" + SafetensorsBytes.Entry("a", "F64", "[20001]", $"[0,{data.Length}]") + "}", data));
        Assert.Equal(values.Select(value => (float)value), file.ReadSingle("a"));
        Assert.Equal(values, file.Read<double>("a"));
    }

    [Fact]
    public void Read_GivesElementsAsStored()
    {
        byte[] data = [.. MemoryMarshal.AsBytes<long>([long.MaxValue]), .. MemoryMarshal.AsBytes<int>([int.MaxValue, -1]), 1, 0];
        string header = "{" + string.Join(
            ",", SafetensorsBytes.Entry("long", "I64", "[]", "[0,8]"), SafetensorsBytes.Entry("int", "I32", "[1,2]", "[8,16]"),
            SafetensorsBytes.Entry("bool", "BOOL", "[2]", "[16,18]")) + "}";
        using SafetensorsFile file = SafetensorsFile.Read(SafetensorsBytes.Make(header, data));
        Assert.Equal([long.MaxValue], file.Read<long>("long"));
        Assert.Equal([int.MaxValue, -1], file.Read<int>("int"));
        Assert.Equal([true, false], file.Read<bool>("bool"));
        Assert.Equal(0, file["long"].Shape.Length);
        Assert.Contains("holds I64", Assert.Throws<ArgumentException>(() => file.Read<int>("long")).Message);
        Assert.Contains("'nothing'", Assert.Throws<KeyNotFoundException>(() => file.ReadSingle("nothing")).Message);
        Assert.False(file.TryGetEntry("nothing", out _));
    }

    [Fact]
    public void Read_RejectsBooleansOtherThanZeroAndOne()
    {
        using SafetensorsFile file = SafetensorsFile.Read(SafetensorsBytes.Make("{" + SafetensorsBytes.Entry("a", "BOOL", "[2]", "[0,2]") + "}", 1, 2));
        Assert.Contains("'a'", Assert.Throws<InvalidDataException>(() => file.Read<bool>("a")).Message);
    }

    [Fact]
    public void Read_AcceptsPaddingMetadataEmptyTensorsAndMembersItDoesNotKnow()
    {
        string header = "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"shape\":[0,3],\"note\":{\"x\":[1]},\"data_offsets\":[0,0],\"dtype\":\"F32\"},"
            + SafetensorsBytes.Entry("b", "U8", "[1]", "[0,1]") + "}   ";
        using SafetensorsFile file = SafetensorsFile.Read(SafetensorsBytes.Make(header, 9));
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Empty(file.ReadSingle("a"));
        Assert.Equal([9f], file.ReadSingle("b"));
        Assert.Equal(["a", "b"], file.Entries.Select(entry => entry.Name));
        Assert.Equal("a: F32[0, 3]", file["a"].ToString());
    }

    [Fact]
    public void OpenAndReadStream_GiveWhatReadGives()
    {
        TestFiles.InTemporaryFolder(folder =>
        {
            var random = new MambaRandom(1);
            float[] values = [.. Enumerable.Range(0, 700_001).Select(_ => (float)random.NextNormal())];
            string path = Path.Combine(folder, "x.safetensors");
            SafetensorsWriter.Save(path, [new MambaTensor("a", [3], [1, 2, 3]), new MambaTensor("long", [700_001], values)]);
            using SafetensorsFile mapped = SafetensorsFile.Open(path);
            using FileStream stream = File.OpenRead(path);
            using SafetensorsFile read = SafetensorsFile.Read(stream);
            Assert.Equal(values, mapped.ReadSingle("long"));
            Assert.Equal(values, read.ReadSingle("long"));
            Assert.Equal([1f, 2f, 3f], read.ReadAll()["a"].Values);
        });
    }

    [Fact]
    public void Read_TakesStreamsThatTrickle()
    {
        using var written = new MemoryStream();
        SafetensorsWriter.Write(written, [new MambaTensor("a", [2, 2], [1, 2, 3, 4])]);
        using var stream = new TrickleStream(written.ToArray());
        using SafetensorsFile file = SafetensorsFile.Read(stream);
        Assert.Equal([1f, 2f, 3f, 4f], file.ReadSingle("a"));
    }

    [Fact]
    public void Open_ReadsGoldenFile()
    {
        using SafetensorsFile file = SafetensorsFile.Open(TestFiles.Golden("causal_conv1d.k4_state.safetensors"));
        Assert.Contains("\"name\": \"k4_state\"", file.Metadata["case"]);
        Assert.Equal(SafetensorsType.F64, file["out"].Type);
        Assert.Equal(SafetensorsType.F32, file["weight"].Type);
        double[] stored = file.Read<double>("out");
        Assert.Equal(file["out"].ElementCount, stored.Length);
        Assert.All(stored.Zip(file.ReadSingle("out")), pair => Assert.Equal((float)pair.First, pair.Second));
        Assert.Contains(stored, value => value != 0);
    }

    [Fact]
    public void ReadTensor_RunsOnManyThreads()
    {
        TestFiles.InTemporaryFolder(folder =>
        {
            string path = Path.Combine(folder, "x.safetensors");
            float[] values = [.. Enumerable.Range(0, 10_000).Select(i => (float)i)];
            SafetensorsWriter.Save(path, [new MambaTensor("a", [10_000], values)]);
            using SafetensorsFile file = SafetensorsFile.Open(path);
            Parallel.For(0, 50, _ => Assert.Equal(values, file.ReadTensor("a").Values));
        });
    }

    [Fact]
    public void Read_ThrowsAfterDispose()
    {
        SafetensorsFile file = SafetensorsFile.Open(TestFiles.Golden("causal_conv1d.k4_state.safetensors"));
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.ReadSingle("out"));
        Assert.Throws<ObjectDisposedException>(() => file.ReadSingle("weight"));
        Assert.Throws<ObjectDisposedException>(() => file.Read<double>("out"));
    }
}
