using Microsoft.ML.Mamba.EngineConformance.Support;
using Microsoft.ML.Mamba.TorchSharp.Tests.Support;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Engine;

/// <summary>
/// Every tensor is disposed by the call that made it: torch's memory does not wait for the garbage collector. The counter counts live
/// handles of the whole process, so tests here run alone.
/// </summary>
public sealed class LeakTests
{
    private static readonly MambaConfig Config = new() { DModel = 8, NumLayers = 2, DState = 4, VocabSize = 9, NumClasses = 3, MaxPositions = 5, UseBias = true };

    [Theory]
    [InlineData("cpu", MambaDirection.Forward, MambaPooling.Mean, false, 0)]
    [InlineData("cpu", MambaDirection.BidirectionalSeparate, MambaPooling.Attention, true, 16)]
    [InlineData("cpu", MambaDirection.BidirectionalTied, MambaPooling.Max, false, 16)]
    [InlineData("cuda", MambaDirection.Forward, MambaPooling.Mean, false, 0)]
    [InlineData("cuda", MambaDirection.BidirectionalSeparate, MambaPooling.Attention, true, 16)]
    public void Training_KeepsNoTensors(string device, MambaDirection direction, MambaPooling pooling, bool normalize, int chunk)
    {
        MambaConfig config = Config with { Direction = direction, Pooling = pooling, NormalizeDtBC = normalize };
        using IMambaModel model = TorchEngines.Get(device).CreateModel(config, RandomWeights.Create(config, 1));
        using IMambaTrainingSession session = model.StartTraining(
            new MambaTrainingSettings
            {
                Dropout = 0.1f, HeadDropout = 0.1f, TokenDropout = 0.1f, LabelSmoothing = 0.1f, ClassWeights = [1, 2, 3], BackpropagationLength = chunk,
            });
        SequenceBatch batch = RandomBatches.Create(config, 2, 20, 3, 40);
        float[] logits = new float[9];
        session.StartAverage();
        KeepsNoTensors(200, () =>
        {
            session.TrainStep(batch, [0, 1, 2], 0.01f);
            session.UpdateAverage(0.1f);
            session.SwapAverage();
            session.Forward(batch, logits);
            session.SwapAverage();
        });
        KeepsNoTensors(3, () => session.ImportOptimizerState(session.ExportOptimizerState()));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        KeepsNoTensors(3, () => Assert.ThrowsAny<OperationCanceledException>(() => session.TrainStep(batch, [0, 1, 2], 0.01f, cancelled.Token)));
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void Scoring_KeepsNoTensors(string device)
    {
        IMambaEngine engine = TorchEngines.Get(device);
        using IMambaModel model = engine.CreateModel(Config, RandomWeights.Create(Config, 1));
        SequenceBatch batch = RandomBatches.Create(Config, 2, 20, 3, 40), chunk = RandomBatches.Create(Config, 3, 4);
        float[] logits = new float[9], one = new float[3], hidden = new float[63 * 8], pooled = new float[24], saliency = new float[63];
        KeepsNoTensors(20, () =>
        {
            model.Forward(batch, logits);
            model.ForwardHidden(batch, 1, hidden);
            model.ForwardPooled(batch, pooled);
            model.Saliency(batch, [-1, 0, 2], saliency, logits);
            using MambaState state = model.CreateState();
            model.Step(state, chunk, one);
            using MambaState clone = state.Clone();
            model.Step(clone, chunk, one);
        });
        // TorchSharp goes on counting the handle that a parameter takes over from the tensor it is made of.
        KeepsNoTensors(5, MambaParameters.List(Config).Count, () =>
        {
            using IMambaModel other = engine.CreateModel(Config, RandomWeights.Create(Config, 2));
            using IMambaTrainingSession session = other.StartTraining(new MambaTrainingSettings());
            session.TrainStep(batch, [0, 1, 2], 0.01f);
        });
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void TheCallersDisposeScope_TakesNothingOfTheModels(string device)
    {
        IMambaModel model;
        IMambaTrainingSession session;
        MambaState state;
        SequenceBatch chunk = RandomBatches.Create(Config, 3, 4);
        using (torch.NewDisposeScope())
        {
            model = TorchEngines.Get(device).CreateModel(Config, RandomWeights.Create(Config, 1));
            state = model.CreateState();
            session = model.StartTraining(new MambaTrainingSettings());
            session.StartAverage();
        }

        Assert.True(session.TrainStep(chunk, [1], 0.01f).IsFinite);
        session.SwapAverage();
        session.Dispose();
        model.Step(state, chunk, new float[3]);
        state.Dispose();
        model.Dispose();
    }

    private static void KeepsNoTensors(int times, Action action) => KeepsNoTensors(times, 0, action);

    private static void KeepsNoTensors(int times, int counted, Action action)
    {
        action();
        // What others left behind must not be finalised in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = torch.Tensor.TotalCount;
        for (int i = 0; i < times; i++)
            action();
        Assert.Equal(before + times * (long)counted, torch.Tensor.TotalCount);
    }
}
