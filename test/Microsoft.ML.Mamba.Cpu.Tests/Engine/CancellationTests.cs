using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Engine;

public sealed class CancellationTests
{
    private static readonly MambaConfig Config = new() { DModel = 32, NumLayers = 6, VocabSize = 5, NumClasses = 2 };

    [Fact]
    public void CancellationWithinAStep_LeavesWeightsAndMomentsAlone()
    {
        using IMambaModel model = CpuEngines.Default.CreateModel(Config, RandomWeights.Create(Config, 1));
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        SequenceBatch batch = RandomBatches.Create(Config, 2, 4000);
        session.TrainStep(RandomBatches.Create(Config, 3, 40), [1], 0.01f);
        MambaWeights weights, state;
        int steps;
        do
        {
            (weights, state, steps) = (session.ExportWeights(), session.ExportOptimizerState(), session.StepCount);
        }
        while (!CancelledWithin(token => session.TrainStep(batch, [1], 0.01f, token)));
        Assert.Equal(steps, session.StepCount);
        foreach (MambaTensor tensor in weights)
            Close.Bits(tensor.Values, session.ExportWeights()[tensor.Name].Values, tensor.Name);
        foreach (MambaTensor tensor in state)
            Close.Bits(tensor.Values, session.ExportOptimizerState()[tensor.Name].Values, tensor.Name);
        Assert.True(session.TrainStep(batch, [1], 0.01f).IsFinite);
    }

    [Fact]
    public void CancelledStreamStep_MustBeReset()
    {
        using IMambaModel model = CpuEngines.Default.CreateModel(Config, RandomWeights.Create(Config, 1));
        using MambaState state = model.CreateState();
        SequenceBatch batch = RandomBatches.Create(Config, 2, 20000), small = RandomBatches.Create(Config, 2, 3);
        float[] logits = new float[2], expected = new float[2];
        while (!CancelledWithin(token => model.Step(state, batch, logits, token)))
        {
        }

        Assert.Contains("Reset", Assert.Throws<InvalidOperationException>(() => model.Step(state, small, logits)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => model.Step(state.Clone(), small, logits));
        state.Reset();
        model.Step(state, small, logits);
        model.Forward(small, expected);
        Close.Values(expected, logits, 1e-5, "logits");
    }

    [Fact]
    public void DisposeDuringForward_WaitsForIt()
    {
        for (int attempt = 0; attempt < 5; attempt++)
        {
            IMambaModel model = CpuEngines.Default.CreateModel(Config, RandomWeights.Create(Config, 1));
            SequenceBatch batch = RandomBatches.Create(Config, 2, 600);
            float[] expected = new float[2];
            model.Forward(batch, expected);
            using var started = new ManualResetEventSlim();
            int calls = 0;
            var thread = new Thread(() =>
            {
                float[] logits = new float[2];
                try
                {
                    while (true)
                    {
                        model.Forward(batch, logits);
                        Close.Bits(expected, logits, "logits");
                        calls++;
                        started.Set();
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            });
            thread.Start();
            Assert.True(started.Wait(TimeSpan.FromSeconds(60)));
            model.Dispose();
            Assert.True(thread.Join(TimeSpan.FromSeconds(60)));
            Assert.True(calls > 0);
        }
    }

    /// <summary>Cancels a call that is under way, and says whether that came before its end.</summary>
    private static bool CancelledWithin(Action<CancellationToken> call)
    {
        using var source = new CancellationTokenSource();
        source.CancelAfter(TimeSpan.FromMilliseconds(3));
        try
        {
            call(source.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
