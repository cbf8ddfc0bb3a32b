using Microsoft.ML.Mamba.EngineConformance.Reference;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>The pooled vectors are what the head reads.</summary>
public abstract class PooledSuite : EngineTests
{
    [Theory]
    [MemberData(nameof(ModelCases.Classifiers), MemberType = typeof(ModelCases))]
    public void ForwardPooled_MatchesReference(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 2, 1, 3, 4, 9);
        using IMambaModel model = CreateModel(config);
        Close.Values(new ReferenceModel(config, RandomWeights.Create(config, 1)).ForwardPooled(batch), Pooled(model, batch), ForwardTolerance, name);
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("tokens-attention-separate")]
    [InlineData("frames-separate-max")]
    [InlineData("positions-frames-spare")]
    public void ForwardPooled_GivesForwardThroughTheHead(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 3, 2, 5000, 70);
        using IMambaModel model = CreateModel(config);
        MambaWeights weights = model.ExportWeights();
        double[] pooled = Array.ConvertAll(Pooled(model, batch), value => (double)value);
        double[] expected = ReferenceModel.Linear(
            pooled, config.DModel, Wide(weights["classifier.weight"].Values), Wide(weights["classifier.bias"].Values));
        Close.Values(expected, Forward(model, batch), 1e-5, name);
    }

    [Theory]
    [MemberData(nameof(ModelCases.Classifiers), MemberType = typeof(ModelCases))]
    public void PackedSequences_MatchOneByOne(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 5, 5, 1, 17, 2, 70);
        using IMambaModel model = CreateModel(config);
        float[] packed = Pooled(model, batch);
        for (int i = 0; i < batch.Count; i++)
            Equal(Pooled(model, RandomBatches.One(batch, i)), packed.AsSpan(i * config.DModel, config.DModel), PackedTolerance, $"sequence {i}");
    }

    [Theory]
    [InlineData("hidden")]
    [InlineData("language-own")]
    public void ForwardPooled_ThrowsWithoutAClassifier(string name)
    {
        using IMambaModel model = CreateModel(ModelCases.Get(name));
        SequenceBatch batch = RandomBatches.Create(model.Config, 1, 3);
        string message = Assert.Throws<InvalidOperationException>(() => model.ForwardPooled(batch, new float[6])).Message;
        Assert.Contains(model.Config.Head.ToString(), message, StringComparison.Ordinal);
        Assert.Contains("Classification", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ForwardPooled_OfAnEmptyBatchWritesNothing()
    {
        using IMambaModel model = CreateModel(ModelCases.Get("tokens-mean"));
        model.ForwardPooled(SequenceBatch.FromTokens(Array.Empty<int>(), new[] { 0 }), []);
    }

    private static float[] Pooled(IMambaModel model, SequenceBatch batch)
    {
        float[] pooled = new float[batch.Count * model.Config.DModel];
        pooled.AsSpan().Fill(float.NaN);
        model.ForwardPooled(batch, pooled);
        return pooled;
    }

    private static double[] Wide(float[] values) => Array.ConvertAll(values, value => (double)value);
}
