namespace Microsoft.ML.Mamba.Training;

public class TrainingProgressTests
{
    private static readonly MambaTrainingOptions s_options = new() { MaxEpochs = 3, BatchSize = 10, LearningRate = 0.5f };

    private static (List<TrainingProgress> Reports, TrainingHistory History, FakeModel Model) Run(SequenceDataset? validation)
    {
        var model = new FakeModel();
        var progress = new ProgressList();
        TrainingHistory history = MambaTrainer.Train(model, TrainingData.Tokens(45), validation, s_options with { MaxBatchTokens = 60 }, progress);
        return (progress.Reports, history, model);
    }

    [Fact]
    public void Reports_ComeAfterEveryStepAndNeverGoBack()
    {
        (List<TrainingProgress> reports, TrainingHistory history, FakeModel model) = Run(null);
        Assert.Equal(model.Steps.Count, reports.Count);
        Assert.Equal(Enumerable.Range(1, reports.Count), reports.Select(report => report.Step));
        Assert.Equal(model.Steps.Select(step => step.LearningRate), reports.Select(report => report.LearningRate));
        Assert.All(reports, report =>
        {
            Assert.Equal(3, report.Epochs);
            Assert.Equal((report.Epoch - 1 + (double)report.StepInEpoch / report.StepsInEpoch) / 3, report.Fraction, 1e-12);
            Assert.True(report.TokensPerSecond > 0 && double.IsFinite(report.TokensPerSecond) && report.TimeLeft >= TimeSpan.Zero && report.GradientNorm > 0);
            Assert.Null(report.ValidationLoss);
        });
        Assert.Equal((1.0, TimeSpan.Zero), (reports[^1].Fraction, reports[^1].TimeLeft));
        Assert.All(reports.Zip(reports.Skip(1)), pair =>
            Assert.True(pair.Second.Fraction > pair.First.Fraction && pair.Second.Elapsed >= pair.First.Elapsed && pair.Second.Epoch >= pair.First.Epoch));
        Assert.Equal(history.Epochs.Select(epoch => epoch.Steps), reports.GroupBy(report => report.Epoch).Select(group => group.Count()));
    }

    [Fact]
    public void Loss_IsTheMeanOverTheRowsOfTheEpochSoFar()
    {
        var losses = new Queue<float>([4, 1, 2, 8, 5, 6]);
        var model = new FakeModel { BeforeStep = _ => new MambaStepResult(losses.Dequeue(), 1) };
        var progress = new ProgressList();
        TrainingHistory history = MambaTrainer.Train(model, TrainingData.Tokens(25), null, s_options with { MaxEpochs = 2, LengthBucketBatches = 1 }, progress);
        int[] rows = [.. model.Steps.Select(step => step.Lengths.Length)];
        double[] expected = [4, Mean(0, 2), Mean(0, 3), 8, Mean(3, 2), Mean(3, 3)];
        Assert.Equal(expected, progress.Reports.Select(report => report.Loss));
        Assert.Equal([expected[2], expected[5]], history.Epochs.Select(epoch => epoch.TrainingLoss));

        double Mean(int first, int count)
        {
            float[] values = [4, 1, 2, 8, 5, 6];
            return Enumerable.Range(first, count).Sum(i => values[i] * rows[i]) / Enumerable.Range(first, count).Sum(i => (double)rows[i]);
        }
    }

    [Fact]
    public void ValidationMetrics_AreReportedOnceAnEpoch()
    {
        (List<TrainingProgress> reports, TrainingHistory history, FakeModel model) = Run(TrainingData.Tokens(15, seed: 3));
        TrainingProgress[] validated = [.. reports.Where(report => report.ValidationLoss is not null)];
        Assert.Equal(model.Steps.Count + 3, reports.Count);
        Assert.Equal(history.Epochs.Select(epoch => (epoch.Epoch, epoch.ValidationLoss, epoch.ValidationAccuracy)), validated.Select(report => (report.Epoch, report.ValidationLoss, report.ValidationAccuracy)));
        Assert.All(validated, report => Assert.Equal(report.StepsInEpoch, report.StepInEpoch));
    }
}

public class TrainingHistoryTests
{
    private static readonly TrainingHistory s_history = new()
    {
        Epochs =
        [
            new() { Epoch = 1, Steps = 5, Tokens = 1L << 40, TrainingLoss = 0.1, LearningRate = 0.3f, ValidationLoss = 0.25, ValidationAccuracy = 1 / 3.0, Duration = TimeSpan.FromTicks(123456789) },
            new() { Epoch = 2, Steps = 6, Tokens = 7, TrainingLoss = double.NaN, LearningRate = 1e-9f, Duration = TimeSpan.FromDays(2) },
        ],
        BestEpoch = 1,
        StopReason = TrainingStopReason.EarlyStopped,
        Warning = "\"warned\" ünïcode",
        TrainingRows = 10,
        ValidationRows = 3,
        TotalSteps = 11,
        TotalTokens = 1L << 41,
        TotalTime = TimeSpan.FromSeconds(1.5),
    };

    [Fact]
    public void Json_RoundTrips()
    {
        TrainingHistory restored = TrainingHistory.FromJson(s_history.ToJson());
        Assert.Equal(s_history.Epochs, restored.Epochs);
        Assert.Equal(s_history with { Epochs = [] }, restored with { Epochs = [] });
        Assert.Contains("\"stop_reason\":\"EarlyStopped\"", s_history.ToJson());
        TrainingHistory empty = s_history with { Epochs = [], BestEpoch = null, Warning = null };
        Assert.Equal(empty with { Epochs = [] }, TrainingHistory.FromJson(empty.ToJson()) with { Epochs = empty.Epochs });
    }

    [Fact]
    public void Json_OfATraining_RoundTrips()
    {
        TrainingHistory history = MambaTrainer.Train(new FakeModel(), TrainingData.Tokens(30), null, new() { MaxEpochs = 2, ValidationFraction = 0.2 });
        Assert.Equal(history.Epochs, TrainingHistory.FromJson(history.ToJson()).Epochs);
    }

    [Fact]
    public void BadJson_IsRefused()
    {
        string json = s_history.ToJson();
        Assert.Contains("version 2", Error(json.Replace("\"version\":1", "\"version\":2")));
        Assert.Contains("epochs", Error("{}"));
        Assert.Contains("null", Error("null"));
        Error("");
        Error("[]");
        Error(json.Replace("\"epochs\":[", "\"epochs\":[null,"));
        Error(json.Replace("\"epochs\":[", "\"epochs\":7,\"x\":["));
        Error(json.Replace("EarlyStopped", "Bored"));
        Assert.Contains("got 7", Error(json.Replace("\"EarlyStopped\"", "7")));
        Error(json.Replace("\"training_rows\":10", "\"training_rows\":1e40"));
        Error(json[..^1]);
        Error("{\"epochs\":" + new string('[', 10_000));

        static string Error(string json) => Assert.Throws<InvalidDataException>(() => TrainingHistory.FromJson(json)).Message;
    }
}
