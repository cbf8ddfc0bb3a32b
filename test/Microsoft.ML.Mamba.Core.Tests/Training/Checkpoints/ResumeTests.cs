using static Microsoft.ML.Mamba.Training.CheckpointRuns;

namespace Microsoft.ML.Mamba.Training;

/// <summary>A training that was interrupted and resumed gives what an uninterrupted one gives. Engines' own state is tested with the engines.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly CheckpointRuns _runs = new();

    public static TheoryData<string> Kinds => ["plain", "validated", "averaged", "averaged and validated", "held out by accuracy", "last weights"];

    private MambaTrainingOptions OptionsOf(string kind)
    {
        MambaTrainingOptions options = _runs.Options();
        return kind switch
        {
            "averaged" => options with { WeightAveraging = 0.8f },
            "averaged and validated" => options with { WeightAveraging = 0.8f },
            "held out by accuracy" => options with { ValidationFraction = 0.2, ValidationMetric = ValidationMetric.Accuracy },
            "last weights" => options with { KeepBestWeights = false },
            _ => options,
        };
    }

    private static SequenceDataset? ValidationOf(string kind) => kind is "validated" or "averaged and validated" or "last weights" ? Validation : null;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void CancelledAtAnyStep_ThenResumed_GivesTheSame(string kind)
    {
        MambaTrainingOptions options = OptionsOf(kind);
        var whole = new FakeModel();
        TrainingHistory expected = MambaTrainer.Train(whole, Train, ValidationOf(kind), options with { Checkpoints = null });
        for (int cancelled = 2; cancelled <= expected.TotalSteps; cancelled++)
        {
            using var runs = new CheckpointRuns();
            MambaTrainingOptions saving = options with { Checkpoints = new CheckpointOptions { Folder = runs.Folder } };
            var first = new FakeModel { BeforeStep = step => step == cancelled ? throw new OperationCanceledException() : null };
            Assert.Throws<OperationCanceledException>(() => MambaTrainer.Train(first, Train, ValidationOf(kind), saving));
            var second = new FakeModel();
            TrainingHistory history = MambaTrainer.Train(second, Train, ValidationOf(kind), saving);
            Assert.Equal(cancelled - 1, history.ResumedAtStep);
            Assert.Equal(whole.Steps.Skip(cancelled - 1).Select(step => step.LearningRate), second.Steps.Select(step => step.LearningRate));
            Assert.Equal(WeightsOf(whole), WeightsOf(second));
            Assert.Equal(Course(expected), Course(history));
        }
    }

    [Theory]
    [InlineData(3, 0, false, 11, 9)]
    [InlineData(0, 1, false, 11, 10)]
    [InlineData(0, 2, false, 19, 10)]
    [InlineData(4, 2, false, 19, 16)]
    [InlineData(0, 0, true, 19, 15)]
    public void Crash_LosesWhatCameAfterTheLastCheckpoint(int everySteps, int everyEpochs, bool atBest, int crash, int resumedAt)
    {
        var checkpoints = new CheckpointOptions { Folder = _runs.Folder, EverySteps = everySteps, EveryEpochs = everyEpochs, AtBest = atBest };
        MambaTrainingOptions options = _runs.Options(checkpoints) with { WeightAveraging = 0.7f };
        var whole = new FakeModel();
        TrainingHistory expected = MambaTrainer.Train(whole, Train, Validation, options with { Checkpoints = null });
        Crash(crash, options, Validation);
        var second = new FakeModel();
        TrainingHistory history = MambaTrainer.Train(second, Train, Validation, options);
        Assert.Equal((resumedAt, 40 - resumedAt), (history.ResumedAtStep, second.Steps.Count));
        Assert.Equal(WeightsOf(whole), WeightsOf(second));
        Assert.Equal(Course(expected), Course(history));
    }

    [Fact]
    public void SeveralCrashes_AddUp()
    {
        MambaTrainingOptions options = _runs.Options(new CheckpointOptions { Folder = _runs.Folder, EverySteps = 1, EveryEpochs = 0, Keep = 1 });
        var whole = new FakeModel();
        TrainingHistory expected = MambaTrainer.Train(whole, Train, null, options with { Checkpoints = null });
        for (int i = 0; i < 8; i++)
            Crash(5, options, null);
        var last = new FakeModel();
        TrainingHistory history = MambaTrainer.Train(last, Train, null, options);
        Assert.Equal((32, 8), (history.ResumedAtStep, last.Steps.Count));
        Assert.Equal(WeightsOf(whole), WeightsOf(last));
        Assert.Equal(Course(expected), Course(history));
    }

    [Fact]
    public void EarlyStopping_GoesOnCounting()
    {
        // Every validation from the 4th on is worse than the one before, counted over both models.
        FakeModel Worse(int passes) => new()
        {
            AfterForward = (pass, logits) =>
            {
                for (int i = 0; pass + passes >= 4 && i < logits.Length; i++)
                    logits[i] *= -(pass + passes);
            },
            BeforeStep = step => passes == 0 && step == 22 ? throw new OperationCanceledException() : null,
        };
        MambaTrainingOptions options = _runs.Options() with { EarlyStoppingPatience = 2 };
        FakeModel first = Worse(0);
        Assert.Throws<OperationCanceledException>(() => MambaTrainer.Train(first, Train, Validation, options));
        FakeModel second = Worse(4);
        TrainingHistory history = MambaTrainer.Train(second, Train, Validation, options);
        Assert.Equal((TrainingStopReason.EarlyStopped, 3, 5), (history.StopReason, history.BestEpoch, history.Epochs.Count));
        var third = new FakeModel { BeforeStep = step => step == 16 ? throw new OperationCanceledException() : null };
        Assert.Throws<OperationCanceledException>(() => MambaTrainer.Train(third, Train, null, options with { Checkpoints = null, EarlyStoppingPatience = 0 }));
        Assert.Equal(WeightsOf(third), WeightsOf(second));
    }

    [Fact]
    public void CancelledDuringValidation_ValidatesWhenResumed()
    {
        using var source = new CancellationTokenSource();
        MambaTrainingOptions options = _runs.Options() with { WeightAveraging = 0.5f, ValidationBatchSize = 5 };
        var first = new FakeModel { AfterForward = (pass, _) => { if (pass == 2) source.Cancel(); } };
        Assert.ThrowsAny<OperationCanceledException>(() => MambaTrainer.Train(first, Train, Validation, options, null, source.Token));
        Assert.Equal([5], _runs.Steps);
        var second = new FakeModel();
        var progress = new ProgressList();
        TrainingHistory history = MambaTrainer.Train(second, Train, Validation, options, progress);
        Assert.Equal((1, 5, true, 1 / 8.0),
            (progress.Reports[0].Epoch, progress.Reports[0].Step, progress.Reports[0].ValidationLoss is not null,
                progress.Reports[0].Fraction));
        var whole = new FakeModel();
        Assert.Equal(Course(MambaTrainer.Train(whole, Train, Validation, options with { Checkpoints = null })), Course(history));
        Assert.Equal(WeightsOf(whole), WeightsOf(second));
    }

    [Fact]
    public void EndedTraining_ReturnsItsResultAtOnce()
    {
        MambaTrainingOptions options = _runs.Options() with { WeightAveraging = 0.9f };
        var first = new FakeModel();
        TrainingHistory history = MambaTrainer.Train(first, Train, Validation, options);
        Assert.Null(history.ResumedAtStep);
        var second = new FakeModel();
        TrainingHistory again = MambaTrainer.Train(second, Train, Validation, options);
        Assert.Empty(second.Steps);
        Assert.Equal(WeightsOf(first), WeightsOf(second));
        Assert.Equal((history with { ResumedAtStep = 40 }).ToJson(), again.ToJson());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Divergence_AfterResuming_RestoresTheSame(bool validated)
    {
        SequenceDataset? validation = validated ? Validation : null;
        MambaTrainingOptions options = _runs.Options(new CheckpointOptions { Folder = _runs.Folder, EverySteps = 1 });
        var whole = new FakeModel { BeforeStep = step => step == 11 ? new MambaStepResult(float.NaN, 1) : null };
        TrainingHistory expected = MambaTrainer.Train(whole, Train, validation, options with { Checkpoints = null });
        Crash(11, options, validation);
        var second = new FakeModel { BeforeStep = step => step == 1 ? new MambaStepResult(float.NaN, 1) : null };
        TrainingHistory history = MambaTrainer.Train(second, Train, validation, options);
        Assert.Equal(TrainingStopReason.Diverged, history.StopReason);
        Assert.Equal(expected.Warning, history.Warning);
        Assert.Equal(WeightsOf(whole), WeightsOf(second));
        var third = new FakeModel();
        Assert.Equal(history.Warning, MambaTrainer.Train(third, Train, validation, options).Warning);
        Assert.Empty(third.Steps);
        Assert.Equal(WeightsOf(whole), WeightsOf(third));
    }

    [Fact]
    public void Divergence_InTheFirstEpoch_RestoresAnEarlierStepAfterResuming()
    {
        MambaTrainingOptions options = _runs.Options(new CheckpointOptions { Folder = _runs.Folder, EverySteps = 1 });
        Crash(4, options, Validation);
        var second = new FakeModel { BeforeStep = _ => new MambaStepResult(float.NaN, 1) };
        Assert.Contains("The weights of step 2 are restored", MambaTrainer.Train(second, Train, Validation, options).Warning);
    }

    [Fact]
    public void SameModel_CanBeResumedAfterCancelling()
    {
        MambaTrainingOptions options = _runs.Options();
        bool cancelled = false;
        var model = new FakeModel { BeforeStep = step => step == 18 && !cancelled ? throw new OperationCanceledException() : null };
        Assert.Throws<OperationCanceledException>(() => MambaTrainer.Train(model, Train, Validation, options));
        cancelled = true;
        MambaTrainer.Train(model, Train, Validation, options);
        var whole = new FakeModel();
        MambaTrainer.Train(whole, Train, Validation, options with { Checkpoints = null });
        Assert.Equal(WeightsOf(whole), WeightsOf(model));
    }

    [Theory]
    [InlineData("held out by accuracy")]
    [InlineData("averaged")]
    [InlineData("plain")]
    public void WeightsThatACancelledOrEndedTrainingLeft_AreTaken(string kind)
    {
        MambaTrainingOptions options = OptionsOf(kind);
        var first = new FakeModel { BeforeStep = step => step == 18 ? throw new OperationCanceledException() : null };
        Assert.Throws<OperationCanceledException>(() => MambaTrainer.Train(first, Train, null, options));
        var second = new FakeModel { Weights = first.Weights.Clone() };
        Assert.Equal(17, MambaTrainer.Train(second, Train, null, options).ResumedAtStep);
        foreach (MambaWeights weights in new[] { second.Weights.Clone(), new FakeModel().Weights })
            Assert.Equal(WeightsOf(second), WeightsOf(Ended(weights)));

        FakeModel Ended(MambaWeights weights)
        {
            var model = new FakeModel { Weights = weights };
            MambaTrainer.Train(model, Train, null, options);
            Assert.Empty(model.Steps);
            return model;
        }
    }

    [Fact]
    public void OtherInitialWeights_AreRefused()
    {
        MambaTrainingOptions options = _runs.Options();
        var first = new FakeModel { Weights = Given(0.5f), BeforeStep = step => step == 18 ? throw new OperationCanceledException() : null };
        Assert.Throws<OperationCanceledException>(() => MambaTrainer.Train(first, Train, Validation, options));
        foreach (MambaWeights others in new[] { new FakeModel().Weights, Given(float.BitIncrement(0.5f)) })
        {
            var other = new FakeModel { Weights = others.Clone() };
            string message = Assert.Throws<InvalidOperationException>(() => MambaTrainer.Train(other, Train, Validation, options)).Message;
            Assert.Contains("are of another training: the initial weights changed. Use", message);
            Assert.Empty(other.Steps);
            Assert.Equal(others["w"].Values, WeightsOf(other));
            // Another seed draws other weights: its change says it all.
            Assert.Contains("training: Seed was 1 and is 2. Use", Assert.Throws<InvalidOperationException>(
                () => MambaTrainer.Train(other, Train, Validation, options with { Seed = 2 })).Message);
        }

        var second = new FakeModel { Weights = Given(0.5f) };
        Assert.Equal(17, MambaTrainer.Train(second, Train, Validation, options).ResumedAtStep);
        var whole = new FakeModel { Weights = Given(0.5f) };
        MambaTrainer.Train(whole, Train, Validation, options with { Checkpoints = null });
        Assert.Equal(WeightsOf(whole), WeightsOf(second));

        static MambaWeights Given(float value) => [new MambaTensor("w", [2, 4], [value, 0, 0, 0, 0, 0, 0, value])];
    }

    [Fact]
    public void Times_AddUp()
    {
        MambaTrainingOptions options = _runs.Options();
        var first = new FakeModel { BeforeStep = step => { Thread.Sleep(step == 3 ? 60 : 0); return step == 4 ? throw new OperationCanceledException() : null; } };
        DateTimeOffset started = DateTimeOffset.Now;
        Assert.Throws<OperationCanceledException>(() => MambaTrainer.Train(first, Train, Validation, options));
        DateTimeOffset ended = DateTimeOffset.Now;
        TrainingHistory history = MambaTrainer.Train(new FakeModel(), Train, Validation, options);
        Assert.InRange(history.StartedAt!.Value, started, ended);
        Assert.True(history.TotalTime >= TimeSpan.FromMilliseconds(60) && history.Epochs[0].Duration >= TimeSpan.FromMilliseconds(60));
    }

    public void Dispose() => _runs.Dispose();
}
