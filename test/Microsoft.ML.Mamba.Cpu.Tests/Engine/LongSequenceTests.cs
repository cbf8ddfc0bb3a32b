using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Engine;

public sealed class LongSequenceTests
{
    private static readonly MambaConfig Config = new() { DModel = 4, NumLayers = 2, DState = 4, VocabSize = 5, NumClasses = 2 };

    [Theory]
    [InlineData(MambaDirection.Forward)]
    [InlineData(MambaDirection.BidirectionalSeparate)]
    public void Forward_ReadsAHundredThousandTokens(MambaDirection direction)
    {
        MambaConfig config = Config with { Direction = direction };
        using IMambaModel model = CpuEngines.Default.CreateModel(config, RandomWeights.Create(config, 1));
        SequenceBatch batch = RandomBatches.Create(config, 2, 1 << 17);
        float[] logits = new float[2], again = new float[2];
        model.Forward(batch, logits);
        Assert.All(logits, value => Assert.True(float.IsFinite(value)));
        model.Forward(batch, again);
        Close.Bits(logits, again, "logits");
    }

    [Fact]
    public void Forward_OfALongSequenceIsTheMeanOfItsHiddenStates()
    {
        using IMambaModel model = CpuEngines.Default.CreateModel(Config, RandomWeights.Create(Config, 1));
        MambaWeights weights = model.ExportWeights();
        SequenceBatch batch = RandomBatches.Create(Config, 2, 1 << 16);
        float[] hidden = new float[batch.TokenCount * 4], logits = new float[2];
        model.ForwardHidden(batch, -1, hidden);
        model.Forward(batch, logits);
        double[] expected = new double[2];
        for (int k = 0; k < 2; k++)
        {
            for (int c = 0; c < 4; c++)
            {
                double sum = 0;
                for (int t = 0; t < batch.TokenCount; t++)
                    sum += hidden[t * 4 + c];
                expected[k] += weights["classifier.weight"].Values[k * 4 + c] * sum / batch.TokenCount;
            }

            expected[k] += weights["classifier.bias"].Values[k];
        }

        Close.Values(expected, logits, 1e-5, "logits");
    }
}
