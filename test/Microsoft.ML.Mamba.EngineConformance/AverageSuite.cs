using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>The average of the weights that a session keeps.</summary>
public abstract class AverageSuite : EngineTests
{
    private static readonly MambaConfig Config = ModelCases.Get("tokens-attention-separate");
    private static readonly SequenceBatch Batch = RandomBatches.Create(Config, 1, 6, 9, 4);
    private static readonly int[] Targets = [0, 2, 1];

    [Fact]
    public void StartAverage_CopiesTheWeights()
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        session.StartAverage();
        MambaWeights first = session.ExportWeights();
        session.TrainStep(Batch, Targets, 0.05f);
        SameWeights(first, session.ExportAverage());
        session.StartAverage();
        SameWeights(session.ExportWeights(), session.ExportAverage());
    }

    [Fact]
    public void UpdateAverage_FollowsTheFormula()
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        session.StartAverage();
        foreach (float share in new[] { 0.25f, 0, 0.9f, 1, 1e-3f })
        {
            MambaWeights before = session.ExportAverage();
            session.TrainStep(Batch, Targets, 0.05f);
            MambaWeights weights = session.ExportWeights();
            session.UpdateAverage(share);
            MambaWeights after = session.ExportAverage();
            SameWeights(weights, session.ExportWeights());
            foreach (MambaTensor tensor in before)
            {
                double[] expected = [.. tensor.Values.Zip(weights[tensor.Name].Values, (average, weight) => average + share * ((double)weight - average))];
                Close.Values(expected, after[tensor.Name].Values, 1e-6, $"{tensor.Name}, share {share}");
            }
        }
    }

    [Fact]
    public void SwapAverage_ExchangesAndTwiceIsTheIdentity()
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        MambaWeights average = RandomWeights.Create(Config, 9);
        session.ImportAverage(average);
        session.TrainStep(Batch, Targets, 0.05f);
        MambaWeights weights = session.ExportWeights(), state = session.ExportOptimizerState();
        float[] before = new float[9], swapped = new float[9], after = new float[9];
        session.Forward(Batch, before);

        session.SwapAverage();
        SameWeights(average, session.ExportWeights());
        SameWeights(weights, session.ExportAverage());
        session.Forward(Batch, swapped);
        using IMambaModel averaged = Engine.CreateModel(Config, average);
        Close.Bits(Forward(averaged, Batch), swapped, "with the average");

        session.SwapAverage();
        SameWeights(weights, session.ExportWeights());
        SameWeights(average, session.ExportAverage());
        SameWeights(state, session.ExportOptimizerState());
        session.Forward(Batch, after);
        Close.Bits(before, after, "swapped back");
    }

    [Fact]
    public void Averaging_DoesNotChangeTheTraining()
    {
        static MambaWeights Train(IMambaModel model, bool averages)
        {
            using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { Dropout = 0.1f });
            if (averages)
                session.StartAverage();
            for (int step = 0; step < 4; step++)
            {
                session.TrainStep(Batch, Targets, 0.02f);
                if (!averages)
                    continue;
                session.UpdateAverage(0.3f);
                session.SwapAverage();
                session.Forward(Batch, new float[9]);
                session.SwapAverage();
            }

            return session.ExportWeights();
        }

        using IMambaModel plain = CreateModel(Config), averaged = CreateModel(Config);
        SameWeights(Train(plain, averages: false), Train(averaged, averages: true));
    }

    [Fact]
    public void ImportAverage_CopiesAndNamesTheTensorThatIsWrong()
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        MambaWeights average = RandomWeights.Create(Config, 4), expected = average.Clone();
        session.ImportAverage(average);
        Array.Clear(average["classifier.bias"].Values);
        SameWeights(expected, session.ExportAverage());
        string message = Assert.Throws<ArgumentException>(() => session.ImportAverage(RandomWeights.Create(Config with { UseBias = true }, 3))).Message;
        Assert.Contains("in_proj.bias", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => session.ImportAverage(null!));
        SameWeights(expected, session.ExportAverage());
    }

    [Fact]
    public void WithoutAnAverage_CallsThrow()
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        foreach (Action call in new Action[] { () => session.UpdateAverage(0.1f), session.SwapAverage, () => session.ExportAverage() })
            Assert.Contains("StartAverage", Assert.Throws<InvalidOperationException>(call).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.5f)]
    [InlineData(float.NaN)]
    public void UpdateAverage_NamesAWrongShare(float share)
    {
        using IMambaModel model = CreateModel(Config);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        session.StartAverage();
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => session.UpdateAverage(share)).Message;
        Assert.Contains("share", message, StringComparison.Ordinal);
        Assert.Contains(share.ToString(), message, StringComparison.Ordinal);
    }

    [Fact]
    public void DisposedSession_Throws()
    {
        using IMambaModel model = CreateModel(Config);
        IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        session.StartAverage();
        MambaWeights average = session.ExportAverage();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(session.StartAverage);
        Assert.Throws<ObjectDisposedException>(() => session.UpdateAverage(0.5f));
        Assert.Throws<ObjectDisposedException>(session.SwapAverage);
        Assert.Throws<ObjectDisposedException>(() => session.ExportAverage());
        Assert.Throws<ObjectDisposedException>(() => session.ImportAverage(average));
    }
}
