namespace Microsoft.ML.Mamba.Core.Tests.Frames;

public class FrameStatisticsTests
{
    [Fact]
    public void ManySequences_GiveWhatOneGives()
    {
        var random = new Random(1);
        float[] frames = [.. Enumerable.Range(0, 3 * 1000).Select(i => random.NextDouble() < 0.1 ? float.NaN : (i % 3) * 100 + random.NextSingle())];
        var whole = new FrameStatistics(3);
        whole.Add(frames);
        var parts = new FrameStatistics(3);
        for (int at = 0; at < frames.Length;)
        {
            int length = Math.Min(3 * random.Next(0, 40), frames.Length - at);
            parts.Add(frames.AsSpan(at, length));
            at += length;
        }

        Assert.Equal((frames.LongLength, frames.LongCount(float.IsNaN)), (parts.ValueCount, parts.MissingCount));
        (FramePreparation expected, FramePreparation actual) = (Of(whole), Of(parts));
        for (int channel = 0; channel < 3; channel++)
        {
            double[] known = [.. frames.Where((value, i) => i % 3 == channel && !float.IsNaN(value)).Select(value => (double)value)];
            double mean = known.Average(), deviation = Math.Sqrt(known.Average(value => (value - mean) * (value - mean)));
            Assert.Equal(mean, expected.Means[channel], 1e-9);
            Assert.Equal(deviation, expected.Deviations[channel], 1e-9);
            Assert.Equal(mean, actual.Means[channel], 1e-9);
            Assert.Equal(deviation, actual.Deviations[channel], 1e-9);
        }
    }

    [Fact]
    public void LargeMean_CostsNoDigits()
    {
        // Squares of 1e7 + 1 do not fit the digits of a difference of sums.
        var statistics = new FrameStatistics(1);
        for (int i = 0; i < 1000; i++)
            statistics.Add([9_999_999, 10_000_001]);
        FramePreparation preparation = statistics.ToPreparation(MissingValues.Error, FrameNormalization.TrainingSet);
        Assert.Equal(1e7, preparation.Means[0], 1e-6);
        Assert.Equal(1, preparation.Deviations[0], 1e-9);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(16.1f)]
    [InlineData(-1e30f)]
    public void ConstantChannel_IsNotDividedByItsRounding(float value)
    {
        var statistics = new FrameStatistics(1);
        for (int i = 1; i < 50; i++)
            statistics.Add(Enumerable.Repeat(value, i).ToArray());
        Assert.Equal(1, Of(statistics).Deviations[0]);
        Assert.Equal(value, (float)Of(statistics).Means[0]);
    }

    [Fact]
    public void ChannelWithoutAValue_IsNamedAndLeftAlone()
    {
        var statistics = new FrameStatistics(3);
        statistics.Add([1, float.NaN, float.NaN, 3, float.NaN, 5]);
        Assert.Equal([1], statistics.UnknownChannels);
        Assert.Equal((0, 1), (Of(statistics).Means[1], Of(statistics).Deviations[1]));
    }

    [Fact]
    public void InfinityOrPartOfAFrame_IsRefused()
    {
        var statistics = new FrameStatistics(2);
        Assert.Contains(
            "Frame 1, channel 0", Assert.Throws<ArgumentException>(() => statistics.Add([1, 2, float.NegativeInfinity, 4])).Message,
            StringComparison.Ordinal);
        Assert.Contains("3 values", Assert.Throws<ArgumentException>(() => statistics.Add([1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Equal(0, statistics.ValueCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameStatistics(0));
    }

    private static FramePreparation Of(FrameStatistics statistics) => statistics.ToPreparation(MissingValues.Error, FrameNormalization.TrainingSet);
}
