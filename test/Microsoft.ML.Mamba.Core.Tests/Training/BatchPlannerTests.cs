namespace Microsoft.ML.Mamba.Training;

public class BatchPlannerTests
{
    private static readonly SequenceDataset s_data = TrainingData.Tokens(500);

    private static string Show(IEnumerable<int[]> plan) => string.Join(" | ", plan.Select(batch => string.Join(",", batch)));

    [Theory]
    [InlineData(32, 1_000_000, 8)]
    [InlineData(32, 100, 8)]
    [InlineData(7, 15, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(1000, 1_000_000, 65536)]
    public void PlanEpoch_TakesEveryRowOnceWithinTheLimits(int batchSize, int maxTokens, int pool)
    {
        var planner = new BatchPlanner(s_data, batchSize, maxTokens, 1, pool);
        foreach (IReadOnlyList<int[]> plan in new[] { planner.PlanEpoch(1), planner.PlanEpoch(2), planner.PlanInOrder() })
        {
            Assert.Equal(Enumerable.Range(0, 500), plan.SelectMany(batch => batch).Order());
            Assert.All(plan, batch => Assert.InRange(batch.Length, 1, batchSize));
            Assert.All(plan, batch => Assert.True(batch.Length == 1 || batch.Sum(s_data.LengthOf) <= maxTokens));
        }
    }

    [Fact]
    public void PlanEpoch_FillsBatches()
    {
        Assert.Equal(16, new BatchPlanner(s_data, 32, 1_000_000, 1).PlanEpoch(1).Count);
        int byTokens = new BatchPlanner(s_data, 500, 100, 1, 1).PlanEpoch(1).Count;
        Assert.InRange(byTokens, s_data.TokenCount / 100, s_data.TokenCount / 80 + 1);
    }

    [Fact]
    public void PlanEpoch_ShufflesAnewFromTheSeed()
    {
        var planner = new BatchPlanner(s_data, 32, 1000, 1);
        Assert.Equal(Show(planner.PlanEpoch(1)), Show(new BatchPlanner(s_data, 32, 1000, 1).PlanEpoch(1)));
        Assert.NotEqual(Show(planner.PlanEpoch(1)), Show(planner.PlanEpoch(2)));
        Assert.NotEqual(Show(planner.PlanEpoch(1)), Show(new BatchPlanner(s_data, 32, 1000, 2).PlanEpoch(1)));
        string[] companies = [.. planner.PlanEpoch(1).Concat(planner.PlanEpoch(2)).Select(batch => string.Join(",", batch.Order()))];
        Assert.Equal(companies.Length, companies.Distinct().Count());
    }

    [Fact]
    public void PlanEpoch_PutsLikeLengthsTogether()
    {
        Assert.True(Spread(8) < 0.5 * Spread(1));
        IReadOnlyList<int[]> plan = new BatchPlanner(s_data, 16, 100_000, 1, 8).PlanEpoch(1);
        double[] means = [.. plan.Select(batch => batch.Average(s_data.LengthOf))];
        Assert.NotEqual(means.Order(), means);

        double Spread(int pool) =>
            new BatchPlanner(s_data, 16, 100_000, 1, pool).PlanEpoch(1)
                .Average(batch => batch.Max(s_data.LengthOf) - batch.Min(s_data.LengthOf));
    }

    [Fact]
    public void LongSequences_FormBatchesOfTheirOwn()
    {
        SequenceDataset data = TrainingData.OfLengths(3, 50, 4, 60, 2);
        Assert.Equal("0 | 1 | 2 | 3 | 4", Show(new BatchPlanner(data, 8, 10, 1).PlanInOrder()));
        Assert.Equal("0,2,4 | 1 | 3", Show(new BatchPlanner(data, 8, 10, 1, 100).PlanEpoch(1).Select(batch => batch.Order().ToArray()).OrderBy(batch => batch[0])));
    }

    [Fact]
    public void Patches_AreCountedAsTokens()
    {
        SequenceDataset data = TrainingData.OfLengths(30, 30, 31, 30);
        var config = new MambaConfig { PatchLength = 10 };
        Assert.Equal("0 | 1 | 2 | 3", Show(new BatchPlanner(data, 8, 6, 1).PlanInOrder()));
        Assert.Equal("0,1 | 2 | 3", Show(new BatchPlanner(data, 8, 6, 1, config: config).PlanInOrder()));
        Assert.Equal("0,1 | 2,3", Show(new BatchPlanner(data, 8, 7, 1, config: config).PlanInOrder()));
    }

    [Fact]
    public void Limits_MustBePositive()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchPlanner(s_data, 0, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchPlanner(s_data, 1, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchPlanner(s_data, 1, 1, 1, 0));
    }
}

public class LearningRateScheduleTests
{
    [Fact]
    public void Rate_RisesLinearlyAndFallsAlongHalfACosine()
    {
        var schedule = new LearningRateSchedule(2, 0.2, 0.1);
        Assert.Equal(0, schedule.At(0), 1e-6);
        Assert.Equal(1, schedule.At(0.1), 1e-6);
        Assert.Equal(2, schedule.At(0.2), 1e-6);
        Assert.Equal(1.1, schedule.At(0.6), 1e-6);
        Assert.Equal(0.2 + 1.8 * (1 + Math.Cos(Math.PI / 4)) / 2, schedule.At(0.4), 1e-6);
        Assert.Equal(0.2, schedule.At(1), 1e-6);
    }

    [Fact]
    public void Rate_MayBeConstantOrStartAtThePeak()
    {
        Assert.Equal(3, new LearningRateSchedule(3, 0, 1).At(0), 1e-6);
        Assert.Equal(3, new LearningRateSchedule(3, 0, 1).At(0.7), 1e-6);
        Assert.Equal(0, new LearningRateSchedule(3, 0, 0).At(1), 1e-6);
    }

    [Fact]
    public void Values_AreValidated()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(0, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(1, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(1, 0, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(1, 0, 0).At(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(1, 0, 0).At(double.NaN));
    }
}
