namespace Microsoft.ML.Mamba.Safetensors;

public class MambaWeightsFileTests
{
    private static readonly MambaConfig s_languageModel = new() { DModel = 4, NumLayers = 1, DState = 2, VocabSize = 5, Head = MambaHead.LanguageModel };

    private static MambaWeights Load(IEnumerable<MambaTensor> tensors, MambaConfig config)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors);
        stream.Position = 0;
        return MambaWeightsFile.Load(stream, config);
    }

    private static IEnumerable<MambaTensor> Rename(IEnumerable<MambaTensor> weights, Func<string, string> rename) =>
        weights.Select(tensor => new MambaTensor(rename(tensor.Name), tensor.Shape, tensor.Values));

    private static void AssertSame(MambaWeights expected, MambaWeights actual)
    {
        Assert.Equal(expected.Select(tensor => tensor.Name), actual.Select(tensor => tensor.Name));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
    }

    [Fact]
    public void SaveAndLoad_RoundTrip()
    {
        var config = new MambaConfig
        {
            DModel = 6, InputChannels = 3, MaxPositions = 5, NumClasses = 4, Direction = MambaDirection.BidirectionalSeparate,
            Pooling = MambaPooling.Attention,
        };
        MambaWeights weights = MambaInitializer.Create(config, 3);
        TestFiles.InTemporaryFolder(folder =>
        {
            string path = Path.Combine(folder, "model.safetensors");
            MambaWeightsFile.Save(weights, path, new Dictionary<string, string> { ["format"] = "pt" });
            AssertSame(weights, MambaWeightsFile.Load(path, config));
            using SafetensorsFile file = SafetensorsFile.Open(path);
            Assert.Equal("pt", file.Metadata["format"]);
            AssertSame(weights, MambaWeightsFile.Load(file, config));
        });
    }

    [Fact]
    public void Load_PutsTensorsIntoTheModelsOrder()
    {
        MambaWeights weights = MambaInitializer.Create(s_languageModel, 3);
        AssertSame(weights, Load(weights.Reverse(), s_languageModel));
    }

    [Fact]
    public void Load_AcceptsTheOriginalNameOfTheEmbeddingAndATiedHead()
    {
        MambaWeights weights = MambaInitializer.Create(s_languageModel, 3);
        IEnumerable<MambaTensor> original = Rename(weights, name => name.Replace("embeddings", "embedding"));
        MambaTensor head = new("lm_head.weight", [5, 4], weights["backbone.embeddings.weight"].Values);
        AssertSame(weights, Load(original.Append(head), s_languageModel));
    }

    [Fact]
    public void Load_AcceptsNamesWithoutPrefix()
    {
        MambaConfig config = s_languageModel with { MaxPositions = 3 };
        MambaWeights weights = MambaInitializer.Create(config, 3);
        AssertSame(weights, Load(Rename(weights, name => name.Replace("backbone.", "")), config));
    }

    [Fact]
    public void Load_RefusesATiedHeadThatDiffers()
    {
        MambaWeights weights = MambaInitializer.Create(s_languageModel, 3);
        MambaTensor head = new("lm_head.weight", [5, 4], new float[20]);
        Assert.Contains("'lm_head.weight' differs", Assert.Throws<InvalidDataException>(() => Load(weights.Append(head), s_languageModel)).Message);
    }

    [Fact]
    public void Load_DropsTheLanguageModelHeadOfABackbone()
    {
        MambaConfig backbone = s_languageModel with { Head = MambaHead.None };
        MambaWeights weights = MambaInitializer.Create(backbone, 3);
        AssertSame(weights, Load(weights.Append(new MambaTensor("lm_head.weight", [5, 4], new float[20])), backbone));
    }

    [Fact]
    public void Load_NamesWhatIsMissingSuperfluousMisshapenOrDoubled()
    {
        MambaWeights weights = MambaInitializer.Create(s_languageModel, 3);
        Assert.Contains("lacks 'backbone.norm_f.weight' of shape [4]", Error(weights.Where(tensor => tensor.Name != "backbone.norm_f.weight")));
        Assert.Contains("'surplus'", Error(weights.Append(new MambaTensor("surplus", [1], [1]))));
        Assert.Contains(
            "'backbone.norm_f.weight' must have shape [4]; the file has [2, 2]",
            Error(Replace("backbone.norm_f.weight", new MambaTensor("backbone.norm_f.weight", [2, 2], new float[4]))));
        Assert.Contains("twice, as 'backbone.norm_f.weight' and as 'norm_f.weight'", Error(weights.Append(new MambaTensor("norm_f.weight", [4], new float[4]))));
        Assert.Throws<ArgumentOutOfRangeException>(() => Load(weights, s_languageModel with { DModel = 0 }));

        string Error(IEnumerable<MambaTensor> tensors) => Assert.Throws<InvalidDataException>(() => Load(tensors, s_languageModel)).Message;
        IEnumerable<MambaTensor> Replace(string name, MambaTensor tensor) => weights.Select(each => each.Name == name ? tensor : each);
    }

    [Fact]
    public void Load_ConvertsOtherTypes()
    {
        var config = new MambaConfig { DModel = 1, NumLayers = 0, VocabSize = 2, Head = MambaHead.None };
        string header = "{" + SafetensorsBytes.Entry("backbone.embeddings.weight", "BF16", "[2,1]", "[0,4]") + ","
            + SafetensorsBytes.Entry("backbone.norm_f.weight", "F16", "[1]", "[4,6]") + "}";
        using SafetensorsFile file = SafetensorsFile.Read(SafetensorsBytes.Make(header, 0xC0, 0x3F, 0x10, 0xC0, 0x00, 0x3C));
        MambaWeights weights = MambaWeightsFile.Load(file, config);
        Assert.Equal([1.5f, -2.25f], weights["backbone.embeddings.weight"].Values);
        Assert.Equal([1f], weights["backbone.norm_f.weight"].Values);
    }
}
