using System.IO.Compression;
using Microsoft.ML.Mamba.Safetensors;
using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Tests.Persistence;

/// <summary>Saved and loaded models give the same scores bit for bit, on the engine that users have.</summary>
public class RoundTripTests
{
    private readonly MLContext _ml = new(1);

    public static TheoryData<string> Kinds => ["dna", "text", "characters", "bytes", "frames", "keys", "integers"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Scores_AreTheSameBitForBit(string kind)
    {
        (IDataView data, MambaClassificationOptions options) = Data(kind);
        options.MaxEpochs = 2;
        options.EngineOverride = null;
        MambaTransformer model = Train.Fit(_ml, data, options);
        using var folder = new TempFolder();
        MambaTransformer loaded = SaveAndLoad(model, data.Schema, folder.PathOf("m.zip"));
        AssertSameBits(Read.Vectors(model.Transform(data), "Score"), Read.Vectors(loaded.Transform(data), "Score"));
        Assert.Equal(Read.Column<uint>(model.Transform(data), "PredictedLabel"), Read.Column<uint>(loaded.Transform(data), "PredictedLabel"));
        Assert.Equal(model.Config, loaded.Config);
        Assert.Equal(model.Labels, loaded.Labels);
        Assert.Equal(model.Tokenizer?.ToJson(), loaded.Tokenizer?.ToJson());
        Assert.Equal(model.History.ToJson(), loaded.History.ToJson());
        Assert.Equal(model.Modality, loaded.Modality);
        Assert.Equal("cpu", loaded.Engine);
        MambaTransformer again = SaveAndLoad(loaded, data.Schema, folder.PathOf("again.zip"));
        Assert.Equal(Entries(folder.PathOf("m.zip")), Entries(folder.PathOf("again.zip")));
        AssertSameBits(Read.Vectors(model.Transform(data), "Score"), Read.Vectors(again.Transform(data), "Score"));
    }

    [Fact]
    public void ScoringOptionsAndColumns_AreKept()
    {
        MambaClassificationOptions options = Train.Options();
        (options.OutputColumnName, options.ScoreColumnName) = ("Guess", "Chances");
        (options.MaxLength, options.Truncation, options.EmptySequences) = (10, MambaTruncation.Tail, MambaEmptySequence.Missing);
        TextRow[] rows = Rows.Dna(20);
        MambaTransformer model = Train.Fit(_ml, Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows)), options);
        using var folder = new TempFolder();
        MambaTransformer loaded = SaveAndLoad(model, Train.DnaKeys(_ml).Schema, folder.PathOf("m.zip"));
        IDataView test = _ml.Data.LoadFromEnumerable(
            [new TextRow(), new TextRow { Sequence = new string('G', 90) + new string('A', 10) },
                new TextRow { Sequence = new string('A', 10) }]);
        IDataView scored = loaded.Transform(test);
        Assert.Equal(0u, Read.Column<uint>(scored, "Guess")[0]);
        float[][] chances = Read.Vectors(scored, "Chances");
        Assert.Equal(chances[2], chances[1]);
    }

    [Fact]
    public void LongerChain_IsLoadedInAProcessThatNeverNamedOurTypes()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Dna(40));
        MambaClassificationOptions options = Train.Options();
        options.EngineOverride = null;
        ITransformer model = _ml.Transforms.CopyColumns("Copy", "Sequence")
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label"))
            .AppendCacheCheckpoint(_ml)
            .Append(_ml.Transforms.MambaClassify(options))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(data);
        using var folder = new TempFolder();
        _ml.Model.Save(model, data.Schema, folder.PathOf("m.zip"));
        FreshProcess.Result result = FreshProcess.LoadAndScore(folder.PathOf("m.zip"), Rows.Dna(40).Select(row => row.Sequence));
        Assert.False(result.KnownBefore);
        IDataView scored = model.Transform(data);
        Assert.Equal(Read.Text(scored, "PredictedLabel"), result.Predicted);
        Assert.Equal(Read.Vectors(scored, "Score").Select(scores => scores.Select(BitConverter.SingleToUInt32Bits)), result.ScoreBits);
    }

    [Fact]
    public void ExportTo_WritesAModelThatStandsAlone()
    {
        IDataView data = Train.DnaKeys(_ml);
        MambaTransformer model = Train.Fit(_ml, data);
        using var folder = new TempFolder();
        string target = Path.Combine(folder.Path, "new", "folder");
        model.ExportTo(target);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Directory.GetFiles(target).Select(Path.GetFileName).Order());
        MambaConfig config = MambaConfig.Load(Path.Combine(target, "config.json"));
        Assert.Equal(model.Config, config);
        Assert.Equal(model.Tokenizer!.ToJson(), SequenceTokenizer.FromJson(File.ReadAllText(Path.Combine(target, "tokenizer.json"))).ToJson());
        using IMambaModel alone = new FakeEngine().CreateModel(config, MambaWeightsFile.Load(Path.Combine(target, "model.safetensors"), config));
        int[] ids = model.Tokenizer.EncodeToIds(Rows.Dna(1)[0].Sequence);
        var logits = new float[2];
        alone.Forward(SequenceBatch.FromTokens(ids), logits);
        float[] scores = Read.Vectors(model.Transform(data), "Score")[0];
        Assert.True(Math.Abs(Math.Log(scores[0] / scores[1]) - (logits[0] - logits[1])) <= 1e-4);
        // A model without a tokenizer leaves none of an earlier export behind.
        Train.Fit(_ml, Train.SeriesKeys(_ml)).ExportTo(target);
        Assert.Equal(["config.json", "frames.json", "model.safetensors"], Directory.GetFiles(target).Select(Path.GetFileName).Order());
    }

    private (IDataView Data, MambaClassificationOptions Options) Data(string kind)
    {
        MambaClassificationOptions options = Train.Options();
        IDataView reviews = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Rows.Reviews(24)));
        switch (kind)
        {
            case "dna":
                options.Tokenizer = new TokenizerOptions { Kind = TokenizerKind.Nucleotide, Nucleotide = new NucleotideOptions { KmerLength = 2 } };
                return (Train.DnaKeys(_ml, 24), options);
            case "text":
                return (reviews, options);
            case "characters":
                options.Tokenizer = new TokenizerOptions { Kind = TokenizerKind.Character };
                return (reviews, options);
            case "bytes":
                options.Tokenizer = new TokenizerOptions { Kind = TokenizerKind.Byte };
                return (reviews, options);
            case "frames":
                options.InputChannels = 2;
                return (Train.SeriesKeys(_ml, 24, channels: 2), options);
            case "keys":
                IDataView words = _ml.Data.LoadFromEnumerable(
                    Rows.Reviews(24).Select(row => new WordsRow { Label = row.Label, Sequence = row.Sequence.Split(' ') }));
                return (Train.WithKeys(_ml, _ml.Transforms.Conversion.MapValueToKey("Sequence").Fit(words).Transform(words)), options);
            default:
                IEnumerable<IdsRow> ids = Rows.Reviews(24).Select(
                    row => new IdsRow { Label = row.Label, Sequence = [.. row.Sequence.Select(letter => (ushort)letter)] });
                return (Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(ids)), options);
        }
    }

    internal static MambaTransformer SaveAndLoad(MambaTransformer model, DataViewSchema schema, string path)
    {
        var ml = new MLContext(2);
        ml.Model.Save(model, schema, path);
        ITransformer loaded = ml.Model.Load(path, out _);
        return (MambaTransformer)(loaded is IEnumerable<ITransformer> chain ? chain.Single() : loaded);
    }

    private static void AssertSameBits(float[][] expected, float[][] actual) =>
        Assert.Equal(expected.Select(row => row.Select(BitConverter.SingleToUInt32Bits)), actual.Select(row => row.Select(BitConverter.SingleToUInt32Bits)));

    private static Dictionary<string, string> Entries(string path)
    {
        using ZipArchive zip = ZipFile.OpenRead(path);
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var bytes = new MemoryStream();
            using Stream stream = entry.Open();
            stream.CopyTo(bytes);
            return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes.ToArray()));
        });
    }

    private sealed class WordsRow
    {
        public string Label { get; set; } = "";

        public string[] Sequence { get; set; } = [];
    }

    private sealed class IdsRow
    {
        public string Label { get; set; } = "";

        public ushort[] Sequence { get; set; } = [];
    }
}
