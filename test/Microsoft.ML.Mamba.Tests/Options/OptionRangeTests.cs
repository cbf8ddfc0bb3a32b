using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Options;

/// <summary>Options out of range are refused when the estimator is made, by a message that names them.</summary>
public class OptionRangeTests
{
    private readonly MLContext _ml = new(1);

    public static TheoryData<string, object?> OutOfRange => new()
    {
        { "LabelColumnName", "" }, { "SequenceColumnName", null }, { "OutputColumnName", " " }, { "ScoreColumnName", "" },
        { "FeatureColumnName", "" }, { "SaliencyColumnName", " " },
        { "Modality", (MambaModality)9 }, { "Truncation", (MambaTruncation)9 }, { "EmptySequences", (MambaEmptySequence)9 }, { "Engine", (MambaEngineKind)9 },
        { "GpuPrecision", (MambaPrecision)9 },
        { "MissingValues", (MissingValues)9 }, { "FrameNormalization", (FrameNormalization)9 },
        { "PatchLength", 0 }, { "PatchLength", 65_537 }, { "PatchStride", 0 }, { "PatchStride", 65_537 },
        { "InputChannels", 0 }, { "VocabularySize", 0 }, { "VocabularySize", (1 << 24) + 1 }, { "MaxLength", 0 },
        { "ScoringBatchRows", 0 }, { "ScoringBatchRows", 65_537 }, { "ScoringBatchTokens", 0 }, { "NumThreads", 0 }, { "NumThreads", 1025 },
        { "DModel", 0 }, { "DModel", 65_537 }, { "NumLayers", -1 }, { "NumLayers", 1025 }, { "DState", 0 }, { "DState", 257 }, { "DConv", 0 }, { "DConv", 65 },
        { "Expand", 0 }, { "Expand", 65 }, { "DtRank", -1 }, { "Direction", (MambaDirection)9 }, { "Pooling", (MambaPooling)9 },
        { "EnsembleSize", 0 }, { "EnsembleSize", 65 },
        { "MaxEpochs", 0 }, { "BatchSize", 0 }, { "BackpropagationLength", -1 }, { "BackpropagationLength", (1 << 30) + 1 },
        { "MaxBatchTokens", 0 }, { "LengthBucketBatches", 0 }, { "ValidationBatchSize", 0 },
        { "LearningRate", 0f }, { "LearningRate", float.NaN }, { "WarmupFraction", 1f }, { "FinalLearningRateFraction", 1.1f }, { "WeightDecay", -1f },
        { "Beta1", 1f }, { "Beta2", -0.1f }, { "AdamEpsilon", 0f }, { "MaxGradientNorm", 0f }, { "Dropout", 1f }, { "HeadDropout", -0.1f },
        { "TokenDropout", float.NaN }, { "LabelSmoothing", 1f }, { "ValidationFraction", 1.0 }, { "ValidationFraction", double.NaN },
        { "ValidationMetric", (ValidationMetric)9 }, { "EarlyStoppingPatience", -1 }, { "WeightAveraging", 1f },
        { "ClassWeights", new[] { -1f, 1f } }, { "ClassWeights", new[] { 0f, 0f } },
        { "Augmentation", new SequenceAugmentation { TimeShift = 2 } },
        { "CheckpointFolder", " " }, { "CheckpointEverySteps", -1 }, { "CheckpointEverySteps", (1 << 30) + 1 },
        { "CheckpointEveryEpochs", -1 }, { "CheckpointEveryEpochs", 1_000_001 },
        { "CheckpointsToKeep", 0 }, { "CheckpointsToKeep", 1_000_001 }, { "Resume", (CheckpointResume)9 }, { "CheckpointAtBest", true },
        { "Tokenizer", new TokenizerOptions { MinimumCount = 0 } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Construction_RefusesAndNamesTheOption(string name, object? value)
    {
        var options = new MambaClassificationOptions();
        typeof(MambaClassificationOptions).GetProperty(name)!.SetValue(options, value);
        var error = Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.MambaClassify(options));
        Assert.Contains(name switch { "Tokenizer" => "MinimumCount", "Augmentation" => "TimeShift", _ => name }, error.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => _ml.MulticlassClassification.Trainers.MambaClassification(options));
    }

    [Fact]
    public void EveryOptionButTheFreeOnes_HasARangeTest()
    {
        string[] free =
        [
            "Seed", "Progress", "ValidationSet", "CancellationToken", "BalanceClasses", "KeepBestWeights", "NormalizeDtBC",
            "CustomTokenizer", "PositionEmbedding",
        ];
        HashSet<string> tested = [.. OutOfRange.Select(row => (string)row[0]!), .. free];
        Assert.All(typeof(MambaClassificationOptions).GetProperties(), property => Assert.Contains(property.Name, tested));
    }

    [Fact]
    public void ContradictingOptions_AreRefused()
    {
        AssertRefused(new MambaClassificationOptions { OutputColumnName = "Score" }, "OutputColumnName", "ScoreColumnName");
        AssertRefused(new MambaClassificationOptions { FeatureColumnName = "PredictedLabel" }, "OutputColumnName", "FeatureColumnName");
        AssertRefused(new MambaClassificationOptions { FeatureColumnName = "A", SaliencyColumnName = "A" }, "FeatureColumnName", "SaliencyColumnName", "'A'");
        AssertRefused(new MambaClassificationOptions { SequenceColumnName = "Label" }, "SequenceColumnName");
        AssertRefused(new MambaClassificationOptions { Tokenizer = new TokenizerOptions(), CustomTokenizer = new ByteTokenizer() }, "CustomTokenizer");
        AssertRefused(new MambaClassificationOptions { BalanceClasses = true, ClassWeights = [1, 2] }, "BalanceClasses");
        AssertRefused(new MambaClassificationOptions { PatchLength = 8, PatchStride = 9 }, "PatchStride", "PatchLength, which is 8", "9");
        AssertRefused(new MambaClassificationOptions { PatchStride = 2 }, "PatchStride", "PatchLength, which is 1");
        AssertRefused(new MambaClassificationOptions { PatchLength = 65_536, InputChannels = 17 }, "PatchLength", "InputChannels", "17");
        AssertRefused(
            new MambaClassificationOptions { CheckpointFolder = "x", CheckpointEveryEpochs = 0, CheckpointAtBest = false },
            "CheckpointEverySteps, CheckpointEveryEpochs and CheckpointAtBest");
        AssertRefused(new MambaClassificationOptions { CheckpointFolder = "x", MaxEpochs = 100_001 }, "CheckpointFolder", "at most 100000; got 100001");
        AssertRefused(new MambaClassificationOptions { CheckpointEverySteps = 5 }, "CheckpointEverySteps needs a CheckpointFolder");
        AssertRefused(new MambaClassificationOptions { CheckpointEveryEpochs = 5 }, "CheckpointEveryEpochs needs a CheckpointFolder");
        AssertRefused(new MambaClassificationOptions { CheckpointAtBest = false }, "CheckpointAtBest needs a CheckpointFolder");
        AssertRefused(new MambaClassificationOptions { CheckpointsToKeep = 5 }, "CheckpointsToKeep needs a CheckpointFolder");
        AssertRefused(new MambaClassificationOptions { Resume = CheckpointResume.Never }, "Resume needs a CheckpointFolder");
        AssertRefused(new MambaClassificationOptions { Modality = MambaModality.Dna, EarlyStoppingPatience = 3 }, "EarlyStoppingPatience", "ValidationSet");
    }

    [Fact]
    public void Estimator_TakesACopy()
    {
        MambaClassificationOptions options = Train.Options();
        MambaClassificationEstimator estimator = _ml.Transforms.MambaClassify(options);
        options.SequenceColumnName = "Nowhere";
        Assert.Equal("Sequence", estimator.Fit(Train.DnaKeys(_ml)).SequenceColumnName);
    }

    [Fact]
    public void CatalogParameters_ReachTheOptions()
    {
        IDataView data = Train.DnaKeys(_ml, 20);
        Assert.ThrowsAny<ArgumentOutOfRangeException>(() => _ml.Transforms.MambaClassify(maxEpochs: 0));
        Assert.ThrowsAny<ArgumentOutOfRangeException>(() => _ml.Transforms.MambaClassify(batchSize: 0));
        Assert.ThrowsAny<ArgumentOutOfRangeException>(() => _ml.Transforms.MambaClassify(learningRate: -1));
        MambaTransformer model = _ml.Transforms.MambaClassify(
            outputColumnName: "Guess", scoreColumnName: "Chances", maxEpochs: 2, batchSize: 10, learningRate: 0.003f,
            dModel: 8, numLayers: 1, validationSet: data).Fit(data);
        Assert.Equal(("Guess", "Chances", "Label", "Sequence"), (model.OutputColumnName, model.ScoreColumnName, model.LabelColumnName, model.SequenceColumnName));
        Assert.Equal((8, 1), (model.Config.DModel, model.Config.NumLayers));
        Assert.Equal(2, model.History.Epochs.Count);
        Assert.Equal(2, model.History.Epochs[0].Steps);
        Assert.Equal(20, model.History.ValidationRows);
        Assert.InRange(model.History.Epochs[0].LearningRate, 0.0005f, 0.003f);
    }

    [Fact]
    public void Trainer_TakesTextClassificationsColumns()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Reviews(20));
        data = Train.WithKeys(_ml, _ml.Transforms.CopyColumns("Sentence1", "Sequence").Fit(data).Transform(data));
        MambaTransformer model = _ml.MulticlassClassification.Trainers.MambaClassification(maxEpochs: 1, batchSize: 4).Fit(data);
        Assert.Equal("Sentence1", model.SequenceColumnName);
        Assert.Equal(MambaModality.Text, model.Modality);
        IDataView scored = model.Transform(data);
        Assert.NotNull(scored.Schema.GetColumnOrNull("PredictedLabel"));
        Assert.NotNull(scored.Schema.GetColumnOrNull("Score"));
    }

    private void AssertRefused(MambaClassificationOptions options, params string[] parts)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.MambaClassify(options));
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
