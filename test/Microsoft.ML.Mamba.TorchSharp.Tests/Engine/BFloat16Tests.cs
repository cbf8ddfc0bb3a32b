using Microsoft.ML.Mamba.EngineConformance.Support;
using Microsoft.ML.Mamba.TorchSharp.Tests.Support;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Engine;

/// <summary>Mixed precision on a CUDA device: what float32 gives, to bfloat16's digits; it trains as well.</summary>
public sealed class BFloat16Tests
{
    private static readonly MambaConfig Config = new() { DModel = 64, NumLayers = 3, VocabSize = 20, NumClasses = 4 };

    [Theory]
    [InlineData(MambaDirection.Forward, MambaPooling.Mean, false)]
    [InlineData(MambaDirection.BidirectionalSeparate, MambaPooling.Attention, true)]
    [InlineData(MambaDirection.BidirectionalTied, MambaPooling.Max, false)]
    public void Logits_AgreeToBFloat16sDigits(MambaDirection direction, MambaPooling pooling, bool normalize)
    {
        MambaConfig config = Config with { Direction = direction, Pooling = pooling, NormalizeDtBC = normalize };
        SequenceBatch batch = RandomBatches.Create(config, 2, 200, 7, 65);
        float[] expected = new float[12], actual = new float[12];
        using IMambaModel single = TorchEngines.Cuda.CreateModel(config, MambaInitializer.Create(config, 1));
        using IMambaModel reduced = TorchEngines.CudaBFloat16.CreateModel(config, MambaInitializer.Create(config, 1));
        single.Forward(batch, expected);
        reduced.Forward(batch, actual);
        Close.Tensor(Array.ConvertAll(expected, value => (double)value), actual, Tolerances.BFloat16, "logits");
        Assert.NotEqual(expected, actual);
    }

    [Theory]
    [InlineData(MambaDirection.Forward, 0f)]
    [InlineData(MambaDirection.BidirectionalSeparate, 0.1f)]
    public void Training_FollowsFloat32(MambaDirection direction, float dropout)
    {
        MambaConfig config = Config with { Direction = direction };
        float[] expected = Train(TorchEngines.Cuda, config, dropout), actual = Train(TorchEngines.CudaBFloat16, config, dropout);
        Assert.True(actual[^1] < 0.5f * actual[0], $"the losses are {string.Join(", ", actual)}");
        Close.Values(expected[..10], actual[..10], Tolerances.BFloat16, "loss");
    }

    [Fact]
    public void Weights_StayFloat32()
    {
        using IMambaModel model = TorchEngines.CudaBFloat16.CreateModel(Config, RandomWeights.Create(Config, 1));
        foreach (MambaTensor tensor in model.ExportWeights())
            Close.Bits(RandomWeights.Create(Config, 1)[tensor.Name].Values, tensor.Values, tensor.Name);
        // A step of a size that bfloat16 would round away arrives in the weights.
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { WeightDecay = 0 });
        session.TrainStep(RandomBatches.Create(Config, 2, 30), [1], 1e-5f);
        float before = RandomWeights.Create(Config, 1)["classifier.weight"].Values[0], after = session.ExportWeights()["classifier.weight"].Values[0];
        Assert.InRange(Math.Abs(after - before), 1e-6f, 2e-5f);
        Assert.Equal(MambaPrecision.BFloat16, Assert.IsType<TorchMambaEngine>(TorchEngines.CudaBFloat16).Precision);
        Assert.Equal("torch-cuda:0 (bfloat16)", TorchEngines.CudaBFloat16.Name);
    }

    [Theory]
    [InlineData(50, 40)]
    [InlineData(88, 1, 1)]
    [InlineData(1, 1, 1, 87)]
    public void Streaming_MatchesForward(params int[] lengths)
    {
        using IMambaModel model = TorchEngines.CudaBFloat16.CreateModel(Config, MambaInitializer.Create(Config, 1));
        SequenceBatch whole = RandomBatches.Create(Config, 3, 90);
        float[] expected = new float[4], actual = new float[4];
        model.Forward(whole, expected);
        using MambaState state = model.CreateState();
        int start = 0;
        foreach (int length in lengths)
        {
            model.Step(state, RandomBatches.Slice(whole, 0, start, length), actual);
            start += length;
        }

        Close.Tensor(Array.ConvertAll(expected, value => (double)value), actual, Tolerances.BFloat16, "logits");
    }

    private static float[] Train(IMambaEngine engine, MambaConfig config, float dropout)
    {
        using IMambaModel model = engine.CreateModel(config, MambaInitializer.Create(config, 1));
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { Dropout = dropout, HeadDropout = dropout, TokenDropout = dropout });
        var losses = new float[60];
        for (int step = 0; step < losses.Length; step++)
            losses[step] = session.TrainStep(RandomBatches.Create(config, 1, 40, 25, 60, 10), [0, 1, 2, 3], 0.003f).Loss;
        return losses;
    }
}
