namespace Microsoft.ML.Mamba.Training;

public class MambaTrainerTests
{
    private static readonly MambaTrainingOptions s_options = new() { MaxEpochs = 4, BatchSize = 8, LearningRate = 0.5f };

    private static float[] WeightsOf(FakeModel model) => model.Weights["w"].Values;

    [Fact]
    public void Train_LearnsAndTellsWhatHappened()
    {
        var model = new FakeModel();
        SequenceDataset train = TrainingData.Tokens(200), validation = TrainingData.Tokens(60, seed: 2);
        TrainingHistory history = MambaTrainer.Train(model, train, validation, s_options with { MaxEpochs = 10 });
        Assert.Equal((TrainingStopReason.Completed, 10, 200, 60, null),
            (history.StopReason, history.Epochs.Count, history.TrainingRows, history.ValidationRows, history.Warning));
        Assert.Equal(Enumerable.Range(1, 10), history.Epochs.Select(epoch => epoch.Epoch));
        Assert.Equal((250, train.TokenCount * 10), (history.TotalSteps, history.TotalTokens));
        Assert.All(history.Epochs, epoch => Assert.Equal((25, train.TokenCount), (epoch.Steps, epoch.Tokens)));
        Assert.True(history.Epochs[^1].TrainingLoss < 0.8 * history.Epochs[0].TrainingLoss);
        Assert.True(history.TotalTime > TimeSpan.Zero && history.Epochs.All(epoch => epoch.Duration > TimeSpan.Zero));
        MambaEvaluation evaluation = MambaTrainer.Evaluate(model, validation);
        Assert.InRange(evaluation.Accuracy, 0.8, 1);
        Assert.Equal(history.Epochs[history.BestEpoch!.Value - 1].ValidationLoss!.Value, evaluation.Loss, 1e-9);
        Assert.Equal(0, model.OpenSessions);
    }

    [Fact]
    public void SameSeed_GivesTheSameResultAnotherDoesNot()
    {
        MambaTrainingOptions options = s_options with { ValidationFraction = 0.2, WeightAveraging = 0.9f };
        float[] one = Run(options), again = Run(options), two = Run(options with { Seed = 2 });
        Assert.Equal(one, again);
        Assert.NotEqual(one, two);

        static float[] Run(MambaTrainingOptions options)
        {
            var model = new FakeModel();
            MambaTrainer.Train(model, TrainingData.Tokens(100), null, options);
            return WeightsOf(model);
        }
    }

    [Fact]
    public void EveryEpoch_TakesEveryRowInANewOrder()
    {
        var model = new FakeModel();
        SequenceDataset data = TrainingData.OfLengths([.. Enumerable.Range(1, 40)]);
        MambaTrainer.Train(model, data, null, s_options with { MaxEpochs = 3 });
        int[][] epochs = [.. model.Steps.Chunk(5).Select(steps => steps.SelectMany(step => step.Lengths).ToArray())];
        Assert.Equal(3, epochs.Length);
        Assert.All(epochs, lengths => Assert.Equal(Enumerable.Range(1, 40), lengths.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[1], epochs[2]);
        // Labels travel with their rows: odd lengths have label 0.
        Assert.All(model.Steps, step => Assert.Equal(step.Lengths.Select(length => (length + 1) % 2), step.Targets));
    }

    [Fact]
    public void Batches_KeepTheirLimits()
    {
        var model = new FakeModel();
        MambaTrainer.Train(model, TrainingData.Tokens(100).Subset([.. Enumerable.Range(0, 100)]), null, s_options with { MaxBatchTokens = 30, BatchSize = 4 });
        Assert.All(model.Steps, step => Assert.True(step.Lengths.Length <= 4 && (step.Lengths.Sum() <= 30 || step.Lengths.Length == 1)));
        Assert.Contains(model.Steps, step => step.Lengths.Length == 4);
        Assert.Contains(model.Steps, step => step.Lengths.Length < 4 && step.Lengths.Sum() > 20);
    }

    [Fact]
    public void Batches_CountPatchesAsTokens()
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForFrames(1);
        for (int i = 0; i < 12; i++)
            builder.Add(new float[30], i % 2);
        SequenceDataset data = builder.Build();
        var plain = new FakeModel(channels: 1, vocabulary: 0);
        var patched = new FakeModel(channels: 1, vocabulary: 0) { Config = plain.Config with { PatchLength = 10 } };
        foreach ((FakeModel model, int rows) in new[] { (plain, 1), (patched, 4) })
        {
            MambaTrainer.Train(model, data, data, s_options with { MaxEpochs = 1, MaxBatchTokens = 12 });
            Assert.All(model.Steps, step => Assert.Equal(rows, step.Lengths.Length));
            Assert.All(model.ForwardLengths, lengths => Assert.Equal(rows, lengths.Length));
        }
    }

    [Fact]
    public void LengthBucketBatches_DecidesWhichRowsMeet()
    {
        double bucketed = Spread(8), mixed = Spread(1);
        Assert.True(bucketed < 0.7 * mixed, $"{bucketed} against {mixed}");

        static double Spread(int pool)
        {
            var model = new FakeModel();
            MambaTrainer.Train(model, TrainingData.Tokens(200), null, s_options with { MaxEpochs = 1, LengthBucketBatches = pool });
            return model.Steps.Average(step => step.Lengths.Max() - step.Lengths.Min());
        }
    }

    [Fact]
    public void LearningRate_FollowsTheSchedule()
    {
        var model = new FakeModel();
        MambaTrainer.Train(model, TrainingData.Tokens(40), null, s_options with { MaxEpochs = 4, WarmupFraction = 0.25f, FinalLearningRateFraction = 0.1f });
        var schedule = new LearningRateSchedule(0.5, 0.25, 0.1);
        Assert.Equal(Enumerable.Range(1, 20).Select(step => schedule.At(step / 20.0)), model.Steps.Select(step => step.LearningRate));
        Assert.Equal(0.5f, model.Steps.Max(step => step.LearningRate));
        Assert.Equal(0.05f, model.Steps[^1].LearningRate, 1e-6f);
    }

    [Fact]
    public void ValidationFraction_HoldsRowsOutOfTraining()
    {
        var model = new FakeModel();
        SequenceDataset data = TrainingData.OfLengths([.. Enumerable.Range(1, 40)]);
        TrainingHistory history = MambaTrainer.Train(model, data, null, s_options with { ValidationFraction = 0.25 });
        int[] trained = [.. model.Steps.SelectMany(step => step.Lengths).Distinct()],
            validated = [.. model.ForwardLengths.SelectMany(lengths => lengths).Distinct()];
        Assert.Equal((30, 10, 30, 10), (trained.Length, validated.Length, history.TrainingRows, history.ValidationRows));
        Assert.Empty(trained.Intersect(validated));
    }

    [Fact]
    public void GivenValidationSet_TakesPrecedenceOverTheFraction()
    {
        TrainingHistory history = MambaTrainer.Train(new FakeModel(), TrainingData.Tokens(40), TrainingData.Tokens(7), s_options with { ValidationFraction = 0.25 });
        Assert.Equal((40, 7), (history.TrainingRows, history.ValidationRows));
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(7, 1000)]
    [InlineData(128, 25)]
    [InlineData(128, 1000)]
    public void Validation_CoversTheWholeSetWhateverItsBatches(int batchSize, int maxTokens)
    {
        var model = new FakeModel(classes: 3);
        SequenceDataset validation = TrainingData.Tokens(61, seed: 5, classes: 3);
        TrainingHistory history = MambaTrainer.Train(
            model, TrainingData.Tokens(60, classes: 3), validation, s_options with { MaxEpochs = 1, ValidationBatchSize = batchSize, MaxBatchTokens = maxTokens });
        Assert.All(model.ForwardLengths, lengths => Assert.True(lengths.Length <= batchSize && (lengths.Length == 1 || lengths.Sum() <= maxTokens)));
        Assert.Equal(61, model.ForwardLengths.Sum(lengths => lengths.Length));

        double loss = 0;
        int right = 0;
        for (int i = 0; i < 61; i++)
        {
            var logits = new float[3];
            model.Forward(validation.ToBatch([i]), logits);
            double[] probabilities = [.. logits.Select(logit => Math.Exp(logit) / logits.Sum(each => Math.Exp(each)))];
            loss -= Math.Log(probabilities[validation.Labels[i]]) / 61;
            right += Array.IndexOf(probabilities, probabilities.Max()) == validation.Labels[i] ? 1 : 0;
        }

        Assert.Equal(loss, history.Epochs[0].ValidationLoss!.Value, 1e-6);
        Assert.Equal(right / 61.0, history.Epochs[0].ValidationAccuracy!.Value, 1e-12);
    }

    [Fact]
    public void Evaluate_SurvivesLargeLogits()
    {
        var model = new FakeModel { AfterForward = (_, logits) => (logits[0], logits[1]) = (2000, -2000) };
        MambaEvaluation evaluation = MambaTrainer.Evaluate(model, TrainingData.OfLabels(1));
        Assert.Equal(new MambaEvaluation(4000, 0, 1), evaluation);
    }

    [Fact]
    public void Frames_AreTrainedToo()
    {
        var random = new MambaRandom(3);
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForFrames(2);
        for (int i = 0; i < 60; i++)
        {
            float[] frames = [.. Enumerable.Range(0, 2 * (1 + i % 5)).Select(j => (float)random.NextNormal() + (j % 2 == i % 2 ? 2 : 0))];
            builder.Add(frames, i % 2);
        }

        SequenceDataset data = builder.Build();
        var model = new FakeModel(vocabulary: 0, channels: 2);
        MambaTrainer.Train(model, data, null, s_options);
        Assert.InRange(MambaTrainer.Evaluate(model, data, batchSize: 7).Accuracy, 0.9, 1);
    }

    [Fact]
    public void BadData_IsRefusedWithItsRow()
    {
        SequenceDataset good = TrainingData.Tokens(10);
        SequenceDataset empty = SequenceDatasetBuilder.ForTokens().Build();
        Assert.Contains("training data does not fit: The dataset has no rows", Refused(empty, null));
        Assert.Contains("validation data does not fit: The dataset has no rows", Refused(good, empty));
        Assert.Contains("at least two classes; all 3 rows have label 1", Refused(TrainingData.OfLabels(1, 1, 1), null));
        Assert.Contains("Row 2 has label 4; the model's classes are 0 to 1", Refused(TrainingData.OfLabels(0, 1, 4), null));
        Assert.Contains("validation data does not fit: Row 1 has label 3", Refused(good, TrainingData.OfLabels(1, 3)));
        Assert.Contains("EarlyStoppingPatience", Refused(good, null, s_options with { EarlyStoppingPatience = 1 }));
        Assert.Contains("MaxEpochs", Refused(good, null, s_options with { MaxEpochs = 0 }));
        Assert.Contains("ClassWeights must have 2 values", Refused(good, null, s_options with { ClassWeights = [1, 2, 3] }));
        var headless = new FakeModel { Config = new MambaConfig { VocabSize = 4, Head = MambaHead.None } };
        Assert.Contains("it has None", Assert.Throws<ArgumentException>(() => MambaTrainer.Train(headless, good, null, s_options)).Message);
        Assert.Contains("it has None", Assert.Throws<ArgumentException>(() => MambaTrainer.Evaluate(headless, good)).Message);

        static string Refused(SequenceDataset train, SequenceDataset? validation, MambaTrainingOptions? options = null)
        {
            var model = new FakeModel();
            string message = Assert.ThrowsAny<ArgumentException>(() => MambaTrainer.Train(model, train, validation, options ?? s_options)).Message;
            Assert.Empty(model.Steps);
            return message;
        }
    }
}
