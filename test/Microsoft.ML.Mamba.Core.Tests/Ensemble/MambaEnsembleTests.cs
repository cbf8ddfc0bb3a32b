using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Ensemble;

public class MambaEnsembleTests
{
    private static readonly MambaTrainingOptions s_options = new() { MaxEpochs = 3, BatchSize = 4, LearningRate = 0.5f, WarmupFraction = 0 };

    [Fact]
    public void Members_AreChecked()
    {
        Refused([], "1 to 64", "got 0");
        Refused(Enumerable.Range(0, 65).Select(_ => new FakeModel()), "1 to 64", "got 65");
        Refused([new FakeModel(), null!], "members[1] is null");
        Refused([new FakeModel(), new FakeModel(classes: 3)], "members[1] has another configuration");
        var one = new FakeModel();
        Refused([new FakeModel(), one, one], "members[2] is there twice");
        Refused([new FakeModel { Config = new MambaConfig { VocabSize = 4, Head = MambaHead.None } }], "members[0]", "Classification");
        Assert.Throws<ArgumentNullException>(() => new MambaEnsemble(null!));
        Assert.Equal(64, new MambaEnsemble(Enumerable.Range(0, 64).Select(_ => new FakeModel())).Members.Count);

        static void Refused(IEnumerable<IMambaModel> members, params string[] parts)
        {
            var error = Assert.ThrowsAny<ArgumentException>(() => new MambaEnsemble(members));
            Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Seeds_AreTheModelsOwn()
    {
        Assert.Equal(7, MambaEnsemble.SeedOf(7, 0));
        int[] seeds = [.. Enumerable.Range(0, 64).Select(member => MambaEnsemble.SeedOf(7, member))];
        Assert.Equal(64, seeds.Distinct().Count());
        Assert.DoesNotContain(MambaEnsemble.SeedOf(8, 1), seeds);
        Assert.Equal(seeds[5], MambaEnsemble.SeedOf(7, 5));
    }

    [Fact]
    public void EveryMember_ReadsEveryRowInAnOrderOfItsOwn()
    {
        FakeModel[] members = [new(), new(), new()];
        SequenceDataset rows = TrainingData.OfLengths([.. Enumerable.Range(1, 20)]);
        MambaTrainer.Train(new MambaEnsemble(members), rows, null, s_options with { Seed = 7 });
        Assert.Equal(Enumerable.Range(0, 3).Select(m => MambaEnsemble.SeedOf(7, m)), members.Select(member => member.Settings!.Seed));
        Assert.All(members, member =>
        {
            Assert.Equal(15, member.Steps.Count);
            Assert.Equal(0, member.OpenSessions);
            foreach (var epoch in member.Steps.Chunk(5))
                Assert.Equal(Enumerable.Range(1, 20), epoch.SelectMany(step => step.Lengths).Order());
        });
        Assert.NotEqual(members[0].Steps.SelectMany(step => step.Lengths), members[1].Steps.SelectMany(step => step.Lengths));
        Assert.NotEqual(members[1].Steps.SelectMany(step => step.Lengths), members[2].Steps.SelectMany(step => step.Lengths));
    }

    [Fact]
    public void EveryMember_VariesTheRowsInItsOwnWay_AndTheFirstAsIfAlone()
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForFrames(1);
        for (int i = 0; i < 8; i++)
            builder.Add([1f, 2f, 3f], i % 2);
        SequenceDataset rows = builder.Build();
        MambaTrainingOptions options = s_options with { Augmentation = new SequenceAugmentation { Noise = 0.1f } };
        FakeModel[] members = [.. Enumerable.Range(0, 2).Select(_ => new FakeModel(vocabulary: 0, channels: 1))];
        var alone = new FakeModel(vocabulary: 0, channels: 1);
        MambaTrainer.Train(new MambaEnsemble(members), rows, null, options);
        MambaTrainer.Train(alone, rows, null, options);
        Assert.Equal(alone.StepFrames, members[0].StepFrames);
        Assert.NotEqual(members[0].StepFrames[0], members[1].StepFrames[0]);
        Assert.Equal(alone.Weights["w"].Values, members[0].Weights["w"].Values);
    }

    [Fact]
    public void MembersWithOtherNumbersOfBatches_ReadTheFirstOnes()
    {
        // One row of 10 tokens and many of 1 to 4: how they are cut into batches of at most 10 tokens depends on their order.
        SequenceDataset rows = TrainingData.OfLengths([10, .. Enumerable.Range(0, 30).Select(i => 1 + i % 4)]);
        FakeModel[] members = [.. Enumerable.Range(0, 5).Select(_ => new FakeModel())];
        var counts = new HashSet<int>();
        for (int m = 0; m < 5; m++)
            counts.Add(new BatchPlanner(rows, 8, 10, MambaEnsemble.SeedOf(3, m), 1).PlanEpoch(1).Count);
        Assert.True(counts.Count > 1, "the case does not show what it should");
        MambaTrainingOptions options = s_options with { BatchSize = 8, MaxBatchTokens = 10, LengthBucketBatches = 1, Seed = 3, MaxEpochs = 1 };
        MambaTrainer.Train(new MambaEnsemble(members), rows, null, options);
        Assert.All(members, member =>
        {
            Assert.Equal(members[0].Steps.Count, member.Steps.Count);
            Assert.Equal(rows.TokenCount, member.Steps.Sum(step => step.Lengths.Sum()));
        });
    }

    [Fact]
    public void Validation_IsOfTheMean()
    {
        // One member says class 0 with 3/4, the other class 1 with 7/8, whatever the row: the mean is 7/16 and 9/16.
        FakeModel Saying(double share) => new()
        {
            AfterForward = (_, logits) =>
            {
                for (int i = 0; i < logits.Length; i += 2)
                    (logits[i], logits[i + 1]) = ((float)Math.Log(share), (float)Math.Log(1 - share));
            },
        };
        var ensemble = new MambaEnsemble([Saying(0.75), Saying(0.125)]);
        SequenceDataset rows = TrainingData.OfLabels(0, 1, 1, 1);
        MambaEvaluation evaluation = MambaTrainer.Evaluate(ensemble, rows);
        double expected = -(Math.Log(7 / 16.0) + 3 * Math.Log(9 / 16.0)) / 4;
        Assert.Equal(expected, evaluation.Loss, 1e-6);
        Assert.Equal(0.75, evaluation.Accuracy);
        TrainingHistory history = MambaTrainer.Train(ensemble, rows, rows, s_options);
        Assert.Equal(expected, history.Epochs[^1].ValidationLoss!.Value, 1e-6);
    }

    [Fact]
    public void CancelledStep_IsWholeOrNotMade()
    {
        using var source = new CancellationTokenSource();
        FakeModel first = new() { BeforeStep = step => { if (step == 3) source.Cancel(); return null; } };
        FakeModel second = new();
        Assert.Throws<OperationCanceledException>(() => Train([first, second], source));
        // The fake looks at its token before it steps: the first member refused its third step, and the second was not asked for it.
        Assert.Equal((3, 2), (first.Steps.Count, second.Steps.Count));

        using var later = new CancellationTokenSource();
        first = new FakeModel();
        second = new FakeModel { BeforeStep = step => { if (step == 3) later.Cancel(); return null; } };
        Assert.Throws<OperationCanceledException>(() => Train([first, second], later));
        Assert.Equal((3, 3), (first.Steps.Count, second.Steps.Count));

        static void Train(FakeModel[] members, CancellationTokenSource cancellation) =>
            MambaTrainer.Train(new MambaEnsemble(members), TrainingData.Tokens(20), null, s_options, null, cancellation.Token);
    }

    [Fact]
    public void DivergedMember_EndsTheTrainingOfAll()
    {
        FakeModel[] cancelled = [new() { BeforeStep = step => step == 11 ? throw new OperationCanceledException() : null }, new()];
        Assert.Throws<OperationCanceledException>(() => MambaTrainer.Train(new MambaEnsemble(cancelled), TrainingData.Tokens(20), null, s_options));
        FakeModel[] members = [new(), new() { BeforeStep = step => step == 12 ? new MambaStepResult(float.NaN, 1) : null }];
        TrainingHistory history = MambaTrainer.Train(new MambaEnsemble(members), TrainingData.Tokens(20), null, s_options);
        Assert.Equal((TrainingStopReason.Diverged, 11), (history.StopReason, history.TotalSteps));
        Assert.Contains("The weights of epoch 2 are restored", history.Warning, StringComparison.Ordinal);
        // The first had stepped when the second diverged; both go back to where the epoch ended.
        Assert.Equal(12, members[0].Steps.Count);
        for (int m = 0; m < 2; m++)
            Assert.Equal(cancelled[m].Weights["w"].Values, members[m].Weights["w"].Values);
    }

    [Fact]
    public void Dispose_ReachesEveryMember_AlsoWhereCreationFails()
    {
        var engine = new CountingEngine();
        var config = new MambaConfig { VocabSize = 4, NumClasses = 2 };
        MambaEnsemble.Create(engine, config, 3, seed: 1).Dispose();
        Assert.Equal((3, 3), (engine.Created, engine.Disposed));
        engine.FailsAt = 6;
        Assert.Throws<TimeoutException>(() => MambaEnsemble.Create(engine, config, 5, seed: 1));
        Assert.Equal((5, 5), (engine.Created, engine.Disposed));
        var error = Assert.ThrowsAny<ArgumentException>(() => MambaEnsemble.Create(engine, config, 0, seed: 1));
        Assert.Contains("members must be 1 to 64; got 0", error.Message, StringComparison.Ordinal);
    }

    private sealed class CountingEngine : IMambaEngine
    {
        public string Name => "counting";

        public int Created { get; private set; }

        public int Disposed { get; private set; }

        public int FailsAt { get; set; }

        public IMambaModel CreateModel(MambaConfig config, MambaWeights weights)
        {
            if (Created + 1 == FailsAt)
                throw new TimeoutException();
            Created++;
            return new FakeModel { Config = config, OnDispose = () => Disposed++ };
        }
    }
}
