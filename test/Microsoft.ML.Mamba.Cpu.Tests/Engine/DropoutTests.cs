using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.EngineConformance.Reference;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Engine;

/// <summary>With the step's masks given to the reference, loss and gradients agree: every mask is applied alike in both passes, at the right place.</summary>
public sealed class DropoutTests
{
    private const int Seed = 7;

    [Theory]
    [InlineData("tokens-mean", 0.3f, 0, 0)]
    [InlineData("tokens-mean", 0, 0.4f, 0)]
    [InlineData("tokens-mean", 0, 0, 0.4f)]
    [InlineData("frames-mean", 0, 0, 0.4f)]
    [InlineData("tokens-attention-separate", 0.2f, 0.3f, 0.2f)]
    [InlineData("frames-separate-max", 0.2f, 0.3f, 0.2f)]
    [InlineData("positions-all", 0.2f, 0, 0.4f)]
    [InlineData("positions-frames-few", 0.2f, 0, 0.4f)]
    [InlineData("patches-overlap", 0.2f, 0.2f, 0.4f)]
    [InlineData("tokens-attention-separate", 0.2f, 0.3f, 0.2f, 4)]
    [InlineData("positions-frames-few", 0.2f, 0, 0.4f, 3)]
    [InlineData("patches-overlap", 0.2f, 0.2f, 0.4f, 2)]
    public void Backward_MatchesFiniteDifference_UnderTheSameMasks(string name, float dropout, float head, float token, int chunk = 0)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 2, 6, 3, 9);
        int[] targets = [0, 2, 1];
        int width = config.DModel, count = Enumerable.Range(0, batch.Count).Sum(i => config.TokensOf(batch.LengthOf(i)));
        float[] tokens = Mask(count, 1, DropoutSite.Token, token, hides: true);
        float[] embedding = Mask(count, width, DropoutSite.Embedding, dropout), pooled = Mask(batch.Count, width, DropoutSite.Head, head);
        float[][] blocks = Enumerable.Range(0, config.NumLayers).Select(layer => Mask(count, width, DropoutSite.Block(layer), dropout)).ToArray();
        Assert.Equal(token > 0, tokens.Contains(0));
        Assert.Equal(dropout > 0, embedding.Contains(0));
        Assert.Equal(head > 0, pooled.Contains(0));

        var reference = new ReferenceModel(config, RandomWeights.Create(config, 1))
        {
            Dropout = new ReferenceDropout { Token = t => tokens[t], Embedding = i => embedding[i], Block = (layer, i) => blocks[layer][i], Head = i => pooled[i] },
        };
        double Loss() => ReferenceLoss.CrossEntropy(reference.Forward(batch), targets);
        var chunks = new ReferenceChunks(chunk > 0 ? chunk : int.MaxValue / 2);
        reference.Chunks = chunks;
        double loss = Loss();
        chunks.IsRecording = false;
        Dictionary<string, double[]> gradients = FiniteDifference.Gradient(reference, Loss);

        using IMambaModel model = CpuEngines.Default.CreateModel(config, RandomWeights.Create(config, 1));
        var settings = new MambaTrainingSettings { Seed = Seed, Dropout = dropout, HeadDropout = head, TokenDropout = token, BackpropagationLength = chunk };
        using var session = (CpuTrainingSession)model.StartTraining(settings);
        Close.Values([loss], [session.TrainStep(batch, targets, 0).Loss], 1e-5, "loss");
        foreach ((string parameter, double[] gradient) in gradients)
            Close.Tensor(gradient, session.Gradients[parameter].Span, 3e-4, parameter);
    }

    private static float[] Mask(int rows, int columns, int site, float probability, bool hides = false)
    {
        float[] mask = new float[rows * columns];
        Array.Fill(mask, 1);
        DropoutKey key = DropoutKey.Create(Seed, 0, site);
        if (hides)
            Dropout.HideRows(rows, columns, mask, columns, probability, key);
        else
            Dropout.Apply(rows, columns, mask, columns, mask, columns, accumulate: false, probability, key, CpuParallel.Shared);
        return mask;
    }
}
