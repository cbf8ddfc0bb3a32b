namespace Microsoft.ML.Mamba.Training;

public class SequenceDatasetTests
{
    private static readonly MambaConfig s_tokens = new() { VocabSize = 4, NumClasses = 2 };

    [Fact]
    public void Builder_KeepsTokensAndLabels()
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForTokens();
        builder.Add([1, 2, 3], 0);
        builder.Add([0], 5);
        SequenceDataset data = builder.Build();
        Assert.Equal((2, 4L, 0, true), (data.Count, data.TokenCount, data.Channels, data.IsTokens));
        Assert.Equal([1, 2, 3], data.TokensOf(0).ToArray());
        Assert.Equal([0], data.TokensOf(1).ToArray());
        Assert.Equal([0, 5], data.Labels.ToArray());
        Assert.Equal([3, 1], new[] { data.LengthOf(0), data.LengthOf(1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => data.LengthOf(2));
        Assert.Throws<InvalidOperationException>(() => data.FramesOf(0));
    }

    [Fact]
    public void Builder_KeepsFrames()
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForFrames(2);
        builder.Add([1f, 2f, 3f, 4f], 1);
        builder.Add([5f, 6f], 0);
        SequenceDataset data = builder.Build();
        Assert.Equal((2, 3L, 2, false), (data.Count, data.TokenCount, data.Channels, data.IsTokens));
        Assert.Equal([1f, 2f, 3f, 4f], data.FramesOf(0).ToArray());
        SequenceBatch batch = data.ToBatch([1, 0]);
        Assert.Equal([5f, 6f, 1f, 2f, 3f, 4f], batch.Frames.ToArray());
        Assert.Equal([0, 1, 3], batch.Offsets.ToArray());
    }

    [Fact]
    public void Builder_TakesManyAndLongSequences()
    {
        var random = new MambaRandom(1);
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForTokens();
        int[] lengths = [.. Enumerable.Range(0, 300).Select(i => i == 150 ? 20_000_000 : 1 + random.NextInt32(200_000))];
        for (int i = 0; i < lengths.Length; i++)
        {
            var tokens = new int[lengths[i]];
            tokens[0] = i;
            tokens[^1] = i;
            builder.Add(tokens, i % 2);
        }

        SequenceDataset data = builder.Build();
        Assert.Equal(lengths.Sum(length => (long)length), data.TokenCount);
        for (int i = 0; i < lengths.Length; i++)
            Assert.Equal((lengths[i], i, i), (data.TokensOf(i).Length, data.TokensOf(i)[0], data.TokensOf(i)[^1]));
    }

    [Fact]
    public void Builder_NamesTheBadRow()
    {
        SequenceDatasetBuilder tokens = SequenceDatasetBuilder.ForTokens();
        tokens.Add([1], 0);
        Assert.Contains("Row 1 has an empty sequence", Assert.Throws<ArgumentException>(() => tokens.Add(ReadOnlySpan<int>.Empty, 0)).Message);
        Assert.Contains("Row 1 has token id -7 at position 2", Assert.Throws<ArgumentException>(() => tokens.Add([1, 2, -7], 0)).Message);
        Assert.Contains("Row 1 has label -1", Assert.Throws<ArgumentOutOfRangeException>(() => tokens.Add([1], -1)).Message);
        Assert.Throws<InvalidOperationException>(() => tokens.Add([1f], 0));
        SequenceDatasetBuilder frames = SequenceDatasetBuilder.ForFrames(2);
        Assert.Contains("Row 0 has 3 values, which is no multiple of the 2 channels", Assert.Throws<ArgumentException>(() => frames.Add([1f, 2f, 3f], 0)).Message);
        Assert.Contains("Row 0 has NaN in frame 1, channel 0", Assert.Throws<ArgumentException>(() => frames.Add([1f, 2f, float.NaN, 3f], 0)).Message);
        Assert.Contains("channel 1", Assert.Throws<ArgumentException>(() => frames.Add([1f, float.NegativeInfinity], 0)).Message);
        Assert.Throws<InvalidOperationException>(() => frames.Add([1], 0));
        Assert.Equal(1, tokens.Count);
        tokens.Build();
        Assert.Throws<InvalidOperationException>(() => tokens.Add([1], 0));
        Assert.Throws<InvalidOperationException>(tokens.Build);
        Assert.Throws<ArgumentOutOfRangeException>(() => SequenceDatasetBuilder.ForFrames(0));
    }

    [Fact]
    public void Subset_OfASubsetGivesTheRightRows()
    {
        SequenceDataset data = TrainingData.OfLengths(1, 2, 3, 4, 5).Subset([4, 2, 0, 2]).Subset([1, 0, 3]);
        Assert.Equal([3, 5, 3], Enumerable.Range(0, 3).Select(data.LengthOf));
        Assert.Equal([0, 0, 0], data.Labels.ToArray());
        Assert.Equal(11, data.TokenCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Subset([3]));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Split_KeepsTheShareOfEveryClass(double fraction)
    {
        int[] labels = [.. Enumerable.Repeat(0, 200).Concat(Enumerable.Repeat(1, 40)).Concat(Enumerable.Repeat(2, 7))];
        (SequenceDataset train, SequenceDataset heldOut) = TrainingData.OfLabels(labels).Split(fraction, 1);
        Assert.Equal(labels.Length, train.Count + heldOut.Count);
        Assert.Equal((int)Math.Round(fraction * labels.Length), heldOut.Count);
        int[] held = heldOut.CountClasses(3), kept = train.CountClasses(3);
        Assert.All(new[] { 0, 1, 2 }, label => Assert.InRange(held[label] - fraction * labels.Count(each => each == label), -1, 1));
        Assert.All(kept, count => Assert.True(count > 0));
    }

    [Fact]
    public void Split_DependsOnTheSeedAndKeepsTheOrder()
    {
        SequenceDataset data = TrainingData.OfLengths([.. Enumerable.Range(1, 100)]);
        int[] one = Lengths(data.Split(0.3, 1).HeldOut), again = Lengths(data.Split(0.3, 1).HeldOut), two = Lengths(data.Split(0.3, 2).HeldOut);
        Assert.Equal(one, again);
        Assert.NotEqual(one, two);
        Assert.Equal(one.Order(), one);
        (SequenceDataset train, SequenceDataset heldOut) = data.Split(0.3, 1);
        Assert.Equal(Enumerable.Range(1, 100), Lengths(train).Concat(Lengths(heldOut)).Order());

        static int[] Lengths(SequenceDataset data) => [.. Enumerable.Range(0, data.Count).Select(data.LengthOf)];
    }

    [Fact]
    public void Split_KeepsRareClassesInTraining()
    {
        (SequenceDataset train, SequenceDataset heldOut) = TrainingData.OfLabels(0, 1, 1).Split(0.5, 1);
        Assert.Equal([1, 1], train.CountClasses(2));
        Assert.Equal([0, 1], heldOut.CountClasses(2));
        Assert.Contains("single row", Assert.Throws<InvalidOperationException>(() => TrainingData.OfLabels(0, 1).Split(0.5, 1)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainingData.OfLabels(0, 1).Split(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainingData.OfLabels(0, 1).Split(double.NaN, 1));
        Assert.Equal(1, TrainingData.OfLabels(0, 0, 1, 1).Split(0.01, 1).HeldOut.Count);
    }

    [Fact]
    public void Validate_NamesWhatDoesNotFit()
    {
        Assert.Contains("no rows", Error(SequenceDatasetBuilder.ForTokens().Build(), s_tokens));
        Assert.Contains("Row 1 has label 2; the model's classes are 0 to 1", Error(TrainingData.OfLabels(0, 2), s_tokens));
        Assert.Contains(
            "Row 3 has token id 3 at position 0; the model's ids are 0 to 2",
            Error(TrainingData.OfLabels(0, 1, 2, 3), s_tokens with { VocabSize = 3, NumClasses = 9 }));
        Assert.Contains("holds tokens; the model reads frames", Error(TrainingData.OfLabels(0, 1), s_tokens with { VocabSize = 0, InputChannels = 1 }));
        SequenceDatasetBuilder frames = SequenceDatasetBuilder.ForFrames(2);
        frames.Add([1f, 2f], 0);
        SequenceDataset built = frames.Build();
        Assert.Contains("2 channels; the model reads 3", Error(built, s_tokens with { VocabSize = 0, InputChannels = 3 }));
        built.Validate(s_tokens with { VocabSize = 0, InputChannels = 2 });

        static string Error(SequenceDataset data, MambaConfig config) => Assert.Throws<ArgumentException>(() => data.Validate(config)).Message;
    }
}
