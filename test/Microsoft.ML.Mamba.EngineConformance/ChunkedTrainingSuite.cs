using Microsoft.ML.Mamba.EngineConformance.Reference;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>Truncated back-propagation: the loss of the whole sequence, gradients that stop at the borders of chunks.</summary>
public abstract class ChunkedTrainingSuite : EngineTests
{
    private static readonly MambaTrainingSettings Plain = new() { Beta1 = 0, MaxGradientNorm = float.PositiveInfinity };

    /// <summary>0 where the loss must not depend on the chunks by a single bit.</summary>
    protected virtual double ChunkTolerance => 0;

    [Theory]
    [InlineData("tokens-mean", 4)]
    [InlineData("tokens-last", 1)]
    [InlineData("tokens-first-tied", 3)]
    [InlineData("tokens-attention-separate", 4)]
    [InlineData("frames-separate-max", 5)]
    [InlineData("biases", 7)]
    [InlineData("no-conv-bias-separate", 6)]
    [InlineData("falcon", 3)]
    [InlineData("falcon-tied", 4)]
    [InlineData("conv-1", 2)]
    [InlineData("conv-6-rank-3", 2)]
    [InlineData("positions-all", 4)]
    [InlineData("patches-overlap", 2)]
    [InlineData("patches-dense-separate", 3)]
    [InlineData("no-layers", 2)]
    public void Gradients_MatchFiniteDifferencesThatStopAtTheBorders(string name, int length)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 2, 3, 13, 1, 8);
        int[] targets = RandomBatches.Targets(config, 3, batch.Count);
        var reference = new ReferenceModel(config, RandomWeights.Create(config, 1));
        var chunks = new ReferenceChunks(length);
        reference.Chunks = chunks;
        double Loss() => ReferenceLoss.CrossEntropy(reference.Forward(batch), targets);
        double loss = Loss();
        chunks.IsRecording = false;
        Dictionary<string, double[]> expected = FiniteDifference.Gradient(reference, Loss);

        (MambaStepResult result, MambaWeights state) = Step(config, batch, targets, Plain with { BackpropagationLength = length });
        Close.Values([loss], [result.Loss], ForwardTolerance, "loss");
        double norm = Math.Sqrt(expected.Values.Sum(gradient => gradient.Sum(value => value * value)));
        Close.Values([norm], [result.GradientNorm], GradientTolerance, "gradient norm");
        foreach ((string parameter, double[] gradient) in expected)
            Close.Tensor(gradient, state["exp_avg." + parameter].Values, GradientTolerance, parameter);
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("tokens-attention-separate")]
    [InlineData("falcon-tied")]
    [InlineData("frames-separate-max")]
    [InlineData("positions-frames-spare")]
    [InlineData("patches-overlap")]
    public void Loss_IsTheSameForAnyLengthOfChunks(string name)
    {
        MambaConfig config = ModelCases.Get(name) with { DModel = 20 };
        SequenceBatch batch = RandomBatches.Create(config, 2, 20, 331, 1, 130);
        int[] targets = RandomBatches.Targets(config, 3, batch.Count);
        MambaTrainingSettings settings = Plain with { Dropout = 0.2f, HeadDropout = 0.1f, TokenDropout = 0.3f };
        float expected = Step(config, batch, targets, settings).Result.Loss;
        foreach (int length in new[] { 1, 7, 31, 64, 100, 330, 331, 5000 })
        {
            float loss = Step(config, batch, targets, settings with { BackpropagationLength = length }).Result.Loss;
            Equal([expected], [loss], ChunkTolerance, $"loss with chunks of {length}");
        }
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("tokens-attention-separate")]
    [InlineData("patches-overlap")]
    public void OneChunk_GivesTheSameWeightsBitForBit(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SameWeights(Train(config, 0), Train(config, 41));
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("tokens-attention-separate")]
    public void ChunkLength_ChangesTheTrainedWeights(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        MambaWeights whole = Train(config, 0), ten = Train(config, 10), twenty = Train(config, 20);
        Assert.Contains(whole, tensor => !tensor.Values.AsSpan().SequenceEqual(ten[tensor.Name].Values));
        Assert.Contains(twenty, tensor => !tensor.Values.AsSpan().SequenceEqual(ten[tensor.Name].Values));
        SameWeights(ten, Train(config, 10));
    }

    [Fact]
    public void LongerChunks_ApproachTheWholeGradient()
    {
        // Short memory: what a border cuts off is then little, and less of it the fewer borders there are.
        MambaConfig config = ModelCases.Get("tokens-mean");
        SequenceBatch batch = RandomBatches.Create(config, 2, 256);
        double[] whole = Gradient(0);
        double error = double.PositiveInfinity;
        foreach (int length in new[] { 2, 16, 128 })
        {
            double[] gradient = Gradient(length);
            double difference = Math.Sqrt(whole.Zip(gradient, (a, b) => (a - b) * (a - b)).Sum());
            Assert.True(difference > 0 && difference < error, $"chunks of {length} differ by {difference}, the shorter ones by {error}");
            error = difference;
        }

        double[] Gradient(int length)
        {
            MambaWeights state = Step(config, batch, [1], Plain with { BackpropagationLength = length }).State;
            return [.. state.Where(tensor => tensor.Name.StartsWith("exp_avg.", StringComparison.Ordinal))
                .SelectMany(tensor => tensor.Values).Select(value => (double)value)];
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1073741825)]
    public void WrongLength_IsNamed(int length)
    {
        using IMambaModel model = CreateModel(ModelCases.Get("tokens-mean"));
        string message = Assert.ThrowsAny<ArgumentException>(() => model.StartTraining(new MambaTrainingSettings { BackpropagationLength = length })).Message;
        Assert.Contains($"BackpropagationLength must be 0 to 1073741824; got {length}", message, StringComparison.Ordinal);
    }

    private (MambaStepResult Result, MambaWeights State) Step(MambaConfig config, SequenceBatch batch, int[] targets, MambaTrainingSettings settings)
    {
        using IMambaModel model = CreateModel(config);
        using IMambaTrainingSession session = model.StartTraining(settings);
        MambaStepResult result = session.TrainStep(batch, targets, 0);
        return (result, session.ExportOptimizerState());
    }

    private MambaWeights Train(MambaConfig config, int length)
    {
        using IMambaModel model = CreateModel(config);
        using IMambaTrainingSession session = model.StartTraining(
            new MambaTrainingSettings { Dropout = 0.2f, HeadDropout = 0.1f, TokenDropout = 0.1f, BackpropagationLength = length });
        for (int step = 0; step < 3; step++)
            session.TrainStep(RandomBatches.Create(config, step, 5, 41, 9), [0, 1, 1], 0.01f);
        return session.ExportWeights();
    }
}
