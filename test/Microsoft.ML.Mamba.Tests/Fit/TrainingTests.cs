using System.Reflection;
using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Fit;

public class TrainingTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Seed_ComesFromOptionsOrContext()
    {
        static float[] Initial(int? contextSeed, int? seed)
        {
            var ml = new MLContext(contextSeed);
            var engine = new FakeEngine();
            MambaClassificationOptions options = Train.Options(engine);
            options.Seed = seed;
            Train.Fit(ml, Train.DnaKeys(ml), options);
            return engine.InitialWeights!["classifier.weight"].Values;
        }

        Assert.Equal(Initial(7, null), Initial(7, null));
        Assert.Equal(Initial(7, null), Initial(8, 7));
        Assert.NotEqual(Initial(7, null), Initial(8, null));
        Assert.NotEqual(Initial(null, null), Initial(null, null));
    }

    [Fact]
    public void TwoFits_OfOneEstimator_AreAlikeAndIndependent()
    {
        IDataView data = Train.DnaKeys(_ml);
        MambaClassificationEstimator estimator = _ml.Transforms.MambaClassify(Train.Options());
        MambaTransformer first = estimator.Fit(data), second = estimator.Fit(data);
        first.Dispose();
        Assert.Equal(1, Read.Accuracy(_ml, second.Transform(data)));
        Assert.Equal(Read.Vectors(estimator.Fit(data).Transform(data), "Score"), Read.Vectors(second.Transform(data), "Score"));
    }

    [Fact]
    public void LogAndProgress_TellTheCourse()
    {
        var log = new LogRecorder(_ml);
        MambaClassificationOptions options = Train.Options();
        options.MaxEpochs = 3;
        options.ValidationFraction = 0.25;
        var steps = new List<TrainingProgress>();
        options.Progress = new Recorder(steps);
        MambaTransformer model = Train.Fit(_ml, Train.DnaKeys(_ml, 40), options);
        Assert.Contains("40 training rows", log.All, StringComparison.Ordinal);
        Assert.Contains("2 classes", log.All, StringComparison.Ordinal);
        Assert.Contains("parameters", log.All, StringComparison.Ordinal);
        Assert.Contains("engine fake, seed 3", log.All, StringComparison.Ordinal);
        for (int epoch = 1; epoch <= 3; epoch++)
            Assert.Contains($"Epoch {epoch} of 3: loss", log.All, StringComparison.Ordinal);
        Assert.Matches(@"Epoch 1 of 3: loss \d\.\d{4}, validation loss \d\.\d{4}, validation accuracy \d\.\d{4}, \d+ tokens/s, 0:00:\d\d left", log.All);
        Assert.Contains("validation accuracy", log.All, StringComparison.Ordinal);
        Assert.Contains("Training ended (Completed) after 3 epochs and 12 steps", log.All, StringComparison.Ordinal);
        Assert.Equal(15, steps.Count);
        Assert.Equal(3, steps.Count(step => step.ValidationLoss is not null));
        Assert.All(steps, step => Assert.Equal(("fake", 1), (step.Engine, step.EnsembleSize)));
        Assert.Equal(10, model.History.ValidationRows);
        Assert.Equal(TrainingStopReason.Completed, model.History.StopReason);
    }

    [Fact]
    public void History_TellsOptionsLengthsAndConfusion()
    {
        MambaClassificationOptions options = Train.Options();
        options.ValidationFraction = 0.25;
        options.MaxLength = 50;
        options.Truncation = MambaTruncation.Tail;
        TrainingHistory history = Train.Fit(_ml, Train.DnaKeys(_ml), options).History;
        Assert.Equal(
            ("Dna", "fake", "50", "Tail", "Error", "nucleotide, 5 ids"),
            (history.Options["Modality"], history.Options["Engine"], history.Options["MaxLength"], history.Options["Truncation"],
                history.Options["EmptySequences"], history.Options["Tokenizer"]));
        Assert.Equal(("8", "3"), (history.Options["MaxEpochs"], history.Options["Seed"]));
        Assert.InRange(history.TrainingLengths!.Longest, 40, 50);
        Assert.Equal((10L, 5L, 5L), (history.Confusion!.Total, history.Confusion.RowsOf(0), history.Confusion.RowsOf(1)));
        options.MaxLength = null;
        Assert.Equal("none", Train.Fit(_ml, Train.DnaKeys(_ml), options).History.Options["MaxLength"]);
        TrainingHistory frames = Train.Fit(_ml, Train.SeriesKeys(_ml)).History;
        Assert.Equal("Frames", frames.Options["Modality"]);
        Assert.DoesNotContain("Tokenizer", frames.Options.Keys);
    }

    [Fact]
    public void ValidationSet_IsUsed_AndMustHaveTheSameLabels()
    {
        IDataView raw = _ml.Data.LoadFromEnumerable(Rows.Dna(40)), other = _ml.Data.LoadFromEnumerable(Rows.Dna(11, seed: 2).Reverse());
        ITransformer keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(raw);
        MambaClassificationOptions options = Train.Options();
        options.ValidationSet = keys.Transform(other);
        MambaTransformer model = Train.Fit(_ml, keys.Transform(raw), options);
        Assert.Equal(11, model.History.ValidationRows);
        Assert.Equal(40, model.History.TrainingRows);
        Assert.NotNull(model.History.BestEpoch);
        options.ValidationSet = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Rows.Dna(11).Skip(1)));
        string message = Assert.Throws<ArgumentException>(() => Train.Fit(_ml, keys.Transform(raw), options)).Message;
        Assert.Contains("'Label'", message, StringComparison.Ordinal);
        Assert.Contains("MapValueToKey", message, StringComparison.Ordinal);
    }

    [Fact]
    public void NaNLoss_StopsKeepsGoodWeightsAndWarns()
    {
        var log = new LogRecorder(_ml);
        var engine = new FakeEngine { Diverges = step => step == 23 };
        IDataView data = Train.DnaKeys(_ml);
        MambaTransformer model = Train.Fit(_ml, data, Train.Options(engine));
        Assert.Equal(TrainingStopReason.Diverged, model.History.StopReason);
        Assert.Equal(4, model.History.Epochs.Count);
        Assert.Contains("Warning: ", log.All, StringComparison.Ordinal);
        Assert.Contains("Lower LearningRate", log.All, StringComparison.Ordinal);
        Assert.All(Read.Vectors(model.Transform(data), "Score"), scores => Assert.All(scores, score => Assert.True(float.IsFinite(score))));
        engine.Diverges = _ => true;
        Assert.Contains(
            "Lower LearningRate",
            Assert.Throws<InvalidOperationException>(() => Train.Fit(_ml, data, Train.Options(engine))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void CancellationToken_EndsTraining()
    {
        using var source = new CancellationTokenSource();
        int last = 0;
        var engine = new FakeEngine
        {
            OnStep = step =>
            {
                last = step;
                if (step == 5)
                    source.Cancel();
            },
        };
        MambaClassificationOptions options = Train.Options(engine);
        options.CancellationToken = source.Token;
        Assert.ThrowsAny<OperationCanceledException>(() => Train.Fit(_ml, Train.DnaKeys(_ml), options));
        Assert.Equal(5, last);
        last = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Train.Fit(_ml, Train.DnaKeys(_ml), options));
        Assert.Equal(0, last);
    }

    [Fact]
    public void CancelExecution_EndsTraining()
    {
        MethodInfo cancel = typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)!;
        var ml = new MLContext(1);
        int last = 0;
        var engine = new FakeEngine
        {
            OnStep = step =>
            {
                last = step;
                if (step == 5)
                    cancel.Invoke(ml, null);
            },
        };
        IDataView data = Train.DnaKeys(ml);
        Assert.ThrowsAny<OperationCanceledException>(() => Train.Fit(ml, data, Train.Options(engine)));
        Assert.Equal(5, last);
    }

    [Fact]
    public void ClassWeights_ChangeTheResult_AndThreadsDoNot()
    {
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Rows.Dna(40).Where((_, i) => i % 2 == 0 || i < 8)));
        float[][] Scores(Action<MambaClassificationOptions> change)
        {
            MambaClassificationOptions options = Train.Options();
            options.EngineOverride = null;
            options.MaxEpochs = 1;
            change(options);
            MambaTransformer model = Train.Fit(_ml, data, options);
            Assert.Equal("cpu", model.Engine);
            return Read.Vectors(model.Transform(data), "Score");
        }

        float[][] plain = Scores(_ => { });
        Assert.NotEqual(plain, Scores(options => options.BalanceClasses = true));
        Assert.NotEqual(plain, Scores(options => options.ClassWeights = [1, 5]));
        Assert.Equal(plain, Scores(options => options.NumThreads = 1));
        Assert.Equal(plain, Scores(options => options.NumThreads = 3));
    }

    private sealed class Recorder(List<TrainingProgress> into) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => into.Add(value);
    }
}
