namespace Microsoft.ML.Mamba.Training;

public class SequenceAugmentationTests
{
    public static TheoryData<string, SequenceAugmentation> Invalid => new()
    {
        { "TimeStretch", new() { TimeStretch = -0.1f } },
        { "TimeStretch", new() { TimeStretch = float.NaN } },
        { "TimeShift", new() { TimeShift = 1.1f } },
        { "Scale", new() { Scale = 2.1f } },
        { "Noise", new() { Noise = float.PositiveInfinity } },
        { "ChannelMasks", new() { ChannelMasks = 17 } },
        { "ChannelMaskFraction", new() { ChannelMaskFraction = 1.1f } },
        { "TimeMasks", new() { TimeMasks = -1 } },
        { "TimeMaskFraction", new() { TimeMaskFraction = float.NaN } },
        { "ReverseComplement", new() { ReverseComplement = 1.01f } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Validate_NamesWhatIsOutOfRange(string named, SequenceAugmentation augmentation)
    {
        Assert.StartsWith(named, Assert.Throws<ArgumentOutOfRangeException>(augmentation.Validate).Message, StringComparison.Ordinal);
        Assert.StartsWith(named, Assert.ThrowsAny<ArgumentException>(new MambaTrainingOptions { Augmentation = augmentation }.Validate)
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void None_LeavesRowsAlone()
    {
        float[] row = Ramp(20, channels: 3);
        Assert.Equal(row, Vary(SequenceAugmentation.None, row, channels: 3));
        Assert.False(new RowAugmenter(SequenceAugmentation.None, [], 1).ChangesFrames);
        Assert.False(new RowAugmenter(new() { ChannelMaskFraction = 1, TimeMaskFraction = 1 }, [], 1).ChangesFrames);
    }

    [Fact]
    public void Result_DependsOnSeedEpochAndRowAlone()
    {
        var all = new SequenceAugmentation { TimeStretch = 0.1f, TimeShift = 0.1f, Scale = 0.1f, Noise = 0.1f, ChannelMasks = 1, TimeMasks = 1 };
        float[] row = Ramp(30, channels: 5), first = Vary(all, row, 5, seed: 1, epoch: 2, index: 3);
        var used = new RowAugmenter(all, [], 1);
        used.Frames(Ramp(9, 2), 2, 1, 7, new float[18]);
        float[] again = new float[row.Length];
        used.Frames(row, 5, 2, 3, again);
        Assert.Equal(first, again);
        Assert.NotEqual(first, Vary(all, row, 5, seed: 2, epoch: 2, index: 3));
        Assert.NotEqual(first, Vary(all, row, 5, seed: 1, epoch: 3, index: 3));
        Assert.NotEqual(first, Vary(all, row, 5, seed: 1, epoch: 2, index: 4));
    }

    [Fact]
    public void TimeShift_MovesFramesAndRepeatsTheEnds()
    {
        float[] row = Ramp(41, channels: 2);
        var shifts = new List<double>();
        for (int index = 0; index < 200; index++)
        {
            float[] varied = Vary(new() { TimeShift = 0.25f }, row, 2, index: index);
            double shift = 20 - varied[40];
            shifts.Add(shift);
            for (int t = 0; t <= 40; t++)
            {
                Assert.Equal(Math.Clamp(t - shift, 0, 40), varied[2 * t], 1e-4);
                Assert.Equal(Math.Clamp(t - shift, 0, 40) + 1000, varied[2 * t + 1], 1e-3);
            }
        }

        AssertSpread(shifts, -41 * 0.25, 41 * 0.25);
    }

    [Fact]
    public void TimeStretch_ChangesTheSpeedAboutAnAnchor()
    {
        float[] row = Ramp(101, channels: 1);
        var logSpeeds = new List<double>();
        var still = new List<double>();
        for (int index = 0; index < 200; index++)
        {
            float[] varied = Vary(new() { TimeStretch = 0.2f }, row, 1, index: index);
            double speed = varied[51] - varied[50];
            logSpeeds.Add(Math.Log(speed));
            // varied[t] = anchor + (t - anchor) speed, away from the ends.
            double anchor = (varied[50] - 50 * speed) / (1 - speed);
            if (Math.Abs(speed - 1) > 0.05)
                still.Add(anchor);
            for (int t = 0; t <= 100; t++)
                Assert.Equal(Math.Clamp(varied[50] + (t - 50) * speed, 0, 100), varied[t], 1e-2);
        }

        AssertSpread(logSpeeds, -Math.Log(1.2), Math.Log(1.2));
        AssertSpread(still, -0.1, 100.1);
    }

    [Fact]
    public void Scale_MultipliesAWholeSequence()
    {
        float[] row = [.. Ramp(10, channels: 2).Select(value => value + 1)];
        double[] logs = [.. Enumerable.Range(0, 2000).Select(index =>
        {
            float[] varied = Vary(new() { Scale = 0.3f }, row, 2, index: index);
            float factor = varied[0] / row[0];
            Assert.All(Enumerable.Range(0, row.Length), i => Assert.Equal(row[i] * factor, varied[i], 2e-3f));
            return Math.Log(factor);
        })];
        Assert.Equal(0, logs.Average(), 0.03);
        Assert.Equal(0.3, Math.Sqrt(logs.Average(value => value * value)), 0.03);
    }

    [Fact]
    public void Noise_IsAddedToEveryValue()
    {
        float[] row = Ramp(1000, channels: 3), varied = Vary(new() { Noise = 0.5f }, row, 3);
        double[] noise = [.. row.Select((value, i) => (double)varied[i] - value)];
        Assert.Equal(noise.Length, noise.Distinct().Count() + noise.Count(value => value == 0), noise.Length / 5.0);
        Assert.Equal(0, noise.Average(), 0.04);
        Assert.Equal(0.5, Math.Sqrt(noise.Average(value => value * value)), 0.03);
    }

    [Fact]
    public void ChannelMasks_HideRunsOfChannels()
    {
        float[] row = [.. Enumerable.Repeat(1f, 7 * 20)];
        var lengths = new HashSet<int>();
        for (int index = 0; index < 300; index++)
        {
            float[] varied = Vary(new() { ChannelMasks = 1, ChannelMaskFraction = 0.25f }, row, 20, index: index);
            Assert.All(Enumerable.Range(0, 7), t => Assert.Equal(varied[..20], varied[(t * 20)..((t + 1) * 20)]));
            lengths.Add(OneRunOfZeros(varied[..20]));
        }

        Assert.Equal([0, 1, 2, 3, 4, 5], lengths.Order());
        Assert.Contains(Enumerable.Range(0, 50),
            index => RunsOfZeros(Vary(new() { ChannelMasks = 3, ChannelMaskFraction = 0.25f }, row, 20, index: index)[..20]) == 3);
    }

    [Fact]
    public void TimeMasks_HideRunsOfFrames()
    {
        float[] row = [.. Enumerable.Repeat(1f, 20 * 3)];
        var lengths = new HashSet<int>();
        for (int index = 0; index < 300; index++)
        {
            float[] varied = Vary(new() { TimeMasks = 1, TimeMaskFraction = 0.25f }, row, 3, index: index);
            Assert.All(Enumerable.Range(0, 20), t => Assert.Single(varied[(t * 3)..((t + 1) * 3)].Distinct()));
            lengths.Add(OneRunOfZeros([.. varied.Where((_, i) => i % 3 == 0)]));
        }

        Assert.Equal([0, 1, 2, 3, 4, 5], lengths.Order());
        float[] twice = Vary(new() { TimeMasks = 16, TimeMaskFraction = 1 }, row, 3);
        Assert.Contains(0f, twice);
    }

    [Fact]
    public void ReverseComplement_TurnsAShareOfTheRows()
    {
        int[] row = [0, 1, 2, 3, 4, 0, 0], other = [3, 3, 4, 0, 1, 2, 3];
        var turned = new List<bool>();
        var augmenter = new RowAugmenter(new() { ReverseComplement = 0.3f }, [3, 2, 1, 0, 4], seed: 2);
        for (int index = 0; index < 1000; index++)
        {
            int[] target = [.. Enumerable.Repeat(-1, row.Length)], again = new int[row.Length];
            augmenter.Tokens(row, 1, index, target);
            Assert.True(target.SequenceEqual(row) || target.SequenceEqual(other), string.Join(' ', target));
            new RowAugmenter(new() { ReverseComplement = 0.3f }, [3, 2, 1, 0, 4], seed: 2).Tokens(row, 1, index, again);
            Assert.Equal(target, again);
            turned.Add(target.SequenceEqual(other));
        }

        Assert.Equal(300, turned.Count(value => value), 50.0);
    }

    [Fact]
    public void ReverseComplement_ReachesTheSteps()
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForTokens();
        for (int i = 0; i < 10; i++)
            builder.Add([0, 0, 1], i % 2);
        var options = new MambaTrainingOptions { MaxEpochs = 1, BatchSize = 10, Augmentation = new() { ReverseComplement = 1 }, ComplementIds = [3, 2, 1, 0] };
        var model = new FakeModel();
        SequenceDataset data = builder.Build();
        MambaTrainer.Train(model, data, null, options);
        Assert.Equal([2, 3, 3], model.Steps.Single().Tokens[..3]);
        ArgumentException error = Assert.Throws<ArgumentException>(() => MambaTrainer.Train(model, data, null, options with { ComplementIds = [] }));
        Assert.Contains("ComplementIds", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => MambaTrainer.Train(model, data, null, options with { ComplementIds = [1, 0] }));
        Assert.Contains("4 values", error.Message, StringComparison.Ordinal);
        Assert.Contains("got 2", error.Message, StringComparison.Ordinal);
        error = Assert.ThrowsAny<ArgumentException>(new MambaTrainingOptions { ComplementIds = [0, 2] }.Validate);
        Assert.StartsWith("ComplementIds[1] must be 0 to 1; got 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ShortRows_StayValid(int length)
    {
        var all = new SequenceAugmentation
        {
            TimeStretch = 1, TimeShift = 1, Scale = 2, Noise = 1, ChannelMasks = 16, ChannelMaskFraction = 1, TimeMasks = 16,
            TimeMaskFraction = 1,
        };
        for (int index = 0; index < 50; index++)
            Assert.All(Vary(all, Ramp(length, 1), 1, index: index), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Training_VariesRowsAlikeWhateverTheBatch()
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForFrames(2);
        for (int i = 0; i < 12; i++)
            builder.Add([(float)i, 1, i, 2, i, 3], i % 2);
        SequenceDataset data = builder.Build();
        var options = new MambaTrainingOptions { MaxEpochs = 3, BatchSize = 4, Augmentation = new() { Noise = 0.01f }, ValidationFraction = 0.25, Seed = 5 };
        float[][] small = Seen(data, options), large = Seen(data, options with { BatchSize = 9 });
        float[][] plain = Seen(data, options with { Augmentation = SequenceAugmentation.None });
        Assert.Equal(3 * 9, small.Length);
        Assert.Equal(small.Select(Text).Order(), large.Select(Text).Order());
        // Noise of its own in every epoch; without it the same rows come three times. Rows held out are not varied.
        Assert.Equal(27, small.Select(Text).Distinct().Count());
        Assert.Equal(9, plain.Select(Text).Distinct().Count());
        var validated = new FakeModel(vocabulary: 0, channels: 2);
        MambaTrainer.Train(validated, data, null, options);
        Assert.All(validated.ForwardFrames, frames => Assert.All(frames, value => Assert.Equal(MathF.Round(value), value)));
        Assert.NotEmpty(validated.ForwardFrames);
    }

    private static float[][] Seen(SequenceDataset data, MambaTrainingOptions options)
    {
        var model = new FakeModel(vocabulary: 0, channels: 2);
        MambaTrainer.Train(model, data, null, options);
        return [.. model.StepFrames.SelectMany(frames => frames.Chunk(6))];
    }

    private static string Text(float[] values) => string.Join(' ', values.Select(value => BitConverter.SingleToInt32Bits(value).ToString("x8", null)));

    private static float[] Vary(SequenceAugmentation augmentation, float[] row, int channels, int seed = 1, int epoch = 1, int index = 0)
    {
        float[] target = [.. Enumerable.Repeat(float.NaN, row.Length)];
        new RowAugmenter(augmentation, [], seed).Frames(row, channels, epoch, index, target);
        return target;
    }

    // Frame t holds t, 1000 + t, 2000 + t ...
    private static float[] Ramp(int length, int channels) => [.. Enumerable.Range(0, length * channels).Select(i => i / channels + 1000f * (i % channels))];

    private static void AssertSpread(List<double> values, double min, double max)
    {
        Assert.All(values, value => Assert.InRange(value, min - 1e-3, max + 1e-3));
        Assert.True(values.Min() < min + 0.1 * (max - min) && values.Max() > max - 0.1 * (max - min), $"{values.Min()} to {values.Max()} of {min} to {max}");
        Assert.Equal((min + max) / 2, values.Average(), 0.1 * (max - min));
    }

    private static int RunsOfZeros(float[] values) => values.Where((value, i) => value == 0 && (i == 0 || values[i - 1] != 0)).Count();

    private static int OneRunOfZeros(float[] values)
    {
        Assert.InRange(RunsOfZeros(values), 0, 1);
        return values.Count(value => value == 0);
    }
}
