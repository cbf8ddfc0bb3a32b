namespace Microsoft.ML.Mamba.Training;

public class MambaTrainingOptionsTests
{
    public static TheoryData<string, MambaTrainingOptions> Invalid => new()
    {
        { "MaxEpochs", new() { MaxEpochs = 0 } },
        { "BatchSize", new() { BatchSize = 0 } },
        { "MaxBatchTokens", new() { MaxBatchTokens = 0 } },
        { "LengthBucketBatches", new() { LengthBucketBatches = 0 } },
        { "LearningRate", new() { LearningRate = 0 } },
        { "LearningRate", new() { LearningRate = float.NaN } },
        { "LearningRate", new() { LearningRate = float.PositiveInfinity } },
        { "WarmupFraction", new() { WarmupFraction = 1 } },
        { "FinalLearningRateFraction", new() { FinalLearningRateFraction = 1.5f } },
        { "WeightDecay", new() { WeightDecay = -1 } },
        { "Beta1", new() { Beta1 = 1 } },
        { "Beta2", new() { Beta2 = -0.1f } },
        { "AdamEpsilon", new() { AdamEpsilon = 0 } },
        { "MaxGradientNorm", new() { MaxGradientNorm = 0 } },
        { "Dropout", new() { Dropout = 1 } },
        { "HeadDropout", new() { HeadDropout = float.NaN } },
        { "TokenDropout", new() { TokenDropout = -0.5f } },
        { "LabelSmoothing", new() { LabelSmoothing = 1 } },
        { "BackpropagationLength must be 0 to 1073741824; got -1", new() { BackpropagationLength = -1 } },
        { "ClassWeights[1]", new() { ClassWeights = [1, -1] } },
        { "ClassWeights", new() { ClassWeights = [0, 0] } },
        { "BalanceClasses", new() { ClassWeights = [1, 2], BalanceClasses = true } },
        { "ValidationFraction", new() { ValidationFraction = 1 } },
        { "ValidationFraction", new() { ValidationFraction = double.NaN } },
        { "ValidationBatchSize", new() { ValidationBatchSize = 0 } },
        { "ValidationMetric", new() { ValidationMetric = (ValidationMetric)5 } },
        { "EarlyStoppingPatience", new() { EarlyStoppingPatience = -1 } },
        { "WeightAveraging", new() { WeightAveraging = 1 } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Validate_NamesWhatIsOutOfRange(string named, MambaTrainingOptions options) =>
        Assert.Contains(named, Assert.ThrowsAny<ArgumentException>(options.Validate).Message);

    [Fact]
    public void Validate_AcceptsDefaultsAndLimits()
    {
        new MambaTrainingOptions().Validate();
        new MambaTrainingOptions
        {
            WarmupFraction = 0, FinalLearningRateFraction = 1, MaxGradientNorm = float.PositiveInfinity, ClassWeights = [0, 1, 2],
            WeightDecay = 0, LengthBucketBatches = 1, Seed = int.MinValue,
        }.Validate();
    }

    [Fact]
    public void EngineSettings_ArePassedOn()
    {
        var options = new MambaTrainingOptions
        {
            MaxEpochs = 1, Seed = 9, WeightDecay = 0.3f, Beta1 = 0.8f, Beta2 = 0.7f, AdamEpsilon = 1e-5f, MaxGradientNorm = 3,
            Dropout = 0.11f, HeadDropout = 0.12f, TokenDropout = 0.13f,
            LabelSmoothing = 0.14f, ClassWeights = [1, 3], BackpropagationLength = 500,
        };
        var model = new FakeModel();
        MambaTrainer.Train(model, TrainingData.Tokens(10), null, options);
        MambaTrainingSettings settings = model.Settings!;
        Assert.Equal([1f, 3f], settings.ClassWeights);
        Assert.Equal(
            new MambaTrainingSettings
            {
                Seed = 9, WeightDecay = 0.3f, Beta1 = 0.8f, Beta2 = 0.7f, AdamEpsilon = 1e-5f, MaxGradientNorm = 3, Dropout = 0.11f,
                HeadDropout = 0.12f, TokenDropout = 0.13f, LabelSmoothing = 0.14f,
                BackpropagationLength = 500,
            },
            settings with { ClassWeights = [] });
    }

    [Fact]
    public void ClassesOfWeightZero_AreNotTrainedOn()
    {
        var model = new FakeModel(classes: 3);
        TrainingHistory history = MambaTrainer.Train(model, TrainingData.Tokens(30, classes: 3), null, new()
        {
            MaxEpochs = 2, BatchSize = 4, ClassWeights = [1, 0, 2],
        });
        Assert.Equal(20, history.TrainingRows);
        Assert.All(model.Steps, step => Assert.DoesNotContain(1, step.Targets));
        Assert.Equal([1f, 0f, 2f], model.Settings!.ClassWeights);
        MambaTrainingOptions oneClass = new() { ClassWeights = [0, 0, 2] };
        Assert.Contains(
            "positive; all 10 rows have label 2",
            Assert.Throws<ArgumentException>(() => MambaTrainer.Train(model, TrainingData.Tokens(30, classes: 3), null, oneClass)).Message);
        Assert.Contains("no such rows", Assert.Throws<ArgumentException>(() => MambaTrainer.Train(model, TrainingData.OfLabels(0, 1), null, oneClass)).Message);
    }

    [Fact]
    public void BalanceClasses_WeighsByTheInverseOfTheShare()
    {
        var model = new FakeModel(classes: 3);
        MambaTrainer.Train(model, TrainingData.OfLabels(0, 0, 0, 1), null, new() { MaxEpochs = 1, BalanceClasses = true });
        Assert.Equal([4 / 6f, 2f, 1f], model.Settings!.ClassWeights);
        var held = new FakeModel();
        MambaTrainer.Train(held, TrainingData.OfLabels(0, 0, 0, 0, 0, 0, 1, 1), null, new() { MaxEpochs = 1, BalanceClasses = true, ValidationFraction = 0.25 });
        int[] counts = [held.Steps.Sum(step => step.Targets.Count(target => target == 0)), held.Steps.Sum(step => step.Targets.Count(target => target == 1))];
        Assert.Equal(6, counts.Sum());
        Assert.Equal(counts[0] * held.Settings!.ClassWeights[0], counts[1] * held.Settings.ClassWeights[1], 1e-5);
    }
}
