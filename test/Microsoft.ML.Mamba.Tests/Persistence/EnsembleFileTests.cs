using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Persistence;

/// <summary>Several models in one zip: an entry of weights each, in a format version that older releases refuse.</summary>
public sealed class EnsembleFileTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();
    private readonly IDataView _data;

    public EnsembleFileTests() => _data = Train.SeriesKeys(_ml);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(12, 3)]
    public void Models_AreSavedAndLoaded(int models, int version)
    {
        MambaTransformer model = Fit(models);
        string path = _folder.PathOf("m.zip");
        MambaTransformer loaded = RoundTripTests.SaveAndLoad(model, _data.Schema, path);
        Assert.Equal(models, loaded.EnsembleSize);
        Assert.Equal(Read.Vectors(model.Transform(_data), "Score"), Read.Vectors(loaded.Transform(_data), "Score"));
        JsonNode manifest = JsonNode.Parse(ModelZip.Text(path, "manifest.json")!)!;
        Assert.Equal(version, (int)manifest["format_version"]!);
        Assert.Equal(models == 1 ? null : models, (int?)manifest["ensemble_size"]);
        using ZipArchive zip = ZipFile.OpenRead(path);
        string[] expected = models == 1 ? ["weights.safetensors"] : [.. Enumerable.Range(1, models).Select(m => $"weights-{m}.safetensors").Order()];
        Assert.Equal(expected, zip.Entries.Select(entry => entry.FullName.Split('/', '\\')[^1])
            .Where(name => name.StartsWith("weights", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public void FilesThatContradict_AreRefused()
    {
        string path = _folder.PathOf("m.zip");
        _ml.Model.Save(Fit(2), _data.Schema, path);
        AssertRefused(path, "weights-2.safetensors", _ => null, "lacks the entry weights-2.safetensors");
        AssertRefused(path, "weights-1.safetensors", bytes => bytes[..^1]);
        AssertRefused(path, "manifest.json", bytes => Set(bytes, root => root["ensemble_size"] = 64), "lacks the entry weights-3.safetensors");
        AssertRefused(path, "manifest.json", bytes => Set(bytes, root => root["ensemble_size"] = 65), "ensemble_size must be 1 to 64; got 65");
        AssertRefused(path, "manifest.json", bytes => Set(bytes, root => root["format_version"] = 2), "ensemble_size 2 needs format_version 3; got 2");
        AssertRefused(path, "manifest.json", bytes => Set(bytes, root => root.AsObject().Remove("ensemble_size")), "lacks the entry weights.safetensors");
    }

    [Fact]
    public void Export_HasAFolderAModel_AndLeavesNothingOfAnEarlierOne()
    {
        string folder = _folder.PathOf("export");
        string[] whole = ["config.json", "frames.json", "model.safetensors"];
        Fit(3).ExportTo(folder);
        Assert.Equal(Under("member-1", "member-2", "member-3"), Files());
        byte[] first = File.ReadAllBytes(Path.Combine(folder, "member-1", "model.safetensors"));
        Assert.NotEqual(first, File.ReadAllBytes(Path.Combine(folder, "member-2", "model.safetensors")));
        File.WriteAllText(Path.Combine(folder, "member-3", "mine.txt"), "");
        Fit(2).ExportTo(folder);
        Assert.Equal([.. Under("member-1", "member-2"), "member-3/mine.txt"], Files());
        Fit(1).ExportTo(folder);
        Assert.Equal(["config.json", "frames.json", "member-3/mine.txt", "model.safetensors"], Files());
        Fit(2).ExportTo(folder);
        Assert.Equal([.. Under("member-1", "member-2"), "member-3/mine.txt"], Files());

        string[] Under(params string[] folders) => [.. folders.SelectMany(name => whole.Select(file => $"{name}/{file}"))];

        string[] Files() => [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];
    }

    private static byte[] Set(byte[] bytes, Action<JsonNode> change)
    {
        JsonNode root = JsonNode.Parse(bytes)!;
        change(root);
        return System.Text.Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private void AssertRefused(string path, string entry, Func<byte[], byte[]?> change, string part = "")
    {
        string changed = _folder.PathOf("changed.zip");
        ModelZip.Change(path, entry, change, changed);
        Exception error = Assert.ThrowsAny<Exception>(() => _ml.Model.Load(changed, out _));
        Assert.Contains(part, ModelZip.Reason<InvalidDataException>(error)?.Message ?? error.ToString(), StringComparison.Ordinal);
        Assert.NotNull(ModelZip.Reason<InvalidDataException>(error));
    }

    private MambaTransformer Fit(int models)
    {
        MambaClassificationOptions options = Train.Options();
        (options.EngineOverride, options.MaxEpochs, options.EnsembleSize) = (null, 1, models);
        return Train.Fit(_ml, _data, options);
    }
}
