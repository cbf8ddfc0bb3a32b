using Microsoft.ML.Mamba.EngineConformance.Support;
using Microsoft.ML.Mamba.TorchSharp.Tests.Support;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Engine;

/// <summary>
/// The managed engine and the torch engine compute the same, on either device: logits, all gradients, dropout's masks, and training as it
/// goes on.
/// </summary>
public sealed class AgreementTests
{
    private static readonly MambaConfig Wide = new() { DModel = 48, NumLayers = 3, DState = 16, VocabSize = 40, NumClasses = 5, UseBias = true };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string device in new[] { "cpu", "cuda" })
            {
                foreach (string name in Configs.Keys)
                    cases.Add(device, name);
            }

            return cases;
        }
    }

    private static Dictionary<string, MambaConfig> Configs => new()
    {
        ["forward"] = Wide,
        ["tied-max"] = Wide with { Direction = MambaDirection.BidirectionalTied, Pooling = MambaPooling.Max },
        ["separate-attention-falcon"] = Wide with { Direction = MambaDirection.BidirectionalSeparate, Pooling = MambaPooling.Attention, NormalizeDtBC = true },
        ["positions-last"] = Wide with { MaxPositions = 100, Pooling = MambaPooling.Last, DState = 8 },
        ["frames-first"] = Wide with { VocabSize = 0, InputChannels = 3, Pooling = MambaPooling.First, Direction = MambaDirection.BidirectionalSeparate },
        ["patches"] = Wide with { VocabSize = 0, InputChannels = 3, PatchLength = 4, PatchStride = 2 },
        ["chunks"] = Wide with { Direction = MambaDirection.BidirectionalSeparate },
        ["large-vocabulary"] = Wide with { VocabSize = 1000, DModel = 33 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void LogitsAndGradients_AgreeWithTheManagedEngine(string device, string name)
    {
        MambaConfig config = Configs[name];
        SequenceBatch batch = RandomBatches.Create(config, 2, 200, 1, 65, 30);
        int[] targets = RandomBatches.Targets(config, 3, batch.Count);
        var settings = new MambaTrainingSettings
        {
            Beta1 = 0, MaxGradientNorm = float.PositiveInfinity, LabelSmoothing = 0.1f, ClassWeights = [1, 2, 0.5f, 1, 3],
            Dropout = 0.2f, HeadDropout = 0.3f, TokenDropout = 0.1f,
        };
        if (name == "chunks")
            settings = settings with { BackpropagationLength = 32 };
        (float[] logits, MambaWeights gradients) = Compute(TorchEngines.Managed, config, batch, targets, settings);
        (float[] torchLogits, MambaWeights torchGradients) = Compute(TorchEngines.Get(device), config, batch, targets, settings);
        Close.Tensor(Wider(logits), torchLogits, Tolerances.Agreement, "logits");
        foreach (MambaTensor tensor in gradients.Where(tensor => tensor.Name.StartsWith("exp_avg.", StringComparison.Ordinal)))
            Close.Tensor(Wider(tensor.Values), torchGradients[tensor.Name].Values, Tolerances.Agreement, tensor.Name);
    }

    [Theory]
    [InlineData("cpu", 0)]
    [InlineData("cpu", 0.1f)]
    [InlineData("cuda", 0)]
    [InlineData("cuda", 0.1f)]
    public void LossesAfterFiftySteps_AgreeWithTheManagedEngine(string device, float dropout)
    {
        MambaConfig config = Wide with { NumClasses = 2, DModel = 24, NumLayers = 2 };
        float[] expected = Train(TorchEngines.Managed, config, dropout), actual = Train(TorchEngines.Get(device), config, dropout);
        Assert.True(expected[^1] < 0.8f * expected[0], $"the losses are {string.Join(", ", expected)}");
        Close.Values(expected, actual, Tolerances.AgreementAfterTraining, "loss");
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void TrainedOnTorch_TheWeightsScoreAlikeOnTheManagedEngine(string device)
    {
        using IMambaModel model = TorchEngines.Get(device).CreateModel(Wide, MambaInitializer.Create(Wide, 1));
        SequenceBatch batch = RandomBatches.Create(Wide, 4, 70, 12, 33);
        using (IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings()))
        {
            for (int step = 0; step < 5; step++)
                session.TrainStep(batch, [0, 1, 4], 0.01f);
        }

        using IMambaModel managed = TorchEngines.Managed.CreateModel(Wide, model.ExportWeights());
        float[] expected = new float[15], actual = new float[15];
        model.Forward(batch, expected);
        managed.Forward(batch, actual);
        Close.Values(expected, actual, Tolerances.Agreement, "logits");
    }

    [Theory]
    [InlineData("forward")]
    [InlineData("separate-attention-falcon")]
    public void RecomputedProducts_GiveTheSameBits(string name)
    {
        _ = TorchEngines.Cpu;
        SequenceBatch batch = RandomBatches.Create(Configs[name], 2, 100, 1, 33);
        MambaWeights Train(Kernels.ManagedKernels kernels)
        {
            using var model = new TorchMambaModel(Configs[name], MambaInitializer.Create(Configs[name], 1), torch.CPU, kernels);
            using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { Dropout = 0.1f });
            for (int step = 0; step < 3; step++)
                session.TrainStep(batch, [0, 1, 4], 0.01f);
            return session.ExportWeights();
        }

        MambaWeights kept = Train(new Kernels.ManagedKernels()), recomputed = Train(new RecomputingKernels());
        foreach (MambaTensor tensor in kept)
            Close.Bits(tensor.Values, recomputed[tensor.Name].Values, tensor.Name);
    }

    private static float[] Train(IMambaEngine engine, MambaConfig config, float dropout)
    {
        using IMambaModel model = engine.CreateModel(config, MambaInitializer.Create(config, 1));
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { Dropout = dropout, HeadDropout = dropout });
        var losses = new float[50];
        for (int step = 0; step < losses.Length; step++)
        {
            SequenceBatch batch = RandomBatches.Create(config, step % 5, 40, 25, 60, 10);
            losses[step] = session.TrainStep(batch, RandomBatches.Targets(config, step % 5, 4), 0.002f).Loss;
        }

        return losses;
    }

    private static (float[] Logits, MambaWeights Gradients) Compute(
        IMambaEngine engine, MambaConfig config, SequenceBatch batch, int[] targets, MambaTrainingSettings settings)
    {
        using IMambaModel model = engine.CreateModel(config, RandomWeights.Create(config, 1));
        float[] logits = new float[batch.Count * config.NumClasses];
        model.Forward(batch, logits);
        using IMambaTrainingSession session = model.StartTraining(settings);
        session.TrainStep(batch, targets, 0);
        return (logits, session.ExportOptimizerState());
    }

    private static double[] Wider(float[] values) => Array.ConvertAll(values, value => (double)value);

    private sealed class RecomputingKernels : Kernels.ManagedKernels
    {
        public override bool RecomputesProducts => true;
    }
}
