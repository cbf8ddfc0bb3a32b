using Microsoft.ML.Mamba.EngineConformance.Support;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>
/// A training that was interrupted and resumed from a checkpoint gives bit for bit the weights of an uninterrupted one: moments, dropout
/// masks and averages go on where they were.
/// </summary>
public abstract class ResumeSuite : EngineTests
{
    private static readonly MambaTrainingOptions s_options = new()
    {
        MaxEpochs = 4, BatchSize = 7, LearningRate = 0.02f, Dropout = 0.3f, HeadDropout = 0.2f, TokenDropout = 0.1f, LabelSmoothing = 0.1f, WeightDecay = 0.1f,
        WeightAveraging = 0.9f, ValidationFraction = 0.2, EarlyStoppingPatience = 3, BalanceClasses = true, Seed = 5,
    };

    [Theory]
    [InlineData("tokens-attention-separate", true, 1)]
    [InlineData("tokens-attention-separate", true, 4)]
    [InlineData("tokens-attention-separate", true, 6)]
    [InlineData("tokens-mean", false, 9)]
    [InlineData("positions-frames-all-tied", true, 13)]
    [InlineData("falcon-separate", false, 17)]
    public void CancelledAndResumed_GivesTheSameBits(string name, bool averages, int cancelAfter)
    {
        MambaConfig config = ModelCases.Get(name);
        MambaTrainingOptions options = s_options with { WeightAveraging = averages ? 0.9f : 0 };
        string folder = Directory.CreateTempSubdirectory("mamba-resume-").FullName;
        try
        {
            (MambaWeights expected, TrainingHistory whole) = Train(config, options, int.MaxValue, 1);
            MambaTrainingOptions saving = options with { Checkpoints = new CheckpointOptions { Folder = folder } };
            Assert.Throws<OperationCanceledException>(() => Train(config, saving, cancelAfter, 1));
            Assert.Contains("the initial weights changed", Assert.Throws<InvalidOperationException>(() => Train(config, saving, int.MaxValue, 2)).Message);
            (MambaWeights actual, TrainingHistory history) = Train(config, saving, int.MaxValue, 1);
            Assert.Equal(cancelAfter, history.ResumedAtStep);
            SameWeights(expected, actual);
            Assert.Equal(whole.Epochs.Select(epoch => (epoch.TrainingLoss, epoch.ValidationLoss)),
                history.Epochs.Select(epoch => (epoch.TrainingLoss, epoch.ValidationLoss)));
            Assert.Equal((whole.StopReason, whole.BestEpoch, whole.TotalTokens), (history.StopReason, history.BestEpoch, history.TotalTokens));
            Assert.Equal(whole.Curve, history.Curve);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private (MambaWeights Weights, TrainingHistory History) Train(MambaConfig config, MambaTrainingOptions options, int cancelAfter, int weightSeed)
    {
        using IMambaModel model = CreateModel(config, weightSeed);
        using var source = new CancellationTokenSource();
        var progress = new CancelAfter(cancelAfter, source);
        TrainingHistory history = MambaTrainer.Train(model, TrainingRows.Create(config), null, options, progress, source.Token);
        return (model.ExportWeights(), history);
    }
}
