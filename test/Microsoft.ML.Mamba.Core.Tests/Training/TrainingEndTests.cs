namespace Microsoft.ML.Mamba.Training;

/// <summary>Early stopping, best weights, averaging, divergence and cancellation.</summary>
public class TrainingEndTests
{
    private static readonly MambaTrainingOptions s_options = new() { MaxEpochs = 8, BatchSize = 10, LearningRate = 0.5f };
    private static readonly SequenceDataset s_train = TrainingData.Tokens(50);
    private static readonly SequenceDataset s_validation = TrainingData.Tokens(20, seed: 2);

    private static float[] WeightsOf(FakeModel model) => model.Weights["w"].Values;

    // The weights (or their average) after so many steps of an undisturbed training without validation.
    private static float[] WeightsAfter(int steps, MambaTrainingOptions options)
    {
        var model = new FakeModel { BeforeStep = step => step == steps + 1 ? throw new OperationCanceledException() : null };
        if (steps == options.MaxEpochs * 5)
            MambaTrainer.Train(model, s_train, null, options);
        else
            Assert.Throws<OperationCanceledException>(() => MambaTrainer.Train(model, s_train, null, options));
        return WeightsOf(model);
    }

    // Makes validation worse from an epoch on by turning the logits round. One forward pass an epoch.
    private static FakeModel WorseFrom(int epoch) => new()
    {
        AfterForward = (pass, logits) =>
        {
            for (int i = 0; pass >= epoch && i < logits.Length; i++)
                logits[i] *= -pass;
        },
    };

    [Theory]
    [InlineData(ValidationMetric.Loss)]
    [InlineData(ValidationMetric.Accuracy)]
    public void EarlyStopping_RestoresTheBestWeights(ValidationMetric metric)
    {
        FakeModel model = WorseFrom(4);
        TrainingHistory history = MambaTrainer.Train(model, s_train, s_validation, s_options with { EarlyStoppingPatience = 2, ValidationMetric = metric });
        Assert.Equal((TrainingStopReason.EarlyStopped, history.BestEpoch + 2), (history.StopReason, history.Epochs.Count));
        Assert.Equal(WeightsAfter(history.BestEpoch!.Value * 5, s_options), WeightsOf(model));
        TrainingEpoch best = history.Epochs[history.BestEpoch.Value - 1];
        Assert.All(history.Epochs,
            epoch => Assert.True(metric == ValidationMetric.Loss ? epoch.ValidationLoss >= best.ValidationLoss
                : epoch.ValidationAccuracy <= best.ValidationAccuracy));
    }

    [Fact]
    public void Patience_StartsAnewAfterAnImprovement()
    {
        // Margins of the right class by epoch: better in 1, 3 and 5 only.
        float[] margins = [1, 0.5f, 2, 0.5f, 3, 0.5f, 0.5f, 9];
        var model = new FakeModel
        {
            AfterForward = (pass, logits) =>
            {
                for (int i = 0; i < logits.Length; i++)
                    logits[i] = i / 2 % 2 == i % 2 ? margins[pass - 1] : 0;
            },
        };
        TrainingHistory history = MambaTrainer.Train(model, s_train, s_validation, s_options with { EarlyStoppingPatience = 2 });
        Assert.Equal((TrainingStopReason.EarlyStopped, 5, 7), (history.StopReason, history.BestEpoch, history.Epochs.Count));
    }

    [Fact]
    public void WithoutPatience_AllEpochsAreMadeAndTheBestWeightsKept()
    {
        FakeModel model = WorseFrom(4);
        TrainingHistory history = MambaTrainer.Train(model, s_train, s_validation, s_options);
        Assert.Equal((TrainingStopReason.Completed, 8, 3), (history.StopReason, history.Epochs.Count, history.BestEpoch));
        Assert.Equal(WeightsAfter(15, s_options), WeightsOf(model));
    }

    [Fact]
    public void KeepBestWeights_CanBeTurnedOff()
    {
        FakeModel model = WorseFrom(4);
        TrainingHistory history = MambaTrainer.Train(model, s_train, s_validation, s_options with { KeepBestWeights = false });
        Assert.Equal(3, history.BestEpoch);
        Assert.Equal(WeightsAfter(40, s_options), WeightsOf(model));
    }

    [Fact]
    public void ValidationMetric_DecidesWhichEpochIsBest()
    {
        // Epoch 2 classifies all rows rightly but with less confidence than epoch 1 has on most of them; the labels alternate.
        FakeModel Model() => new()
        {
            AfterForward = (pass, logits) =>
            {
                for (int i = 0; i < logits.Length / 2; i++)
                {
                    int label = i % 2;
                    bool wrong = pass == 1 ? i == 0 : pass != 2;
                    float margin = pass == 1 && !wrong ? 8 : 0.02f;
                    logits[2 * i + label] = wrong ? -margin : margin;
                    logits[2 * i + 1 - label] = 0;
                }
            },
        };
        Assert.Equal(1, MambaTrainer.Train(Model(), s_train, s_validation, s_options).BestEpoch);
        Assert.Equal(2, MambaTrainer.Train(Model(), s_train, s_validation, s_options with { ValidationMetric = ValidationMetric.Accuracy }).BestEpoch);
    }

    [Fact]
    public void WeightAveraging_IsTheMovingAverageOfEveryStep()
    {
        const float Decay = 0.6f;
        MambaTrainingOptions options = s_options with { MaxEpochs = 2 };
        var expected = new float[WeightsOf(new FakeModel()).Length];
        for (int step = 1; step <= 10; step++)
        {
            float decay = Math.Min(Decay, (1f + step) / (10f + step));
            float[] weights = WeightsAfter(step, options);
            for (int i = 0; i < expected.Length; i++)
                expected[i] += (1 - decay) * (weights[i] - expected[i]);
        }

        var model = new FakeModel();
        MambaTrainer.Train(model, s_train, null, options with { WeightAveraging = Decay });
        Assert.All(expected.Zip(WeightsOf(model)), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.NotEqual(WeightsAfter(10, options), WeightsOf(model));
    }

    [Fact]
    public void WeightAveraging_IsWhatIsValidatedWhileTrainingGoesOnWithTheRawWeights()
    {
        var averaged = new FakeModel();
        var plain = new FakeModel();
        MambaTrainingOptions options = s_options with { KeepBestWeights = false };
        TrainingHistory history = MambaTrainer.Train(averaged, s_train, s_validation, options with { WeightAveraging = 0.9f });
        TrainingHistory without = MambaTrainer.Train(plain, s_train, s_validation, options);
        Assert.Equal(without.Epochs.Select(epoch => epoch.TrainingLoss), history.Epochs.Select(epoch => epoch.TrainingLoss));
        Assert.NotEqual(without.Epochs[^1].ValidationLoss, history.Epochs[^1].ValidationLoss);
        Assert.Equal(history.Epochs[^1].ValidationLoss!.Value, MambaTrainer.Evaluate(averaged, s_validation).Loss, 1e-9);
    }

    [Theory]
    [InlineData(float.NaN, 1f)]
    [InlineData(1f, float.NaN)]
    [InlineData(float.PositiveInfinity, 1f)]
    [InlineData(1f, float.PositiveInfinity)]
    public void Divergence_RestoresTheBestValidatedWeights(float loss, float norm)
    {
        var model = new FakeModel { BeforeStep = step => step == 13 ? new MambaStepResult(loss, norm) : null };
        TrainingHistory history = MambaTrainer.Train(model, s_train, s_validation, s_options);
        Assert.Equal((TrainingStopReason.Diverged, 2, 12, 13), (history.StopReason, history.Epochs.Count, history.TotalSteps, model.Steps.Count));
        Assert.Equal(WeightsAfter(history.BestEpoch!.Value * 5, s_options), WeightsOf(model));
        Assert.Contains("step 3 of epoch 3", history.Warning);
        Assert.Contains($"The weights of epoch {history.BestEpoch} are restored", history.Warning);
        Assert.Contains("LearningRate (now 0.5)", history.Warning);
        Assert.Equal(0, model.OpenSessions);
    }

    [Fact]
    public void Divergence_WithoutValidationRestoresTheLastEpoch()
    {
        var model = new FakeModel { BeforeStep = step => step == 13 ? new MambaStepResult(float.NaN, 1) : null };
        TrainingHistory history = MambaTrainer.Train(model, s_train, null, s_options);
        Assert.Equal(WeightsAfter(10, s_options), WeightsOf(model));
        Assert.Contains("The weights of epoch 2 are restored", history.Warning);
    }

    [Fact]
    public void Divergence_DoesNotTrustTheWeightsThatFailed()
    {
        // Step 11 starts from the second epoch's last weights: they gave the NaN.
        var model = new FakeModel { BeforeStep = step => step == 11 ? new MambaStepResult(float.NaN, 1) : null };
        TrainingHistory history = MambaTrainer.Train(model, s_train, null, s_options);
        Assert.Equal(WeightsAfter(5, s_options), WeightsOf(model));
        Assert.Contains("The weights of epoch 1 are restored", history.Warning);
    }

    [Fact]
    public void Divergence_InTheFirstEpochRestoresAnEarlierStep()
    {
        var model = new FakeModel { BeforeStep = step => step == 4 ? new MambaStepResult(float.NaN, 1) : null };
        TrainingHistory history = MambaTrainer.Train(model, s_train, s_validation, s_options);
        Assert.Equal(WeightsAfter(2, s_options), WeightsOf(model));
        Assert.Equal((TrainingStopReason.Diverged, 0), (history.StopReason, history.Epochs.Count));
        Assert.Contains("The weights of step 2 are restored", history.Warning);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Divergence_InTheFirstStepsThrowsAndLeavesTheModelAsItWas(int failing)
    {
        var model = new FakeModel { BeforeStep = step => step == failing ? new MambaStepResult(float.NaN, float.NaN) : null };
        string message = Assert.Throws<InvalidOperationException>(() => MambaTrainer.Train(model, s_train, null, s_options)).Message;
        Assert.Contains("the loss is NaN", message);
        Assert.Contains("Lower LearningRate", message);
        Assert.All(WeightsOf(model), value => Assert.Equal(0, value));
        Assert.Equal(0, model.OpenSessions);
    }

    [Fact]
    public void Divergence_SeenByValidationRestoresTheBest()
    {
        FakeModel NaNFrom(int epoch) => new() { AfterForward = (pass, logits) => logits[3] = pass >= epoch ? float.NaN : logits[3] };
        FakeModel model = NaNFrom(3);
        TrainingHistory history = MambaTrainer.Train(model, s_train, s_validation, s_options);
        Assert.Equal((TrainingStopReason.Diverged, 2), (history.StopReason, history.Epochs.Count));
        Assert.Contains("validation loss is NaN", history.Warning);
        Assert.Equal(WeightsAfter(history.BestEpoch!.Value * 5, s_options), WeightsOf(model));

        model = NaNFrom(1);
        Assert.Contains("The weights of step 4 are restored", MambaTrainer.Train(model, s_train, s_validation, s_options).Warning);
        Assert.Equal(WeightsAfter(4, s_options), WeightsOf(model));
    }

    [Fact]
    public void Cancellation_WithinAStepLeavesTheLastGoodWeights()
    {
        using var source = new CancellationTokenSource();
        FakeModel Model() => new() { BeforeStep = step => Cancel(step == 8) };
        FakeModel plain = Model();
        Assert.ThrowsAny<OperationCanceledException>(() => MambaTrainer.Train(plain, s_train, null, s_options, null, source.Token));
        Assert.Equal(8, plain.Steps.Count);
        Assert.Equal(WeightsAfter(7, s_options), WeightsOf(plain));
        Assert.Equal(0, plain.OpenSessions);

        MambaStepResult? Cancel(bool now)
        {
            if (now)
                source.Cancel();
            return null;
        }
    }

    [Fact]
    public void Cancellation_WithValidationLeavesTheBestWeights()
    {
        using var source = new CancellationTokenSource();
        FakeModel model = new();
        var progress = new ProgressList { OnReport = report => { if (report.Step == 8) source.Cancel(); } };
        Assert.ThrowsAny<OperationCanceledException>(() => MambaTrainer.Train(model, s_train, s_validation, s_options, progress, source.Token));
        Assert.Equal(8, model.Steps.Count);
        Assert.Equal(WeightsAfter(5, s_options), WeightsOf(model));
    }

    [Fact]
    public void Cancellation_DuringValidationOfAnAverageDoesNotLoseTheWeights()
    {
        using var source = new CancellationTokenSource();
        var model = new FakeModel { AfterForward = (pass, _) => { if (pass == 2) source.Cancel(); } };
        MambaTrainingOptions options = s_options with { WeightAveraging = 0.5f, ValidationBatchSize = 5 };
        Assert.ThrowsAny<OperationCanceledException>(() => MambaTrainer.Train(model, s_train, s_validation, options, null, source.Token));
        Assert.Equal(5, model.Steps.Count);
        Assert.Equal(WeightsAfter(5, options), WeightsOf(model));
        Assert.NotEqual(WeightsAfter(5, s_options), WeightsOf(model));
    }

    [Fact]
    public void Cancellation_BeforeTheStartChangesNothing()
    {
        var model = new FakeModel();
        Assert.Throws<OperationCanceledException>(() => MambaTrainer.Train(model, s_train, null, s_options, null, new CancellationToken(true)));
        Assert.Empty(model.Steps);
        Assert.Null(model.Settings);
    }
}
