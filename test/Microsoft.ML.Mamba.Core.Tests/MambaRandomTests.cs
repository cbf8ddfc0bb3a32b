namespace Microsoft.ML.Mamba;

public class MambaRandomTests
{
    [Fact]
    public void Sequence_NeverChanges()
    {
        // Models made with a seed must come out alike in later releases.
        var random = new MambaRandom(42, "key", 7);
        Assert.Equal([16917684139903444218UL, 42436597547255598UL, 959518188683538547UL], Enumerable.Range(0, 3).Select(_ => random.NextUInt64()));
    }

    [Fact]
    public void Streams_DifferBySeedKeyAndIndex()
    {
        MambaRandom[] streams = [new(1), new(2), new(-1), new(1, "a"), new(1, "b"), new(1, "a", 1), new(1, "", 1)];
        ulong[] first = [.. streams.Select(random => random.NextUInt64())];
        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.Equal(first[3], new MambaRandom(1, "a").NextUInt64());
    }

    [Fact]
    public void NextDouble_IsUniform()
    {
        var random = new MambaRandom(1);
        double[] values = [.. Enumerable.Range(0, 100_000).Select(_ => random.NextDouble())];
        Assert.All(values, value => Assert.InRange(value, 0, 1 - 1e-16));
        Assert.InRange(values.Average(), 0.495, 0.505);
        Assert.InRange(values.Average(value => (value - 0.5) * (value - 0.5)), 1 / 12.0 - 0.001, 1 / 12.0 + 0.001);
    }

    [Fact]
    public void NextNormal_HasMomentsOfTheNormal()
    {
        var random = new MambaRandom(1);
        double[] values = [.. Enumerable.Range(0, 200_000).Select(_ => random.NextNormal())];
        Assert.InRange(values.Average(), -0.01, 0.01);
        Assert.InRange(values.Average(value => value * value), 0.98, 1.02);
        Assert.InRange(values.Average(value => Math.Pow(value, 4)), 2.9, 3.1);
    }

    [Fact]
    public void NextInt32_CoversTheRangeEvenly()
    {
        var random = new MambaRandom(1);
        var counts = new int[7];
        for (int i = 0; i < 70_000; i++)
            counts[random.NextInt32(7)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
        Assert.Equal(0, random.NextInt32(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt32(0));
    }

    [Fact]
    public void Shuffle_MakesEveryOrderEquallyLikely()
    {
        var random = new MambaRandom(1);
        var counts = new Dictionary<string, int>();
        for (int i = 0; i < 24_000; i++)
        {
            char[] letters = ['a', 'b', 'c', 'd'];
            random.Shuffle(letters.AsSpan());
            string order = new(letters);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(24, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 850, 1150));
    }
}
