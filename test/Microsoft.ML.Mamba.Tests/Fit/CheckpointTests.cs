using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Fit;

public sealed class CheckpointTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly MLContext _ml = new(1);

    private MambaClassificationOptions Options(FakeEngine? engine = null)
    {
        MambaClassificationOptions options = Train.Options(engine);
        options.CheckpointFolder = _folder.PathOf("run");
        return options;
    }

    private static FakeEngine CrashingAt(int step) => new() { OnStep = each => { if (each == step) throw new TimeoutException("crash"); } };

    private int[] Steps() =>
        [.. Directory.GetFiles(_folder.PathOf("run"), "*.safetensors")
            .Select(file => int.Parse(Path.GetFileNameWithoutExtension(file)["step-".Length..])).Order()];

    private static float[][] Scores(MambaTransformer model, IDataView data) => Read.Vectors(model.Transform(data), "Score");

    [Fact]
    public void CrashedFit_GoesOnWhenItIsRepeated()
    {
        IDataView data = Train.DnaKeys(_ml);
        float[][] expected = Scores(Train.Fit(_ml, data), data);
        Assert.Throws<TimeoutException>(() => Train.Fit(_ml, data, Options(CrashingAt(17))));
        Assert.Equal([10, 15], Steps());
        var log = new LogRecorder(_ml);
        int steps = 0;
        var engine = new FakeEngine { OnStep = _ => steps++ };
        MambaTransformer model = Train.Fit(_ml, data, Options(engine));
        Assert.Equal((25, 15), (steps, model.History.ResumedAtStep));
        Assert.Equal(expected, Scores(model, data));
        Assert.Contains($"Resumed after 15 steps, in epoch 4, from the checkpoints in '{_folder.PathOf("run")}'", log.All, StringComparison.Ordinal);
        MambaTransformer again = Train.Fit(_ml, data, Options(engine));
        Assert.Equal((25, 40), (steps, again.History.ResumedAtStep));
        Assert.Equal(expected, Scores(again, data));
        Assert.Contains("had ended; its weights are taken", log.All, StringComparison.Ordinal);
    }

    [Fact]
    public void CancelledFit_LosesNoStep()
    {
        using var source = new CancellationTokenSource();
        IDataView data = Train.DnaKeys(_ml);
        MambaClassificationOptions options = Options(new FakeEngine { OnStep = step => { if (step == 17) source.Cancel(); } });
        options.CancellationToken = source.Token;
        Assert.ThrowsAny<OperationCanceledException>(() => Train.Fit(_ml, data, options));
        Assert.Equal(17, Train.Fit(_ml, data, Options()).History.ResumedAtStep);
    }

    [Fact]
    public void VariedFrames_OnTheRealEngine_GoOnAlike()
    {
        IDataView data = Train.SeriesKeys(_ml, 40, channels: 2);
        MambaClassificationOptions Frames(bool saves, int cancelAt)
        {
            var source = new CancellationTokenSource();
            MambaClassificationOptions options = MambaClassificationOptions.ForFrames();
            (options.InputChannels, options.DModel, options.NumLayers, options.MaxEpochs, options.BatchSize, options.Seed) = (2, 8, 1, 4, 8, 5);
            options.Augmentation = new SequenceAugmentation { Noise = 0.2f, TimeShift = 0.2f, Scale = 0.1f, TimeMasks = 1 };
            (options.WeightAveraging, options.Dropout, options.ValidationFraction) = (0.9f, 0.2f, 0.25);
            options.CheckpointFolder = saves ? _folder.PathOf("frames") : null;
            options.CancellationToken = source.Token;
            options.Progress = new Canceller(cancelAt, source);
            return options;
        }

        float[][] expected = Scores(Train.Fit(_ml, data, Frames(false, -1)), data);
        Assert.ThrowsAny<OperationCanceledException>(() => Train.Fit(_ml, data, Frames(true, 6)));
        MambaTransformer model = Train.Fit(_ml, data, Frames(true, -1));
        Assert.Equal(6, model.History.ResumedAtStep);
        Assert.Equal(expected, Scores(model, data));
    }

    [Fact]
    public void EveryOption_IsPassedOn()
    {
        IDataView data = Train.DnaKeys(_ml);
        int[] StepsWith(Action<MambaClassificationOptions> change, int crash = 33)
        {
            MambaClassificationOptions options = Options(CrashingAt(crash));
            options.CheckpointsToKeep = 100;
            options.Resume = CheckpointResume.Never;
            change(options);
            Assert.Throws<TimeoutException>(() => Train.Fit(_ml, data, options));
            return Steps();
        }

        Assert.Equal([5, 10, 15, 20, 25, 30], StepsWith(_ => { }));
        Assert.Equal([25, 30], StepsWith(options => options.CheckpointsToKeep = 2));
        Assert.Equal([10, 20, 30], StepsWith(options => options.CheckpointEveryEpochs = 2));
        Assert.Equal([14, 15, 28, 30], StepsWith(options => (options.CheckpointEverySteps, options.CheckpointEveryEpochs) = (14, 3)));
        Assert.Equal([16, 32], StepsWith(options => (options.CheckpointEverySteps, options.CheckpointEveryEpochs, options.CheckpointAtBest) = (16, 0, false)));
        int[] best = StepsWith(options => (options.CheckpointEveryEpochs, options.ValidationFraction) = (0, 0.2), crash: 31);
        Assert.Equal(4, best[0]);
        Assert.All(best, step => Assert.Equal(0, step % 4));
        MambaClassificationOptions required = Options();
        (required.CheckpointFolder, required.Resume) = (_folder.PathOf("empty"), CheckpointResume.Required);
        Assert.Contains("no checkpoint in", Assert.Throws<InvalidOperationException>(() => Train.Fit(_ml, data, required)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RandomSeed_IsTakenFromTheCheckpoint()
    {
        var ml = new MLContext();
        IDataView data = Train.DnaKeys(ml);
        MambaClassificationOptions options = Options(CrashingAt(17));
        options.Seed = null;
        Assert.Throws<TimeoutException>(() => Train.Fit(ml, data, options));
        MambaClassificationOptions again = Options();
        again.Seed = null;
        MambaTransformer model = Train.Fit(ml, data, again);
        Assert.Equal(15, model.History.ResumedAtStep);
        MambaClassificationOptions whole = Train.Options();
        whole.Seed = int.Parse(model.History.Options["Seed"]);
        Assert.Equal(Scores(Train.Fit(ml, data, whole), data), Scores(model, data));
    }

    [Fact]
    public void OtherDataOrOptions_AreRefusedAndNamed()
    {
        TextRow[] rows = Rows.Reviews(40);
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        MambaClassificationOptions options = Options(CrashingAt(12));
        options.Modality = MambaModality.Text;
        Assert.Throws<TimeoutException>(() => Train.Fit(_ml, data, options));
        Assert.Contains("LearningRate was 0.002 and is 0.01", Refused(data, changed => changed.LearningRate = 0.01f), StringComparison.Ordinal);
        Assert.Contains("the model's d_model was 16 and is 8", Refused(data, changed => changed.DModel = 8), StringComparison.Ordinal);
        Assert.Contains(
            "there were 40 training rows and are 39", Refused(Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows.Skip(1))), _ => { }),
            StringComparison.Ordinal);
        Assert.Contains(
            "the tokenizer changed", Refused(data, changed => changed.Tokenizer = new TokenizerOptions { Kind = TokenizerKind.Character }),
            StringComparison.Ordinal);
        // The same rows and class numbers, but other names.
        IEnumerable<TextRow> others = rows.Select(
            row => new TextRow { Label = row.Label == "positive" ? "good" : "poor", Sequence = row.Sequence });
        IDataView renamed = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(others));
        string message = Refused(renamed, _ => { });
        Assert.Contains("another training: the values of the label column changed. Use", message, StringComparison.Ordinal);

        string Refused(IDataView view, Action<MambaClassificationOptions> change)
        {
            MambaClassificationOptions other = Options();
            other.Modality = MambaModality.Text;
            change(other);
            return Assert.Throws<InvalidOperationException>(() => Train.Fit(_ml, view, other)).Message;
        }
    }

    [Fact]
    public void DamagedCheckpoint_IsPassedOverWithAWarning()
    {
        IDataView data = Train.DnaKeys(_ml);
        Assert.Throws<TimeoutException>(() => Train.Fit(_ml, data, Options(CrashingAt(17))));
        string newest = Directory.GetFiles(_folder.PathOf("run"), "*.safetensors").Max()!;
        File.WriteAllBytes(newest, File.ReadAllBytes(newest)[..^100]);
        var log = new LogRecorder(_ml);
        Assert.Equal(10, Train.Fit(_ml, data, Options()).History.ResumedAtStep);
        Assert.Contains($"Warning: The checkpoint '{newest}' is damaged", log.All, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private sealed class Canceller(int step, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
                source.Cancel();
        }
    }
}
