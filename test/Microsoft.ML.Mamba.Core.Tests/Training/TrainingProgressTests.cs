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
        Assert.Equal(history.Epochs.Select(epoch => (epoch.Epoch, epoch.ValidationLoss, epoch.ValidationAccuracy)),
            validated.Select(report => (report.Epoch, report.ValidationLoss, report.ValidationAccuracy)));
        Assert.All(validated, report => Assert.Equal(report.StepsInEpoch, report.StepInEpoch));
    }
}
