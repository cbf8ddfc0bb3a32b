using Microsoft.ML.Mamba.EngineConformance.Reference;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>Every training setting changes something that can be seen; every wrong one is refused by name.</summary>
public abstract class TrainingOptionsSuite : EngineTests
{
    private static readonly MambaConfig Config = ModelCases.Get("tokens-mean");
    private static readonly SequenceBatch Batch = RandomBatches.Create(Config, 1, 6, 9, 4);
    private static readonly int[] Targets = [0, 2, 1];

    [Fact]
    public void Loss_IsTheSmoothedAndWeightedCrossEntropy()
    {
        double[] logits = ReferenceForward(Config, Batch);
        foreach ((float smoothing, float[] weights) in new (float, float[])[] { (0, []), (0.3f, []), (0, [0.1f, 1, 3]), (0.1f, [0.1f, 1, 3]), (0, [0, 1, 3]) })
        {
            using IMambaModel model = CreateModel(Config);
            using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { LabelSmoothing = smoothing, ClassWeights = weights });
            double expected = ReferenceLoss.CrossEntropy(logits, Targets, smoothing, weights);
            Close.Values([expected], [session.TrainStep(Batch, Targets, 0).Loss], ForwardTolerance, $"smoothing {smoothing}");
        }
    }

    [Fact]
    public void BatchWithoutWeight_ChangesNothing()
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { ClassWeights = [0, 1, 1], WeightDecay = 0 });
        MambaStepResult result = session.TrainStep(Batch, [0, 0, 0], 0.1f);
        Assert.Equal(0, result.Loss);
        Assert.Equal(0, result.GradientNorm);
        SameWeights(RandomWeights.Create(Config, 1), session.ExportWeights());
    }

    [Fact]
    public void EveryOptionChangesTheTrainedWeights()
    {
        var basis = new MambaTrainingSettings { Dropout = 0.1f };
        var variants = new Dictionary<string, MambaTrainingSettings>
        {
            ["Seed"] = basis with { Seed = 2 },
            ["WeightDecay"] = basis with { WeightDecay = 0.1f },
            ["Beta1"] = basis with { Beta1 = 0.5f },
            ["Beta2"] = basis with { Beta2 = 0.5f },
            ["AdamEpsilon"] = basis with { AdamEpsilon = 0.1f },
            ["MaxGradientNorm"] = basis with { MaxGradientNorm = 1e-3f, AdamEpsilon = 1e-3f },
            ["Dropout"] = basis with { Dropout = 0.5f },
            ["HeadDropout"] = basis with { HeadDropout = 0.5f },
            ["TokenDropout"] = basis with { TokenDropout = 0.5f },
            ["LabelSmoothing"] = basis with { LabelSmoothing = 0.2f },
            ["ClassWeights"] = basis with { ClassWeights = [1, 2, 3] },
        };
        MambaWeights expected = Train(basis);
        foreach ((string name, MambaTrainingSettings settings) in variants)
        {
            MambaWeights actual = Train(settings);
            Assert.True(expected.Any(tensor => !tensor.Values.AsSpan().SequenceEqual(actual[tensor.Name].Values)), $"{name} changes nothing");
        }
    }

    [Fact]
    public void WeightDecay_ShrinksMatricesOnly()
    {
        MambaConfig config = Config with { UseBias = true, Pooling = MambaPooling.Attention, MaxPositions = 5 };
        using IMambaModel model = CreateModel(config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { WeightDecay = 0.5f, ClassWeights = [0, 1, 1] });
        session.TrainStep(Batch, [0, 0, 0], 0.2f);
        MambaWeights before = RandomWeights.Create(config, 1), after = session.ExportWeights();
        foreach (MambaParameter parameter in MambaParameters.List(config))
        {
            double factor = parameter.Decays ? 0.9 : 1;
            Close.Values(Array.ConvertAll(before[parameter.Name].Values, value => factor * value), after[parameter.Name].Values, 1e-6, parameter.Name);
        }
    }

    [Theory]
    [InlineData("Dropout")]
    [InlineData("HeadDropout")]
    public void Dropout_KeepsTheExpectation(string which)
    {
        // A huge epsilon makes the norm linear and the logits tiny: the gradient of the head's weights is then proportional to the pooled vector,
        // and its mean over many masks is that of no mask only where kept elements are scaled up.
        MambaConfig config = Config with { NumLayers = 0, DModel = 64, NormEpsilon = 1e4f };
        SequenceBatch batch = RandomBatches.Create(config, 3, 40, 40);
        var settings = new MambaTrainingSettings
        {
            Dropout = which == "Dropout" ? 0.4f : 0,
            HeadDropout = which == "HeadDropout" ? 0.4f : 0,
            Beta1 = 0,
            MaxGradientNorm = float.PositiveInfinity,
        };
        double[] exact = WeightGradient(config, batch, settings with { Dropout = 0, HeadDropout = 0 }, 1);
        double[] mean = WeightGradient(config, batch, settings, 400);
        double scale = exact.Max(Math.Abs), error = exact.Zip(mean, (a, b) => Math.Abs(a - b)).Average();
        Assert.True(error <= 0.05 * scale, $"mean error {error} of {scale}");
    }

    [Fact]
    public void WrongTargets_AreNamed()
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        foreach (int target in new[] { 3, -1 })
            Names(Assert.ThrowsAny<ArgumentException>(() => session.TrainStep(Batch, [0, target, 0], 0.1f)), "sequence 1", target.ToString(), "3");
        Names(Assert.ThrowsAny<ArgumentException>(() => session.TrainStep(Batch, [0, 1], 0.1f)), "3", "2");
        Names(Assert.ThrowsAny<ArgumentException>(() => session.TrainStep(SequenceBatch.FromTokens(Array.Empty<int>(), new[] { 0 }), [], 0.1f)), "no sequence");
    }

    [Theory]
    [InlineData(-0.5f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void WrongLearningRate_IsNamed(float learningRate)
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        Names(Assert.ThrowsAny<ArgumentException>(() => session.TrainStep(Batch, Targets, learningRate)), "learningRate", learningRate.ToString());
    }

    [Fact]
    public void StartTraining_RefusesWhatCannotBeTrained()
    {
        using IMambaModel model = CreateModel(Config), language = CreateModel(ModelCases.Get("language-own"));
        Names(Assert.ThrowsAny<ArgumentException>(() => language.StartTraining(new MambaTrainingSettings())), "LanguageModel");
        Names(Assert.ThrowsAny<ArgumentException>(() => model.StartTraining(new MambaTrainingSettings { Dropout = 1 })), "Dropout", "1");
        Names(Assert.ThrowsAny<ArgumentException>(() => model.StartTraining(new MambaTrainingSettings { ClassWeights = [1, 2] })), "ClassWeights", "3", "2");
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        Names(Assert.Throws<InvalidOperationException>(() => model.StartTraining(new MambaTrainingSettings())), "session");
        Names(Assert.Throws<InvalidOperationException>(() => model.Forward(Batch, new float[9])), "session");
        Names(Assert.Throws<InvalidOperationException>(() => model.ForwardPooled(Batch, new float[18])), "session");
    }

    [Fact]
    public void Imports_NameTheTensorThatIsWrong()
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        MambaWeights before = session.ExportWeights();
        Names(Assert.Throws<ArgumentException>(() => session.ImportWeights(RandomWeights.Create(Config with { UseBias = true }, 3))), "in_proj.bias");
        SameWeights(before, session.ExportWeights());
        MambaWeights state = session.ExportOptimizerState(), missing = new(), extra = state.Clone(), misshapen = new();
        foreach (MambaTensor tensor in state.Where(tensor => tensor.Name != "exp_avg_sq.classifier.bias"))
            missing.Add(tensor);
        extra.Add(new MambaTensor("exp_avg.other", [1], [0]));
        foreach (MambaTensor tensor in state)
            misshapen.Add(tensor.Name == "exp_avg.classifier.bias" ? new MambaTensor(tensor.Name, [2], [0, 0]) : tensor);
        Names(Assert.Throws<ArgumentException>(() => session.ImportOptimizerState(missing)), "exp_avg_sq.classifier.bias");
        Names(Assert.Throws<ArgumentException>(() => session.ImportOptimizerState(extra)), "exp_avg.other");
        Names(Assert.Throws<ArgumentException>(() => session.ImportOptimizerState(misshapen)), "exp_avg.classifier.bias", "[3]", "[2]");
        state["step"].Values[0] = 1.5f;
        Names(Assert.Throws<ArgumentException>(() => session.ImportOptimizerState(state)), "step", "1.5");
    }

    [Fact]
    public void DisposedSession_Throws()
    {
        using IMambaModel model = CreateModel(Config);
        IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        MambaWeights state = session.ExportOptimizerState(), weights = session.ExportWeights();
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.TrainStep(Batch, Targets, 0.1f));
        Assert.Throws<ObjectDisposedException>(() => session.Forward(Batch, new float[9]));
        Assert.Throws<ObjectDisposedException>(() => session.ExportWeights());
        Assert.Throws<ObjectDisposedException>(() => session.ExportOptimizerState());
        Assert.Throws<ObjectDisposedException>(() => session.ImportWeights(weights));
        Assert.Throws<ObjectDisposedException>(() => session.ImportOptimizerState(state));
        model.StartTraining(new MambaTrainingSettings()).Dispose();
        Assert.Equal(9, Forward(model, Batch).Length);
    }

    private MambaWeights Train(MambaTrainingSettings settings)
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(settings);
        for (int step = 0; step < 3; step++)
            session.TrainStep(Batch, Targets, 0.01f);
        return session.ExportWeights();
    }

    private double[] WeightGradient(MambaConfig config, SequenceBatch batch, MambaTrainingSettings settings, int masks)
    {
        using IMambaModel model = CreateModel(config);
        using IMambaTrainingSession session = model.StartTraining(settings);
        double[] mean = new double[config.NumClasses * config.DModel];
        for (int i = 0; i < masks; i++)
        {
            session.TrainStep(batch, [0, 1], 0);
            float[] gradient = session.ExportOptimizerState()["exp_avg.classifier.weight"].Values;
            for (int k = 0; k < mean.Length; k++)
                mean[k] += gradient[k] / masks;
        }

        return mean;
    }

    private static void Names(Exception exception, params string[] parts)
    {
        foreach (string part in parts)
            Assert.Contains(part, exception.Message, StringComparison.OrdinalIgnoreCase);
    }
}
