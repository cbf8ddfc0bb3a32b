using System.Text.Json.Nodes;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Persistence;

/// <summary>How frames are prepared is saved with the model; models that older releases score rightly keep the older version.</summary>
public sealed class FrameFileTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();
    private readonly IDataView _data;

    public FrameFileTests() => _data = Train.SeriesKeys(_ml);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(MissingValues.Error, FrameNormalization.None, 1)]
    [InlineData(MissingValues.Zero, FrameNormalization.None, 2)]
    [InlineData(MissingValues.CarryForward, FrameNormalization.None, 2)]
    [InlineData(MissingValues.Error, FrameNormalization.TrainingSet, 2)]
    [InlineData(MissingValues.CarryForward, FrameNormalization.PerSequence, 2)]
    public void Preparation_IsSavedExportedAndLoaded(MissingValues missing, FrameNormalization normalization, int version)
    {
        MambaTransformer model = Fit(missing, normalization);
        string path = _folder.PathOf("m.zip"), export = _folder.PathOf("export");
        MambaTransformer loaded = RoundTripTests.SaveAndLoad(model, _data.Schema, path);
        Assert.Equal(model.FramePreparation!.ToJson(), loaded.FramePreparation!.ToJson());
        Assert.Equal(Read.Vectors(model.Transform(_data), "Score"), Read.Vectors(loaded.Transform(_data), "Score"));
        JsonNode manifest = JsonNode.Parse(ModelZip.Text(path, "manifest.json")!)!;
        Assert.Equal(version, (int)manifest["format_version"]!);
        Assert.Equal(version == 2, manifest["sequences"]!.AsObject().ContainsKey("prepared"));
        Assert.Equal(version == 2 ? model.FramePreparation.ToJson() : null, ModelZip.Text(path, "frames.json"));

        Directory.CreateDirectory(export);
        File.WriteAllText(Path.Combine(export, "frames.json"), "of an earlier export");
        loaded.ExportTo(export);
        string exported = Path.Combine(export, "frames.json");
        Assert.Equal(version == 2, File.Exists(exported));
        if (version == 2)
            Assert.Equal(model.FramePreparation.ToJson(), FramePreparation.FromJson(File.ReadAllText(exported)).ToJson());
    }

    [Fact]
    public void Token_ModelsKeepVersionOne()
    {
        IDataView data = Train.DnaKeys(_ml);
        string path = _folder.PathOf("dna.zip");
        RoundTripTests.SaveAndLoad(Train.Fit(_ml, data), data.Schema, path);
        Assert.Equal(1, (int)JsonNode.Parse(ModelZip.Text(path, "manifest.json")!)!["format_version"]!);
    }

    [Fact]
    public void FilesThatContradict_AreRefused()
    {
        AssertRefused("frames.json", ("frames.json", _ => null));
        AssertRefused("channels", ("frames.json", _ => FramePreparation.Identity(3).ToJson()));
        AssertRefused("mean of channel 0", ("frames.json", json => Change(json, root => root["means"]![0] = JsonNode.Parse("1e300"))));
        AssertRefused("deviation of channel 0", ("frames.json", json => Change(json, root => root["deviations"]![0] = 0)));
        AssertRefused("'odd'", ("frames.json", json => Change(json, root => root["odd"] = 0)));
        AssertRefused("format_version 2", ("manifest.json", json => Change(json, root => root["format_version"] = 1)));
        AssertRefused("not valid", ("manifest.json", json => Change(json, root => root["sequences"]!["prepared"] = 1)));
    }

    private MambaTransformer Fit(MissingValues missing, FrameNormalization normalization)
    {
        MambaClassificationOptions options = Train.Options();
        options.EngineOverride = null;
        (options.MaxEpochs, options.MissingValues, options.FrameNormalization) = (1, missing, normalization);
        return Train.Fit(_ml, _data, options);
    }

    private void AssertRefused(string part, (string Name, Func<string, string?> Change) entry)
    {
        string path = _folder.PathOf("m.zip");
        RoundTripTests.SaveAndLoad(Fit(MissingValues.Error, FrameNormalization.TrainingSet), _data.Schema, path);
        ModelZip.ChangeText(path, entry.Name, entry.Change);
        InvalidDataException? reason = ModelZip.Reason<InvalidDataException>(Assert.ThrowsAny<Exception>(() => _ml.Model.Load(path, out _)));
        Assert.Contains(part, reason?.Message, StringComparison.Ordinal);
    }

    private static string Change(string json, Action<JsonNode> change)
    {
        JsonNode root = JsonNode.Parse(json)!;
        change(root);
        return root.ToJsonString();
    }
}
