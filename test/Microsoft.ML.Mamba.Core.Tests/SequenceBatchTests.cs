namespace Microsoft.ML.Mamba;

public class SequenceBatchTests
{
    [Fact]
    public void Tokens_AreLaidEndToEnd()
    {
        SequenceBatch batch = SequenceBatch.FromTokens(new[] { 1, 2, 3 }, new[] { 0, 1, 1, 3 });
        Assert.Equal((3, 3, 0, true), (batch.Count, batch.TokenCount, batch.Channels, batch.IsTokens));
        Assert.Equal([1, 0, 2], Enumerable.Range(0, 3).Select(batch.LengthOf));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.LengthOf(3));
    }

    [Fact]
    public void Frames_CountInFrames()
    {
        SequenceBatch batch = SequenceBatch.FromFrames(new float[6], 2);
        Assert.Equal((1, 3, 2, false), (batch.Count, batch.TokenCount, batch.Channels, batch.IsTokens));
        Assert.Contains("multiple of the 4 channels; got 6", Assert.Throws<ArgumentException>(() => SequenceBatch.FromFrames(new float[6], 4)).Message);
    }

    [Theory]
    [InlineData(new int[0], "none")]
    [InlineData(new[] { 1, 3 }, "start with 0; got 1")]
    [InlineData(new[] { 0, 2, 1, 3 }, "offset 2 is 1 after 2")]
    [InlineData(new[] { 0, 2 }, "number of tokens, 3; got 2")]
    public void WrongOffsets_AreNamed(int[] offsets, string named) =>
        Assert.Contains(named, Assert.Throws<ArgumentException>(() => SequenceBatch.FromTokens(new[] { 1, 2, 3 }, offsets)).Message);

    [Fact]
    public void Weights_CloneIsDeepAndNamesAreUnique()
    {
        var weights = new MambaWeights { new MambaTensor("a", [2], [1, 2]) };
        MambaWeights clone = weights.Clone();
        clone["a"].Values[0] = 9;
        Assert.Equal(1, weights["a"].Values[0]);
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => weights.Add(new MambaTensor("a", [], [1]))).Message);
        Assert.Contains("'b'", Assert.Throws<KeyNotFoundException>(() => weights["b"]).Message);
        Assert.Contains("must have 6 values; got 5", Assert.Throws<ArgumentException>(() => new MambaTensor("a", [2, 3], new float[5])).Message);
    }
}
