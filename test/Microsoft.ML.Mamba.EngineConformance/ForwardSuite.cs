using Microsoft.ML.Mamba.EngineConformance.Reference;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

public abstract class ForwardSuite : EngineTests
{
    private static readonly int[] Lengths = [1, 3, 4, 9];

    /// <summary>Wide enough for every lane width and its remainder, long enough for several chunks.</summary>
    private static readonly MambaConfig Wide = new() { DModel = 40, NumLayers = 2, DState = 16, VocabSize = 30, NumClasses = 11 };

    [Theory]
    [MemberData(nameof(ModelCases.Everything), MemberType = typeof(ModelCases))]
    public void Forward_MatchesReference(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 2, Lengths);
        using IMambaModel model = CreateModel(config);
        Close.Values(ReferenceForward(config, batch), Forward(model, batch), ForwardTolerance, name);
    }

    [Theory]
    [InlineData(MambaDirection.Forward, false)]
    [InlineData(MambaDirection.BidirectionalTied, false)]
    [InlineData(MambaDirection.BidirectionalSeparate, true)]
    public void Forward_MatchesReference_ForLongSequences(MambaDirection direction, bool normalize)
    {
        MambaConfig config = Wide with { Direction = direction, NormalizeDtBC = normalize };
        SequenceBatch batch = RandomBatches.Create(config, 3, 1, 63, 130, 3, 1000, 64, 65);
        using IMambaModel model = CreateModel(config);
        Close.Values(ReferenceForward(config, batch), Forward(model, batch), ForwardTolerance, "logits");
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("frames-tied")]
    [InlineData("falcon-separate")]
    [InlineData("hidden")]
    [InlineData("positions-few")]
    [InlineData("positions-frames-all-tied")]
    public void ForwardHidden_MatchesReference(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 4, Lengths);
        using IMambaModel model = CreateModel(config);
        var reference = new ReferenceModel(config, RandomWeights.Create(config, 1));
        for (int layer = -1; layer <= config.NumLayers; layer++)
        {
            float[] hidden = new float[batch.TokenCount * config.DModel];
            hidden.AsSpan().Fill(float.NaN);
            model.ForwardHidden(batch, layer, hidden);
            Close.Values(reference.ForwardHidden(batch, layer), hidden, ForwardTolerance, $"hidden after {layer}");
        }
    }

    [Theory]
    [MemberData(nameof(ModelCases.Everything), MemberType = typeof(ModelCases))]
    public void PackedSequences_MatchOneByOne(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        PackedMatchesOneByOne(config, RandomBatches.Create(config, 5, 5, 1, 17, 2, 70));
    }

    [Theory]
    [InlineData(MambaDirection.Forward)]
    [InlineData(MambaDirection.BidirectionalSeparate)]
    [InlineData(MambaDirection.Forward, 2000)]
    public void PackedSequences_MatchOneByOne_ForLongSequences(MambaDirection direction, int maxPositions = 0)
    {
        MambaConfig config = Wide with { Direction = direction, MaxPositions = maxPositions };
        PackedMatchesOneByOne(config, RandomBatches.Create(config, 6, 3, 700, 64, 1, 2500, 129, 5));
    }

    [Theory]
    [InlineData(MambaDirection.Forward, MambaPooling.Mean)]
    [InlineData(MambaDirection.BidirectionalTied, MambaPooling.Attention)]
    [InlineData(MambaDirection.BidirectionalSeparate, MambaPooling.Max)]
    [InlineData(MambaDirection.Forward, MambaPooling.Max, 7000)]
    [InlineData(MambaDirection.BidirectionalSeparate, MambaPooling.Mean, 7000)]
    public void Forward_MatchesReference_ForVeryLongSequences(MambaDirection direction, MambaPooling pooling, int maxPositions = 0)
    {
        MambaConfig config = ModelCases.Get("biases") with { Direction = direction, Pooling = pooling, MaxPositions = maxPositions };
        SequenceBatch batch = RandomBatches.Create(config, 7, 2, 9001, 5);
        using IMambaModel model = CreateModel(config);
        var reference = new ReferenceModel(config, RandomWeights.Create(config, 1));
        Close.Values(reference.Forward(batch), Forward(model, batch), ForwardTolerance, "logits");
        float[] hidden = new float[batch.TokenCount * config.DModel];
        model.ForwardHidden(batch, -1, hidden);
        Close.Values(reference.ForwardHidden(batch, -1), hidden, ForwardTolerance, "hidden");
    }

    [Fact]
    public void Forward_GivesTheSameFromManyThreads()
    {
        MambaConfig config = Wide with { Direction = MambaDirection.BidirectionalTied };
        using IMambaModel model = CreateModel(config);
        SequenceBatch[] batches = Enumerable.Range(0, 8).Select(i => RandomBatches.Create(config, 10 + i, 1 + 7 * i, 40, 3 + i)).ToArray();
        float[][] expected = batches.Select(batch => Forward(model, batch)).ToArray();
        var failures = new List<Exception>();
        Thread[] threads = batches.Select((batch, i) => new Thread(() =>
        {
            try
            {
                for (int repeat = 0; repeat < 10; repeat++)
                    Equal(expected[i], Forward(model, batch), PackedTolerance, $"thread {i}");
            }
            catch (Exception exception)
            {
                lock (failures)
                    failures.Add(exception);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);
    }

    [Fact]
    public void Forward_OfAnEmptyBatchWritesNothing()
    {
        using IMambaModel model = CreateModel(ModelCases.Get("tokens-mean"));
        model.Forward(SequenceBatch.FromTokens(Array.Empty<int>(), new[] { 0 }), []);
    }

    [Fact]
    public void ExportWeights_GivesBackTheWeights()
    {
        foreach (MambaConfig config in ModelCases.All.Values)
        {
            using IMambaModel model = CreateModel(config, 7);
            SameWeights(RandomWeights.Create(config, 7), model.ExportWeights());
        }
    }

    [Fact]
    public void CreateModel_CopiesTheWeights()
    {
        MambaConfig config = ModelCases.Get("tokens-mean");
        MambaWeights weights = RandomWeights.Create(config, 1);
        SequenceBatch batch = RandomBatches.Create(config, 8, Lengths);
        using IMambaModel model = Engine.CreateModel(config, weights);
        float[] before = Forward(model, batch);
        foreach (MambaTensor tensor in weights)
            Array.Clear(tensor.Values);
        Close.Bits(before, Forward(model, batch), "logits");
        Assert.Same(config, model.Config);
    }

    private void PackedMatchesOneByOne(MambaConfig config, SequenceBatch batch)
    {
        using IMambaModel model = CreateModel(config);
        float[] packed = Forward(model, batch);
        int start = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            float[] alone = Forward(model, RandomBatches.One(batch, i));
            Equal(alone, packed.AsSpan(start, alone.Length), PackedTolerance, $"sequence {i}");
            start += alone.Length;
        }

        Assert.Equal(packed.Length, start);
    }
}
