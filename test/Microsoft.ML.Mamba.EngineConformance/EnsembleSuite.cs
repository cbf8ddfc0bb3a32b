using Microsoft.ML.Mamba.EngineConformance.Support;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>An ensemble's outputs are made of its members' own, and its members learn what they would learn alone.</summary>
public abstract class EnsembleSuite : EngineTests
{
    private const int Size = 3;

    private static readonly MambaTrainingSettings s_settings = new()
    {
        Seed = 9, Dropout = 0.3f, HeadDropout = 0.2f, TokenDropout = 0.1f, WeightDecay = 0.1f, LabelSmoothing = 0.1f,
    };

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("tokens-attention-separate")]
    [InlineData("positions-frames-all-tied")]
    public void Forward_IsTheLogarithmOfTheMembersMeanProbabilities(string name)
    {
        using MambaEnsemble ensemble = Create(name, Size);
        SequenceBatch batch = RandomBatches.Create(ensemble.Config, 2, 1, 30, 4, 9);
        double[] mean = new double[batch.Count * ensemble.Config.NumClasses];
        foreach (IMambaModel member in ensemble.Members)
        {
            double[] own = Softmax(Forward(member, batch), ensemble.Config.NumClasses);
            for (int i = 0; i < mean.Length; i++)
                mean[i] += own[i] / Size;
        }

        float[] logits = new float[mean.Length];
        ensemble.Forward(batch, logits);
        Close.Values(Array.ConvertAll(mean, Math.Log), logits, 1e-6, name);
        Close.Values(mean, Array.ConvertAll(Softmax(logits, ensemble.Config.NumClasses), value => (float)value), 1e-6, name);
    }

    [Fact]
    public void ForwardPooled_PutsTheMembersVectorsOneBehindAnother()
    {
        using MambaEnsemble ensemble = Create("tokens-attention-separate", Size);
        SequenceBatch batch = RandomBatches.Create(ensemble.Config, 3, 5, 1, 17);
        int width = ensemble.Config.DModel;
        Assert.Equal(Size * width, ensemble.PooledWidth);
        float[] pooled = new float[batch.Count * ensemble.PooledWidth], own = new float[batch.Count * width];
        ensemble.ForwardPooled(batch, pooled);
        for (int m = 0; m < Size; m++)
        {
            ensemble.Members[m].ForwardPooled(batch, own);
            for (int row = 0; row < batch.Count; row++)
                Close.Bits(own.AsSpan(row * width, width), pooled.AsSpan((row * Size + m) * width, width), $"member {m}, row {row}");
        }

        Assert.Contains("PooledWidth", Assert.Throws<ArgumentException>(() => ensemble.ForwardPooled(batch, own)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("frames-separate-max")]
    public void Saliency_IsTheMembersMean_AndExplainsTheEnsemblesClass(string name)
    {
        using MambaEnsemble ensemble = Create(name, Size);
        SequenceBatch batch = RandomBatches.Create(ensemble.Config, 4, 6, 3, 11);
        int classes = ensemble.Config.NumClasses;
        float[] logits = new float[batch.Count * classes], saliency = new float[batch.TokenCount], explained = new float[batch.Count * classes];
        ensemble.Forward(batch, logits);
        int[] predicted = [.. Enumerable.Range(0, batch.Count).Select(row => IndexOfLargest(logits.AsSpan(row * classes, classes)))];
        foreach (int[] targets in new[] { [-1, -1, -1], predicted, new[] { 1, -1, 0 } })
        {
            ensemble.Saliency(batch, targets, saliency, explained);
            int[] resolved = [.. targets.Select((target, row) => target < 0 ? predicted[row] : target)];
            double[] mean = new double[batch.TokenCount];
            float[] own = new float[batch.TokenCount], unused = new float[logits.Length];
            foreach (IMambaModel member in ensemble.Members)
            {
                member.Saliency(batch, resolved, own, unused);
                for (int t = 0; t < mean.Length; t++)
                    mean[t] += own[t] / (double)Size;
            }

            Close.Values(mean, saliency, 1e-5, $"{name}, {string.Join(", ", targets)}");
            Close.Values(logits, explained, ForwardTolerance, name);
        }

        Assert.Contains("targets", Assert.ThrowsAny<ArgumentException>(() => ensemble.Saliency(batch, [0], saliency, explained)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneMember_IsThatModel()
    {
        MambaConfig config = ModelCases.Get("tokens-mean");
        using MambaEnsemble ensemble = MambaEnsemble.Create(Engine, config, 1, seed: 4);
        using IMambaModel alone = Engine.CreateModel(config, MambaInitializer.Create(config, 4));
        SequenceBatch batch = RandomBatches.Create(config, 2, 1, 30, 4);
        float[] logits = new float[batch.Count * config.NumClasses];
        ensemble.Forward(batch, logits);
        Close.Bits(Forward(alone, batch), logits, "logits");
        SameWeights(alone.ExportWeights(), Assert.Single(ensemble.ExportWeights()));
    }

    [Theory]
    [InlineData("tokens-attention-separate")]
    [InlineData("falcon-separate")]
    public void Members_LearnWhatTheyWouldLearnAlone(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        using MambaEnsemble ensemble = MambaEnsemble.Create(Engine, config, Size, seed: 5);
        using IMambaTrainingSession session = ensemble.StartTraining(s_settings);
        IMambaModel[] alone = [.. Enumerable.Range(0, Size)
            .Select(m => Engine.CreateModel(config, MambaInitializer.Create(config, MambaEnsemble.SeedOf(5, m))))];
        IMambaTrainingSession[] sessions = [.. alone.Select((model, m) => model.StartTraining(s_settings with { Seed = MambaEnsemble.SeedOf(9, m) }))];
        session.StartAverage();
        Array.ForEach(sessions, each => each.StartAverage());
        for (int step = 0; step < 4; step++)
        {
            SequenceBatch batch = RandomBatches.Create(config, 10 + step, 4, 2, 6);
            int[] targets = RandomBatches.Targets(config, 20 + step, 3);
            MambaStepResult[] own = [.. sessions.Select(each => each.TrainStep(batch, targets, 0.01f))];
            MambaStepResult result = session.TrainStep(batch, targets, 0.01f);
            Assert.Equal(own.Average(each => (double)each.Loss), result.Loss, 1e-5);
            Assert.Equal(own.Average(each => (double)each.GradientNorm), result.GradientNorm, 1e-5 * result.GradientNorm);
            Assert.Equal(step + 1, session.StepCount);
            session.UpdateAverage(0.3f);
            Array.ForEach(sessions, each => each.UpdateAverage(0.3f));
        }

        SameWeights(Joined(sessions, each => each.ExportWeights()), session.ExportWeights());
        SameWeights(Joined(sessions, each => each.ExportOptimizerState()), session.ExportOptimizerState());
        SameWeights(Joined(sessions, each => each.ExportAverage()), session.ExportAverage());
        Array.ForEach(sessions, each => each.Dispose());
        Array.ForEach(alone, model => model.Dispose());
    }

    [Fact]
    public void Session_ScoresAndSwapsAsAWhole()
    {
        using MambaEnsemble ensemble = Create("tokens-mean", Size);
        SequenceBatch batch = RandomBatches.Create(ensemble.Config, 2, 5, 8);
        float[] before = new float[batch.Count * ensemble.Config.NumClasses], after = new float[before.Length], swapped = new float[before.Length];
        using (IMambaTrainingSession session = ensemble.StartTraining(s_settings))
        {
            session.Forward(batch, before);
            session.StartAverage();
            session.TrainStep(batch, [0, 1], 0.1f);
            session.Forward(batch, after);
            Assert.NotEqual(before, after);
            session.SwapAverage();
            session.Forward(batch, swapped);
            Close.Bits(before, swapped, "average");
            session.SwapAverage();
        }

        ensemble.Forward(batch, swapped);
        Close.Bits(after, swapped, "ensemble");
    }

    [Fact]
    public void InterruptedTraining_GoesOnAlike()
    {
        MambaConfig config = ModelCases.Get("tokens-attention-separate");
        MambaTrainingOptions options = new() { MaxEpochs = 4, BatchSize = 7, Dropout = 0.3f, WeightAveraging = 0.9f, ValidationFraction = 0.2, Seed = 5 };
        string folder = Directory.CreateTempSubdirectory("mamba-ensemble-").FullName;
        try
        {
            (MambaWeights[] expected, TrainingHistory whole) = Train(config, Size, options, int.MaxValue);
            MambaTrainingOptions saving = options with { Checkpoints = new CheckpointOptions { Folder = folder } };
            Assert.Throws<OperationCanceledException>(() => Train(config, Size, saving, 8));
            string message = Assert.Throws<InvalidOperationException>(() => Train(config, 1, saving, int.MaxValue)).Message;
            Assert.Contains("the model's ensemble_size was 3 and is 1", message, StringComparison.Ordinal);
            (MambaWeights[] actual, TrainingHistory history) = Train(config, Size, saving, int.MaxValue);
            Assert.Equal(8, history.ResumedAtStep);
            for (int m = 0; m < Size; m++)
                SameWeights(expected[m], actual[m]);
            Assert.Equal(whole.Epochs.Select(epoch => (epoch.TrainingLoss, epoch.ValidationLoss)),
                history.Epochs.Select(epoch => (epoch.TrainingLoss, epoch.ValidationLoss)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private MambaEnsemble Create(string name, int members) => MambaEnsemble.Create(Engine, ModelCases.Get(name), members, seed: 1);

    private (MambaWeights[] Weights, TrainingHistory History) Train(MambaConfig config, int members, MambaTrainingOptions options, int cancelAfter)
    {
        using MambaEnsemble ensemble = MambaEnsemble.Create(Engine, config, members, seed: 3);
        using var source = new CancellationTokenSource();
        TrainingHistory history = MambaTrainer.Train(ensemble, TrainingRows.Create(config), null, options, new CancelAfter(cancelAfter, source), source.Token);
        return ([.. ensemble.ExportWeights()], history);
    }

    private static MambaWeights Joined(IMambaTrainingSession[] sessions, Func<IMambaTrainingSession, MambaWeights> export)
    {
        var all = new MambaWeights();
        for (int m = 0; m < sessions.Length; m++)
        {
            foreach (MambaTensor tensor in export(sessions[m]))
                all.Add(new MambaTensor($"members.{m}.{tensor.Name}", tensor.Shape, tensor.Values));
        }

        return all;
    }

    private static double[] Softmax(float[] logits, int classes)
    {
        double[] probabilities = Array.ConvertAll(logits, logit => Math.Exp(logit));
        for (int row = 0; row < logits.Length; row += classes)
        {
            double sum = probabilities.AsSpan(row, classes).ToArray().Sum();
            for (int k = 0; k < classes; k++)
                probabilities[row + k] /= sum;
        }

        return probabilities;
    }

    private static int IndexOfLargest(Span<float> values)
    {
        float[] all = values.ToArray();
        return Array.IndexOf(all, all.Max());
    }
}
