using Microsoft.ML.Mamba.EngineConformance.Reference;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

public abstract class TrainingSuite : EngineTests
{
    private static readonly MambaConfig Small = new()
    {
        DModel = 3, NumLayers = 1, DState = 2, DConv = 2, VocabSize = 4, NumClasses = 2, UseBias = true, Pooling = MambaPooling.Attention,
    };
    private static readonly MambaConfig Tokens = ModelCases.Get("tokens-mean");

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(0.05f)]
    public void TrainStep_MatchesReferenceAdamW(float maxGradientNorm)
    {
        var settings = new MambaTrainingSettings { WeightDecay = 0.1f, Beta1 = 0.8f, Beta2 = 0.95f, AdamEpsilon = 1e-3f, MaxGradientNorm = maxGradientNorm };
        var reference = new ReferenceModel(Small, RandomWeights.Create(Small, 1));
        Dictionary<string, ReferenceAdamW> optimizers = MambaParameters.List(Small)
            .ToDictionary(parameter => parameter.Name, parameter => new ReferenceAdamW(reference.Parameters[parameter.Name], settings, parameter.Decays));
        using IMambaModel model = CreateModel(Small);
        using IMambaTrainingSession session = model.StartTraining(settings);
        for (int step = 0; step < 4; step++)
        {
            SequenceBatch batch = RandomBatches.Create(Small, 10 + step, 4, 2, 6);
            int[] targets = RandomBatches.Targets(Small, 20 + step, 3);
            float learningRate = 0.02f * (step + 1);
            Dictionary<string, double[]> gradients = FiniteDifference.Gradient(reference, () => ReferenceLoss.CrossEntropy(reference.Forward(batch), targets));
            double norm = Math.Sqrt(gradients.Values.Sum(gradient => gradient.Sum(value => value * value)));
            double scale = norm > maxGradientNorm ? maxGradientNorm / norm : 1;
            foreach ((string name, ReferenceAdamW optimizer) in optimizers)
                optimizer.Step(Array.ConvertAll(gradients[name], value => value * scale), learningRate);

            MambaStepResult result = session.TrainStep(batch, targets, learningRate);
            Close.Values([norm], [result.GradientNorm], GradientTolerance, "gradient norm");
            Assert.Equal(step + 1, session.StepCount);
        }

        foreach (MambaTensor tensor in session.ExportWeights())
            Close.Tensor(optimizers[tensor.Name].Values, tensor.Values, GradientTolerance, tensor.Name);
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("tokens-attention-separate")]
    [InlineData("falcon")]
    public void Training_SolvesAToyTask(string name)
    {
        MambaConfig config = ModelCases.Get(name) with { DModel = 16, DState = 8, NumClasses = 2 };
        using IMambaModel model = Engine.CreateModel(config, MambaInitializer.Create(config, 1));
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { WeightDecay = 0 });
        var random = new Random(3);
        var losses = new List<float>();
        const int Steps = 300;
        for (int step = 0; step < Steps; step++)
        {
            // Each row holds one 1 and one 2 among other tokens; the class is which of them comes first.
            SequenceBatch batch = RandomBatches.Create(config, step, 12, 8, 10, 9, 12, 7, 11, 12, 6, 12, 8, 9);
            int[] tokens = Array.ConvertAll(batch.Tokens.ToArray(), token => 3 + token % 4);
            int[] targets = new int[batch.Count];
            for (int i = 0; i < batch.Count; i++)
            {
                Span<int> row = tokens.AsSpan(batch.Offsets[i], batch.LengthOf(i));
                targets[i] = random.Next(2);
                int first = random.Next(row.Length - 1), second = random.Next(first + 1, row.Length);
                (row[first], row[second]) = targets[i] == 1 ? (1, 2) : (2, 1);
            }

            losses.Add(session.TrainStep(SequenceBatch.FromTokens(tokens, batch.Offsets.ToArray()), targets, 0.02f * (1 - (float)step / Steps)).Loss);
        }

        Assert.True(losses[0] > 0.5f, $"the first loss is {losses[0]}");
        Assert.True(losses[^10..].Average() < 0.05f, $"the last losses are {string.Join(", ", losses[^10..])}");
    }

    [Fact]
    public void SessionForward_UsesTheCurrentWeights()
    {
        using IMambaModel model = CreateModel(Tokens);
        SequenceBatch batch = RandomBatches.Create(Tokens, 2, 5, 7);
        float[] before = Forward(model, batch);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { Dropout = 0.3f, HeadDropout = 0.3f, TokenDropout = 0.3f });
        float[] untrained = new float[6], trained = new float[6];
        session.Forward(batch, untrained);
        Close.Bits(before, untrained, "before training");
        session.TrainStep(batch, [0, 1], 0.05f);
        session.Forward(batch, trained);
        Assert.NotEqual(untrained, trained);
        using IMambaModel copy = Engine.CreateModel(Tokens, session.ExportWeights());
        Close.Bits(Forward(copy, batch), trained, "after a step");
    }

    [Fact]
    public void ModelKeepsWhatTheSessionTrained()
    {
        using IMambaModel model = CreateModel(Tokens);
        MambaWeights trained;
        using (IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings()))
        {
            session.TrainStep(RandomBatches.Create(Tokens, 2, 5, 7), [0, 1], 0.05f);
            trained = session.ExportWeights();
        }

        SameWeights(trained, model.ExportWeights());
        Assert.NotEqual(RandomWeights.Create(Tokens, 1)["classifier.weight"].Values, trained["classifier.weight"].Values);
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("falcon-separate")]
    [InlineData("positions-all")]
    public void Training_GivesTheSameWeightsEveryTime(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        MambaWeights Train(int seed)
        {
            using IMambaModel model = CreateModel(config);
            using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings
            {
                Seed = seed, Dropout = 0.2f, HeadDropout = 0.1f, TokenDropout = 0.1f,
            });
            for (int step = 0; step < 4; step++)
                session.TrainStep(RandomBatches.Create(config, step, 30, 5, 9), [0, 1, 1], 0.01f);
            return session.ExportWeights();
        }

        MambaWeights first = Train(1);
        SameWeights(first, Train(1));
        Assert.Contains(Train(2), tensor => !tensor.Values.AsSpan().SequenceEqual(first[tensor.Name].Values));
    }

    [Fact]
    public void Resume_GivesTheSameWeightsBitForBit()
    {
        var settings = new MambaTrainingSettings { Seed = 5, Dropout = 0.2f, HeadDropout = 0.2f, TokenDropout = 0.1f };
        static void Step(IMambaTrainingSession session, int step) => session.TrainStep(RandomBatches.Create(Tokens, step, 8, 5, 9), [0, 1, 2], 0.01f);
        using IMambaModel straight = CreateModel(Tokens), resumed = CreateModel(Tokens, 9);
        using IMambaTrainingSession first = straight.StartTraining(settings);
        Step(first, 0);
        Step(first, 1);
        MambaWeights weights = first.ExportWeights(), state = first.ExportOptimizerState();
        Step(first, 2);
        Step(first, 3);

        using IMambaTrainingSession second = resumed.StartTraining(settings);
        second.ImportWeights(weights);
        second.ImportOptimizerState(state);
        Assert.Equal(2, second.StepCount);
        SameWeights(weights, second.ExportWeights());
        SameWeights(state, second.ExportOptimizerState());
        Step(second, 2);
        Step(second, 3);
        SameWeights(first.ExportWeights(), second.ExportWeights());
        SameWeights(first.ExportOptimizerState(), second.ExportOptimizerState());
    }

    [Fact]
    public void OptimizerState_HasTwoMomentsAParameterAndTheStep()
    {
        using IMambaModel model = CreateModel(Tokens);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        session.TrainStep(RandomBatches.Create(Tokens, 1, 4), [2], 0.01f);
        MambaWeights state = session.ExportOptimizerState();
        IReadOnlyList<MambaParameter> parameters = MambaParameters.List(Tokens);
        Assert.Equal(2 * parameters.Count + 1, state.Count);
        foreach (MambaParameter parameter in parameters)
        {
            Assert.Equal(parameter.Shape, state["exp_avg." + parameter.Name].Shape.ToArray());
            Assert.Equal(parameter.Shape, state["exp_avg_sq." + parameter.Name].Shape.ToArray());
        }

        Assert.Equal(0, state["step"].Shape.Length);
        Assert.Equal([1f], state["step"].Values);
    }

    [Fact]
    public void NonFiniteStep_LeavesWeightsAndMomentsAlone()
    {
        MambaConfig config = ModelCases.Get("frames-mean");
        using IMambaModel model = CreateModel(config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        session.TrainStep(RandomBatches.Create(config, 1, 4), [2], 0.01f);
        MambaWeights weights = session.ExportWeights(), state = session.ExportOptimizerState();
        MambaWeights broken = weights.Clone();
        broken["classifier.bias"].Values[1] = float.PositiveInfinity;
        session.ImportWeights(broken);
        MambaStepResult result = session.TrainStep(RandomBatches.Create(config, 2, 4), [2], 0.01f);
        Assert.False(result.IsFinite);
        Assert.Equal(1, session.StepCount);
        SameWeights(broken, session.ExportWeights());
        SameWeights(state, session.ExportOptimizerState());
        session.ImportWeights(weights);
        Assert.True(session.TrainStep(RandomBatches.Create(config, 2, 4), [2], 0.01f).IsFinite);
    }

    [Fact]
    public void CancelledStep_LeavesWeightsAndMomentsAlone()
    {
        using IMambaModel model = CreateModel(Tokens);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        MambaWeights weights = session.ExportWeights(), state = session.ExportOptimizerState();
        var cancelled = new CancellationToken(canceled: true);
        Assert.ThrowsAny<OperationCanceledException>(() => session.TrainStep(RandomBatches.Create(Tokens, 1, 4), [2], 0.01f, cancelled));
        Assert.Equal(0, session.StepCount);
        SameWeights(weights, session.ExportWeights());
        SameWeights(state, session.ExportOptimizerState());
    }
}
