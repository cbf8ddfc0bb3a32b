using Microsoft.ML.Mamba.EngineConformance.Reference;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>Gradients, read from AdamW's first moment: with Beta1 = 0 and without clipping it is the gradient itself.</summary>
public abstract class GradientSuite : EngineTests
{
    private static readonly MambaTrainingSettings Plain = new() { Beta1 = 0, MaxGradientNorm = float.PositiveInfinity };

    [Theory]
    [MemberData(nameof(ModelCases.Classifiers), MemberType = typeof(ModelCases))]
    public void Backward_MatchesFiniteDifference(string name) => MatchesFiniteDifference(ModelCases.Get(name), Plain, 5, 1, 8, 3);

    [Fact]
    public void Backward_MatchesFiniteDifference_WithClassWeightsAndLabelSmoothing() =>
        MatchesFiniteDifference(ModelCases.Get("tokens-mean"), Plain with { ClassWeights = [0.5f, 2, 1.25f], LabelSmoothing = 0.2f }, 4, 3, 7, 2, 5);

    [Fact]
    public void Backward_MatchesFiniteDifference_OverSeveralScanChunks() =>
        MatchesFiniteDifference(
            new MambaConfig
            {
                DModel = 3, NumLayers = 1, DState = 2, VocabSize = 4, NumClasses = 2, Direction = MambaDirection.BidirectionalSeparate,
            },
            Plain, 150, 65, 3);

    [Theory]
    [InlineData(MambaDirection.Forward, false)]
    [InlineData(MambaDirection.BidirectionalTied, true)]
    [InlineData(MambaDirection.BidirectionalSeparate, false)]
    public void Backward_MatchesFiniteDifference_ForWideModels(MambaDirection direction, bool normalize)
    {
        var config = new MambaConfig
        {
            DModel = 35, NumLayers = 2, VocabSize = 40, NumClasses = 19, UseBias = true, Direction = direction, NormalizeDtBC = normalize,
                Pooling = MambaPooling.Attention,
        };
        SequenceBatch batch = RandomBatches.Create(config, 4, 90, 3, 40);
        int[] targets = [3, 18, 0];
        var reference = new ReferenceModel(config, RandomWeights.Create(config, 1));
        using IMambaModel model = CreateModel(config);
        using IMambaTrainingSession session = model.StartTraining(Plain);
        session.TrainStep(batch, targets, 0);
        MambaWeights state = session.ExportOptimizerState();
        foreach ((string name, int index, double expected) in FiniteDifference.Sample(
            reference, 3, 5, () => ReferenceLoss.CrossEntropy(reference.Forward(batch), targets)))
        {
            float[] gradient = state["exp_avg." + name].Values;
            double allowed = GradientTolerance * Math.Max(1e-3, gradient.Max(Math.Abs)), difference = Math.Abs(expected - gradient[index]);
            Assert.True(difference <= allowed, $"{name}[{index}]: expected {expected}, got {gradient[index]}; the difference {difference} exceeds {allowed}.");
        }
    }

    private void MatchesFiniteDifference(MambaConfig config, MambaTrainingSettings settings, params int[] lengths)
    {
        SequenceBatch batch = RandomBatches.Create(config, 2, lengths);
        int[] targets = RandomBatches.Targets(config, 3, lengths.Length);
        var reference = new ReferenceModel(config, RandomWeights.Create(config, 1));
        double Loss() => ReferenceLoss.CrossEntropy(reference.Forward(batch), targets, settings.LabelSmoothing, settings.ClassWeights);
        double loss = Loss();
        Dictionary<string, double[]> expected = FiniteDifference.Gradient(reference, Loss);

        using IMambaModel model = CreateModel(config);
        using IMambaTrainingSession session = model.StartTraining(settings);
        MambaStepResult result = session.TrainStep(batch, targets, 0);
        MambaWeights state = session.ExportOptimizerState();

        Close.Values([loss], [result.Loss], ForwardTolerance, "loss");
        double norm = Math.Sqrt(expected.Values.Sum(gradient => gradient.Sum(value => value * value)));
        Close.Values([norm], [result.GradientNorm], GradientTolerance, "gradient norm");
        foreach ((string parameter, double[] gradient) in expected)
            Close.Tensor(gradient, state["exp_avg." + parameter].Values, GradientTolerance, parameter);
    }
}
