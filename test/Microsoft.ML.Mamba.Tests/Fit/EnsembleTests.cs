using System.Globalization;
using Microsoft.ML.Mamba.Cpu;
using Microsoft.ML.Mamba.Safetensors;
using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Fit;

/// <summary>Several models in one transformer: how many there are, what they learn, and what they say together.</summary>
public sealed class EnsembleTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(MambaModality.Frames, 999, 10, null, 3, "3 models whose probabilities are averaged, for 999 rows, the preset's number.")]
    [InlineData(MambaModality.Frames, 1_000, 10, null, 1, "One model, for 1000 rows, the preset's number.")]
    [InlineData(MambaModality.Frames, 20, 10, 1, 1, "One model, as asked for.")]
    [InlineData(MambaModality.Frames, 5_000, 10, 3, 3, "3 models whose probabilities are averaged, as asked for.")]
    [InlineData(MambaModality.Frames, 100, 10_000, null, 3, "the preset's number.")]
    [InlineData(MambaModality.Frames, 100, 10_001, null, 2, "2 models whose probabilities are averaged, for 100 rows, for at most 12000000 tokens of all together.")]
    [InlineData(MambaModality.Frames, 100, 100_000, null, 1, "One model, for 100 rows, for at most 12000000 tokens of all together.")]
    [InlineData(MambaModality.Dna, 20, 10, null, 1, "One model, for 20 rows, the preset's number.")]
    [InlineData(MambaModality.Text, 20, 10, null, 1, "One model, for 20 rows, the preset's number.")]
    [InlineData(MambaModality.Tokens, 20, 10, null, 1, "One model, for 20 rows, the preset's number.")]
    [InlineData(MambaModality.Text, 20, 10, 2, 2, "2 models whose probabilities are averaged, as asked for.")]
    public void Number_FollowsModalityAndRows(MambaModality modality, int rows, int length, int? asked, int expected, string reason)
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForFrames(1);
        for (int i = 0; i < rows; i++)
            builder.Add(new float[length], i % 2);
        SequenceDataset data = builder.Build();
        var training = new MambaTrainingOptions { MaxEpochs = 4 };
        Assert.Equal(expected, EnsembleChoice.Of(asked, Preset.Of(modality), data, training, new MambaConfig(), out string said));
        Assert.EndsWith(reason, said, StringComparison.Ordinal);
        if (asked is null && modality == MambaModality.Frames && length > 10_000)
            Assert.Equal(3, EnsembleChoice.Of(asked, Preset.Of(modality), data, training, new MambaConfig { PatchLength = 20 }, out _));
    }

    [Fact]
    public void FewSeries_GetThreeModels_AndTheLogSaysSo()
    {
        var log = new LogRecorder(_ml);
        IDataView data = Train.SeriesKeys(_ml);
        var told = new List<int>();
        MambaClassificationOptions options = Train.Options();
        (options.EnsembleSize, options.Progress) = (null, new Counter(value => told.Add(value.EnsembleSize)));
        MambaTransformer model = Train.Fit(_ml, data, options);
        Assert.Equal(3, model.EnsembleSize);
        Assert.All(told, size => Assert.Equal(3, size));
        Assert.NotEmpty(told);
        Assert.Equal("3", model.History.Options["EnsembleSize"]);
        Assert.Contains("3 models whose probabilities are averaged, for 40 rows, the preset's number.", log.All, StringComparison.Ordinal);
        Assert.Contains("Each model: ", log.All, StringComparison.Ordinal);
        Assert.Equal(1, Train.Fit(_ml, data).EnsembleSize);
    }

    [Fact]
    public void Scores_AreTheMeanOfTheModels_AndTheFirstIsTheOneThatWouldBeTrainedAlone()
    {
        IDataView data = Train.DnaKeys(_ml);
        MambaTransformer alone = Fit(data, 1), both = Fit(data, 2);
        float[][] first = Read.Vectors(alone.Transform(data), "Score"), mean = Read.Vectors(both.Transform(data), "Score");
        both.ExportTo(_folder.PathOf("both"));
        alone.ExportTo(_folder.PathOf("alone"));
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("alone/model.safetensors")), File.ReadAllBytes(_folder.PathOf("both/member-1/model.safetensors")));
        float[][] second = ScoresOf(_folder.PathOf("both/member-2"), data);
        Assert.NotEqual(first, second);
        for (int row = 0; row < mean.Length; row++)
        {
            for (int k = 0; k < mean[row].Length; k++)
                Assert.Equal((first[row][k] + second[row][k]) / 2, mean[row][k], 1e-5);
        }

        uint[] labels = Read.Column<uint>(both.Transform(data), "PredictedLabel");
        Assert.Equal(mean.Select(scores => (uint)(Array.IndexOf(scores, scores.Max()) + 1)), labels);
    }

    [Fact]
    public void PredictionEngine_SaysWhatTheViewSays()
    {
        IDataView data = Train.DnaKeys(_ml, 12);
        MambaTransformer model = Fit(data, 3);
        float[][] scores = Read.Vectors(model.Transform(data), "Score");
        using PredictionEngine<TextRow, ScoreRow> engine = _ml.Model.CreatePredictionEngine<TextRow, ScoreRow>(model);
        TextRow[] rows = Rows.Dna(12);
        for (int i = 0; i < rows.Length; i++)
            Assert.Equal(scores[i], engine.Predict(rows[i]).Score!);
    }

    [Fact]
    public void CrashedFit_GoesOnWithAllModels_AndAnotherNumberIsRefused()
    {
        IDataView data = Train.DnaKeys(_ml);
        int steps = 0;
        MambaClassificationOptions Options(int models, bool crashes, bool saves = true)
        {
            MambaClassificationOptions options = RealOptions(models);
            options.CheckpointFolder = saves ? _folder.PathOf("run") : null;
            options.Progress = new Counter(_ =>
            {
                if (++steps == 7 && crashes)
                    throw new TimeoutException("crash");
            });
            return options;
        }

        float[][] expected = Read.Vectors(Train.Fit(_ml, data, Options(2, crashes: false, saves: false)).Transform(data), "Score");
        steps = 0;
        Assert.Throws<TimeoutException>(() => Train.Fit(_ml, data, Options(2, crashes: true)));
        string message = Assert.Throws<InvalidOperationException>(() => Train.Fit(_ml, data, Options(3, crashes: false))).Message;
        Assert.Contains("the model's ensemble_size was 2 and is 3", message, StringComparison.Ordinal);
        MambaTransformer model = Train.Fit(_ml, data, Options(2, crashes: false));
        Assert.Equal(5, model.History.ResumedAtStep);
        Assert.Equal(expected, Read.Vectors(model.Transform(data), "Score"));
    }

    [Fact]
    public void Dispose_ReleasesEveryModel()
    {
        var engine = new FakeEngine();
        MambaClassificationOptions options = Train.Options(engine);
        options.EnsembleSize = 4;
        IDataView data = Train.DnaKeys(_ml);
        MambaTransformer model = Train.Fit(_ml, data, options);
        model.Dispose();
        Assert.Equal(4, engine.Disposed);
        Assert.Throws<ObjectDisposedException>(() => model.Transform(data));
        options.EngineOverride = engine = new FakeEngine { Diverges = step => step == 1 };
        Assert.Throws<InvalidOperationException>(() => Train.Fit(_ml, data, options));
        Assert.Equal(4, engine.Disposed);
    }

    [Fact]
    public void Report_TellsOfTheModels()
    {
        IDataView data = Train.DnaKeys(_ml);
        Fit(data, 2).WriteReport(_folder.PathOf("r.html"), data);
        string page = File.ReadAllText(_folder.PathOf("r.html"));
        string parameters = MambaParameters.List(Fit(data, 1).Config).Sum(parameter => 2L * parameter.Length).ToString("N0", CultureInfo.InvariantCulture);
        Assert.Contains("2 models, 1 layer, width 16", page, StringComparison.Ordinal);
        Assert.Contains($"{parameters} parameters in 2 models of this shape, whose probabilities are averaged", page, StringComparison.Ordinal);
        Fit(data, 1).WriteReport(_folder.PathOf("r.html"), data);
        Assert.DoesNotContain("models", File.ReadAllText(_folder.PathOf("r.html")), StringComparison.Ordinal);
    }

    private static MambaClassificationOptions RealOptions(int models)
    {
        MambaClassificationOptions options = Train.Options();
        (options.EngineOverride, options.EnsembleSize, options.MaxEpochs) = (null, models, 2);
        return options;
    }

    private MambaTransformer Fit(IDataView data, int models) => Train.Fit(_ml, data, RealOptions(models));

    private float[][] ScoresOf(string export, IDataView data)
    {
        MambaConfig config = MambaConfig.Load(Path.Combine(export, "config.json"));
        SequenceTokenizer tokenizer = SequenceTokenizer.FromJson(File.ReadAllText(Path.Combine(export, "tokenizer.json")));
        using IMambaModel model = new CpuMambaEngine()
            .CreateModel(config, MambaWeightsFile.Load(Path.Combine(export, "model.safetensors"), config));
        return [.. Read.Text(data, "Sequence").Select(text =>
        {
            float[] logits = new float[config.NumClasses];
            model.Forward(SequenceBatch.FromTokens(tokenizer.EncodeToIds(text)), logits);
            double sum = logits.Sum(logit => Math.Exp(logit));
            return Array.ConvertAll(logits, logit => (float)(Math.Exp(logit) / sum));
        })];
    }

    private sealed class ScoreRow
    {
        public float[]? Score { get; set; }
    }

    private sealed class Counter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
