using Microsoft.ML.Mamba.Engines;
using Microsoft.ML.Mamba.EngineConformance.Support;
using Microsoft.ML.Mamba.TorchSharp.Tests.Support;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Engine;

/// <summary>Where there are several GPUs: a model stays on its own, beside another on the first one, and computes the same bits there.</summary>
public sealed class LastDeviceTests
{
    private static readonly MambaConfig Config = new()
    {
        DModel = 64, NumLayers = 2, VocabSize = 600, NumClasses = 3, MaxPositions = 50,
        Direction = MambaDirection.BidirectionalSeparate, Pooling = MambaPooling.Attention,
    };

    [Theory]
    [InlineData(MambaPrecision.Float32)]
    [InlineData(MambaPrecision.BFloat16)]
    public void Training_GivesTheSameBitsAsOnTheFirst(MambaPrecision precision)
    {
        using IMambaModel first = OnDevice(0, precision, Config), last = OnDevice(LastDevice, precision, Config);
        SequenceBatch batch = RandomBatches.Create(Config, 2, 200, 1, 65, 3000);
        var settings = new MambaTrainingSettings { Dropout = 0.1f, HeadDropout = 0.1f, TokenDropout = 0.1f, BackpropagationLength = 512 };
        using (IMambaTrainingSession one = first.StartTraining(settings), other = last.StartTraining(settings))
        {
            for (int step = 0; step < 5; step++)
                Assert.Equal(one.TrainStep(batch, [0, 1, 2, 0], 0.003f), other.TrainStep(batch, [0, 1, 2, 0], 0.003f));
        }

        foreach (MambaTensor tensor in first.ExportWeights())
            Close.Bits(tensor.Values, last.ExportWeights()[tensor.Name].Values, tensor.Name);
        Close.Bits(Saliency(first, batch), Saliency(last, batch), "logits and saliency");
    }

    [Theory]
    [InlineData(MambaPrecision.Float32)]
    [InlineData(MambaPrecision.BFloat16)]
    public void Streaming_GivesTheSameBitsAsOnTheFirst(MambaPrecision precision)
    {
        MambaConfig config = Config with { Direction = MambaDirection.Forward };
        using IMambaModel first = OnDevice(0, precision, config), last = OnDevice(LastDevice, precision, config);
        using MambaState one = first.CreateState(2), other = last.CreateState(2);
        foreach (int[] lengths in new int[][] { [40, 1], [1, 1], [1, 1], [300, 2] })
        {
            SequenceBatch chunk = RandomBatches.Create(config, lengths[0], lengths);
            float[] expected = new float[6], actual = new float[6];
            first.Step(one, chunk, expected);
            last.Step(other, chunk, actual);
            Close.Bits(expected, actual, $"logits after {lengths[0]} tokens");
        }

        var foreign = Assert.Throws<ArgumentException>(() => first.Step(other, RandomBatches.Create(config, 1, 1, 1), new float[6]));
        Assert.Contains("another engine", foreign.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GpuDeviceId_ChoosesTheDevice()
    {
        var ml = new MLContext { GpuDeviceId = LastDevice, FallbackToCpu = false };
        Assert.Equal($"torch-cuda:{LastDevice}", EngineSelector.Select(ml, MambaEngineKind.Auto, null, GpuEngineSource.Default).Name);
    }

    /// <summary>The last device's number; skips the test where the first is the last.</summary>
    private static int LastDevice
    {
        get
        {
            _ = TorchEngines.Cuda;
            int devices = torch.cuda.device_count();
            return devices > 1 ? devices - 1 : throw new SkipException("skipped: one device");
        }
    }

    private static IMambaModel OnDevice(int device, MambaPrecision precision, MambaConfig config)
    {
        _ = TorchEngines.Cuda;
        return TorchMambaEngine.Create(device, precision).CreateModel(config, MambaInitializer.Create(config, 1));
    }

    private static float[] Saliency(IMambaModel model, SequenceBatch batch)
    {
        float[] saliency = new float[batch.TokenCount], logits = new float[batch.Count * model.Config.NumClasses];
        model.Saliency(batch, [-1, 0, 1, 2], saliency, logits);
        return [.. logits, .. saliency];
    }
}
