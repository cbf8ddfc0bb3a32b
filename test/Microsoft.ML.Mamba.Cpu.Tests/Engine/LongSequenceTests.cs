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

    [Theory]
    [InlineData(MambaDirection.Forward, 2)]
    [InlineData(MambaDirection.Forward, 8)]
    [InlineData(MambaDirection.BidirectionalSeparate, 8)]
    public void TrainStep_OfChunksHoldsTheInsidesOfOne(MambaDirection direction, int expand)
    {
        const int Tokens = 200_000, Chunk = 2048;
        MambaConfig config = Config with { DModel = 8, Direction = direction, Expand = expand };
        using IMambaModel model = CpuEngines.Default.CreateModel(config, RandomWeights.Create(config, 1));
        using var session = (CpuTrainingSession)model.StartTraining(new MambaTrainingSettings { BackpropagationLength = Chunk, Dropout = 0.1f });
        SequenceBatch batch = RandomBatches.Create(config, 2, Tokens);
        Assert.True(session.TrainStep(batch, [1], 0.01f).IsFinite);
        Assert.True(session.TrainStep(batch, [1], 0.01f).IsFinite);

        // Of all tokens the residual stream before and after each block, the norm's output and two gradients; of one chunk a block's
        // insides, about 15 rows of DInner.
        long residuals = Tokens * 4L * (config.DModel * (config.NumLayers + 5) + 8);
        long insides = Chunk * 4L * (config.DInner + config.DState) * 15 * (direction == 0 ? 1 : 2);
        long states = (Tokens / Chunk + 1) * 4L * config.NumLayers * 2 * config.DInner * (config.DConv - 1 + config.DState);
        Assert.InRange(session.ArenaBytes, residuals / 2, 2 * (residuals + insides + states));
        long whole = Tokens * 4L * config.DInner * 10 * config.NumLayers;
        Assert.True(expand == 2 || session.ArenaBytes < whole, $"{session.ArenaBytes} bytes, where the insides of all blocks would be {whole}");
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
