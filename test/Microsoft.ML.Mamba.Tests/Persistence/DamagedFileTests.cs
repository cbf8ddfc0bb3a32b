using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Persistence;

/// <summary>
/// Files that are damaged, hostile or from the future are refused with a reason. ML.NET wraps the exceptions of what it loads; the reason
/// is inside.
/// </summary>
public sealed class DamagedFileTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();
    private readonly string _path;

    public DamagedFileTests()
    {
        _path = _folder.PathOf("m.zip");
        IDataView data = Train.DnaKeys(_ml, 12);
        _ml.Model.Save(Train.Fit(_ml, data), data.Schema, _path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Entries_AreWhatTheFormatSays()
    {
        using ZipArchive zip = ZipFile.OpenRead(_path);
        string[] ours = [.. zip.Entries.Select(entry => entry.FullName)
            .Where(name => name.StartsWith("TransformerChain", StringComparison.Ordinal)).Select(name => name.Split('/', '\\')[^1])];
        Assert.All(["manifest.json", "config.json", "weights.safetensors", "tokenizer.json", "history.json"], name => Assert.Contains(name, ours));
    }

    [Fact]
    public void NewerVersion_SaysFoundAndSupported()
    {
        ChangeManifest(json => (json["format_version"], json["library_version"]) = (7, "9.9.9"));
        AssertReason("format version 7", "9.9.9", "versions 1 to 3", "Update the package");
    }

    [Fact]
    public void VersionZero_IsRefused()
    {
        ChangeManifest(json => json["format_version"] = 0);
        AssertReason("format version 0", "versions 1 to 3");
    }

    [Fact]
    public void UnknownMembers_ArePassedOver()
    {
        ChangeManifest(json => json["somethingNew"] = 5);
        Assert.NotNull(_ml.Model.Load(_path, out _));
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("history.json")]
    [InlineData("weights.safetensors")]
    public void MissingEntry_IsNamed(string name)
    {
        Change(name, _ => null);
        AssertReason(name);
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("history.json")]
    [InlineData("weights.safetensors")]
    public void TruncatedEntry_IsRefused(string name)
    {
        foreach (double share in new[] { 0, 0.3, 0.9 })
        {
            byte[]? whole = null;
            Change(name, bytes => (whole = bytes)[..(int)(bytes.Length * share)]);
            AssertReason();
            Change(name, _ => whole);
        }

        Assert.NotNull(_ml.Model.Load(_path, out _));
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("history.json")]
    public void JsonThatIsSomethingElse_IsRefused(string name)
    {
        foreach (string json in new[] { "null", "[]", "3", "{}", "{\"a\":", "\"\uD800\"", new string('[', 5000) })
        {
            Change(name, _ => Encoding.UTF8.GetBytes(json));
            AssertReason();
        }
    }

    public static TheoryData<string, string> WrongValues => new()
    {
        { "modality", "\"Odd\"" }, { "modality", "\"Auto\"" }, { "sequence_kind", "\"Frames\"" }, { "sequence_kind", "\"Keys\"" },
            { "columns.score", "\"\"" }, { "columns.label", "null" },
        { "columns.features", "\"\"" }, { "columns.saliency", "3" }, { "columns.saliency_class", "2" }, { "columns.saliency_class", "-1" },
        { "labels.count", "3" }, { "labels.count", "2147483647" }, { "labels.values", "[\"a\"]" }, { "labels.values", "null" },
        { "labels.type", "\"Odd\"" }, { "labels.type", "\"Int32\"" },
        { "labels.type", "\"Key:UInt32:0\"" }, { "sequences.max_length", "0" }, { "sequences.truncation", "\"7\"" }, { "sequences.tokenized", "false" },
        { "scoring.batch_rows", "0" }, { "scoring.batch_rows", "2147483647" }, { "scoring.batch_tokens", "-1" }, { "format", "\"odd\"" },
        { "format_version", "1e99" }, { "ensemble_size", "0" }, { "ensemble_size", "65" }, { "ensemble_size", "-3" }, { "ensemble_size", "2147483647" },
        { "ensemble_size", "2" }, { "ensemble_size", "\"2\"" },
    };

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void ManifestValueOutOfRange_IsRefused(string name, string value)
    {
        ChangeManifest(json =>
        {
            string[] parts = name.Split('.');
            JsonNode node = json;
            foreach (string part in parts[..^1])
                node = node[part]!;
            node[parts[^1]] = JsonNode.Parse(value);
        });
        AssertReason("manifest.json");
    }

    [Theory]
    [InlineData("d_model", 65536)]
    [InlineData("num_layers", 1024)]
    [InlineData("num_classes", 16777216)]
    [InlineData("vocab_size", 16777216)]
    public void ConfigurationThatTheFileDoesNotBearOut_AllocatesNothing(string name, int value)
    {
        Change("config.json", bytes =>
        {
            JsonObject json = JsonNode.Parse(bytes)!.AsObject();
            Assert.True(json.ContainsKey(name), json.ToJsonString());
            json[name] = value;
            return Encoding.UTF8.GetBytes(json.ToJsonString());
        });
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertReason();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 40)]
    [InlineData(-1)]
    public void SafetensorsHeaderLengthThatLies_IsRefused(long length)
    {
        Change("weights.safetensors", bytes =>
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
            return bytes;
        });
        AssertReason();
    }

    [Fact]
    public void FlippedBytes_AreRefusedOrLoadCleanly()
    {
        var random = new Random(1);
        byte[] whole = File.ReadAllBytes(_path);
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_path, damaged);
            Exception? error = Record.Exception(() => _ml.Model.Load(_path, out _));
            Assert.True(
                error is null or not (OutOfMemoryException or NullReferenceException or IndexOutOfRangeException or AccessViolationException),
                error?.ToString());
        }
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void TruncatedZip_IsRefused(double share)
    {
        byte[] whole = File.ReadAllBytes(_path);
        File.WriteAllBytes(_path, whole[..(int)(whole.Length * share)]);
        Assert.ThrowsAny<Exception>(() => _ml.Model.Load(_path, out _));
    }

    private void AssertReason(params string[] parts)
    {
        Exception error = Assert.ThrowsAny<Exception>(() => _ml.Model.Load(_path, out _));
        InvalidDataException? reason = ModelZip.Reason<InvalidDataException>(error);
        Assert.True(reason is not null, error.ToString());
        Assert.All(parts, part => Assert.Contains(part, reason.Message, StringComparison.Ordinal));
    }

    private void ChangeManifest(Action<JsonObject> change) => Change("manifest.json", bytes =>
    {
        JsonObject json = JsonNode.Parse(bytes)!.AsObject();
        change(json);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    });

    private void Change(string name, Func<byte[], byte[]?> change) => ModelZip.Change(_path, name, change);
}
