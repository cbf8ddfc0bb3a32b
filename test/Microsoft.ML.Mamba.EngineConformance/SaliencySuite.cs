using Microsoft.ML.Mamba.EngineConformance.Reference;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>Gradient x input is the derivative of a logit by a factor of one token's input, which finite differences of the reference give.</summary>
public abstract class SaliencySuite : EngineTests
{
    private static readonly MambaConfig Tokens = ModelCases.Get("tokens-mean");

    [Theory]
    [MemberData(nameof(ModelCases.Classifiers), MemberType = typeof(ModelCases))]
    public void Saliency_MatchesFiniteDifference(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 2, 5, 1, 8, 3);
        MatchesFiniteDifference(config, batch, RandomBatches.Targets(config, 3, batch.Count));
    }

    [Theory]
    [InlineData(MambaDirection.Forward)]
    [InlineData(MambaDirection.BidirectionalSeparate)]
    public void Saliency_MatchesFiniteDifference_OverSeveralScanChunks(MambaDirection direction)
    {
        MambaConfig config = Tokens with { Direction = direction, MaxPositions = 100, Pooling = MambaPooling.Attention };
        MatchesFiniteDifference(config, RandomBatches.Create(config, 4, 130, 3), [2, 0]);
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("positions-all")]
    [InlineData("frames-separate-max")]
    [InlineData("patches-dense-separate")]
    public void Saliency_MatchesFiniteDifference_ForVeryLongSequences(string name)
    {
        // Some tokens only: the ends of sequences, and where shorter pieces would be cut.
        MambaConfig config = ModelCases.Get(name) with { Pooling = MambaPooling.Attention };
        MatchesFiniteDifference(config, RandomBatches.Create(config, 4, 3, 5000, 2), [1, 2, 0], 0, 3, 4, 2047, 2050, 2051, 3333, 5002, 5003);
    }

    [Fact]
    public void Saliency_OfMinusOneExplainsTheLargestLogit()
    {
        SequenceBatch batch = RandomBatches.Create(Tokens, 6, 9, 4, 7, 12, 5, 3);
        using IMambaModel model = CreateModel(Tokens);
        float[] logits = Forward(model, batch);
        int[] largest = [.. Enumerable.Range(0, batch.Count).Select(i => Array.IndexOf(logits, logits.AsSpan(3 * i, 3).ToArray().Max(), 3 * i) - 3 * i)];
        Assert.True(largest.Distinct().Count() > 1);
        (float[] expected, _) = Saliency(model, batch, largest);
        (float[] chosen, _) = Saliency(model, batch, [-1, -1, -1, -1, -1, -1]);
        Close.Bits(expected, chosen, "saliency");
        (float[] others, _) = Saliency(model, batch, [.. largest.Select(target => (target + 1) % 3)]);
        Assert.NotEqual(expected, others);
    }

    [Theory]
    [MemberData(nameof(ModelCases.Classifiers), MemberType = typeof(ModelCases))]
    public void PackedSequences_MatchOneByOne(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 5, 5, 1, 17, 2, 70, 40);
        int[] targets = RandomBatches.Targets(config, 6, batch.Count);
        targets[2] = -1;
        using IMambaModel model = CreateModel(config);
        (float[] saliency, float[] logits) = Saliency(model, batch, targets);
        for (int i = 0; i < batch.Count; i++)
        {
            (float[] one, float[] oneLogits) = Saliency(model, RandomBatches.One(batch, i), [targets[i]]);
            Equal(one, saliency.AsSpan(batch.Offsets[i], batch.LengthOf(i)), PackedTolerance, $"sequence {i}");
            Equal(oneLogits, logits.AsSpan(i * config.NumClasses, config.NumClasses), PackedTolerance, $"logits {i}");
        }
    }

    [Fact]
    public void Saliency_OfALinearModelSumsToItsLogit()
    {
        // Without blocks and with an epsilon that makes the norm a constant factor, the logit is linear in the embeddings.
        MambaConfig config = Tokens with { NumLayers = 0, NormEpsilon = 1e6f };
        MambaWeights weights = RandomWeights.Create(config, 1);
        for (int i = 0; i < weights["classifier.weight"].Values.Length; i++)
            weights["classifier.weight"].Values[i] *= 1000;
        SequenceBatch batch = RandomBatches.Create(config, 2, 6, 1, 11);
        using IMambaModel model = Engine.CreateModel(config, weights);
        (float[] saliency, float[] logits) = Saliency(model, batch, [0, 1, 2]);
        for (int i = 0; i < batch.Count; i++)
        {
            double sum = saliency.AsSpan(batch.Offsets[i], batch.LengthOf(i)).ToArray().Sum(value => (double)value);
            Close.Values([sum], [logits[3 * i + i] - weights["classifier.bias"].Values[i]], 1e-4, $"sequence {i}");
        }
    }

    [Fact]
    public void Saliency_IsZeroWhereTheModelIsBlindToScale()
    {
        // Without blocks the norm takes away the length of each embedding.
        MambaConfig config = Tokens with { NumLayers = 0, NormEpsilon = 1e-12f };
        using IMambaModel model = CreateModel(config);
        (float[] saliency, _) = Saliency(model, RandomBatches.Create(config, 2, 6, 1, 11), [0, 1, 2]);
        Close.Values(new double[18], saliency, 1e-5, "saliency");
    }

    [Fact]
    public void Saliency_IsZeroWhereNothingReachesTheHead()
    {
        MambaConfig first = Tokens with { Pooling = MambaPooling.First };
        using IMambaModel model = CreateModel(first), both = CreateModel(first with { Direction = MambaDirection.BidirectionalTied });
        SequenceBatch batch = RandomBatches.Create(first, 2, 9);
        (float[] causal, _) = Saliency(model, batch, [1]);
        Assert.NotEqual(0, causal[0]);
        Assert.All(causal[1..], value => Assert.Equal(0, value));
        (float[] bidirectional, _) = Saliency(both, batch, [1]);
        Assert.All(bidirectional, value => Assert.NotEqual(0, value));
    }

    [Fact]
    public void Saliency_GivesTheSameFromManyThreads()
    {
        MambaConfig config = Tokens with { DModel = 20, Direction = MambaDirection.BidirectionalTied };
        using IMambaModel model = CreateModel(config);
        SequenceBatch[] batches = [.. Enumerable.Range(0, 6).Select(i => RandomBatches.Create(config, 10 + i, 1 + 7 * i, 40, 3 + i))];
        float[][] expected = [.. batches.Select(batch => Saliency(model, batch, [0, 1, 2]).Saliency)];
        var failures = new List<Exception>();
        Thread[] threads = [.. batches.Select((batch, i) => new Thread(() =>
        {
            try
            {
                for (int repeat = 0; repeat < 10; repeat++)
                    Equal(expected[i], Saliency(model, batch, [0, 1, 2]).Saliency, PackedTolerance, $"thread {i}");
            }
            catch (Exception exception)
            {
                lock (failures)
                    failures.Add(exception);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);
    }

    [Fact]
    public void Saliency_LeavesTheModelAlone()
    {
        using IMambaModel model = CreateModel(Tokens);
        SequenceBatch batch = RandomBatches.Create(Tokens, 2, 9, 4);
        float[] before = Forward(model, batch);
        Saliency(model, batch, [0, 1]);
        SameWeights(RandomWeights.Create(Tokens, 1), model.ExportWeights());
        Close.Bits(before, Forward(model, batch), "logits");
    }

    [Theory]
    [InlineData("hidden")]
    [InlineData("language-own")]
    public void Saliency_ThrowsWithoutAClassifier(string name)
    {
        using IMambaModel model = CreateModel(ModelCases.Get(name));
        SequenceBatch batch = RandomBatches.Create(model.Config, 1, 3);
        string message = Assert.Throws<InvalidOperationException>(() => model.Saliency(batch, [-1], new float[3], [])).Message;
        Assert.Contains(model.Config.Head.ToString(), message, StringComparison.Ordinal);
        Assert.Contains("Classification", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Saliency_NamesWhatIsWrong()
    {
        using IMambaModel model = CreateModel(Tokens);
        SequenceBatch batch = RandomBatches.Create(Tokens, 1, 3, 4);
        void Throws(int[] targets, int saliency, int logits, params string[] parts)
        {
            string message = Assert.ThrowsAny<ArgumentException>(() => model.Saliency(batch, targets, new float[saliency], new float[logits])).Message;
            Assert.All(parts, part => Assert.Contains(part, message, StringComparison.OrdinalIgnoreCase));
        }

        Throws([0], 7, 6, "targets", "2", "1");
        Throws([0, 3], 7, 6, "sequence 1", "target 3", "3 classes", "-1");
        Throws([0, -2], 7, 6, "sequence 1", "target -2");
        Throws([0, 1], 6, 6, "saliency", "7", "6");
        Throws([0, 1], 7, 5, "logits", "6", "5");
        SequenceBatch unknown = SequenceBatch.FromTokens(new[] { 1, 99 });
        Assert.Contains("99", Assert.Throws<ArgumentException>(() => model.Saliency(unknown, [0], new float[2], new float[3])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => model.Saliency(null!, [], [], []));
        Assert.ThrowsAny<OperationCanceledException>(() => model.Saliency(batch, [0, 1], new float[7], new float[6], new CancellationToken(canceled: true)));
        model.Saliency(SequenceBatch.FromTokens(Array.Empty<int>(), new[] { 0 }), [], [], []);
        using (model.StartTraining(new MambaTrainingSettings()))
            Assert.Contains(
                "session", Assert.Throws<InvalidOperationException>(() => model.Saliency(batch, [0, 1], new float[7], new float[6]))
                .Message, StringComparison.Ordinal);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Saliency(batch, [0, 1], new float[7], new float[6]));
    }

    private void MatchesFiniteDifference(MambaConfig config, SequenceBatch batch, int[] targets, params int[] some)
    {
        const double Step = 1e-5;
        using IMambaModel model = CreateModel(config);
        (float[] saliency, float[] logits) = Saliency(model, batch, targets);
        Close.Values(ReferenceForward(config, batch), logits, ForwardTolerance, "logits");
        var reference = new ReferenceModel(config, RandomWeights.Create(config, 1));
        int[] tokens = some.Length > 0 ? some : [.. Enumerable.Range(0, batch.TokenCount)];
        double[] expected = new double[tokens.Length];
        for (int n = 0; n < tokens.Length; n++)
        {
            int t = tokens[n];
            double[] above = With(1 + Step), below = With(1 - Step);
            int sequence = Enumerable.Range(0, batch.Count).Last(i => batch.Offsets[i] <= t), logit = sequence * config.NumClasses + targets[sequence];
            expected[n] = (above[logit] - below[logit]) / (2 * Step);

            double[] With(double factor)
            {
                reference.Dropout = new ReferenceDropout { Input = i => i == t ? factor : 1 };
                return reference.Forward(batch);
            }
        }

        Close.Tensor(expected, Array.ConvertAll(tokens, t => saliency[t]), GradientTolerance, "saliency");
    }

    private static (float[] Saliency, float[] Logits) Saliency(IMambaModel model, SequenceBatch batch, int[] targets)
    {
        float[] saliency = new float[batch.TokenCount], logits = new float[batch.Count * model.Config.NumClasses];
        saliency.AsSpan().Fill(float.NaN);
        logits.AsSpan().Fill(float.NaN);
        model.Saliency(batch, targets, saliency, logits);
        return (saliency, logits);
    }
}
