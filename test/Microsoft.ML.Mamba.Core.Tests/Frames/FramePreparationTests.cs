namespace Microsoft.ML.Mamba.Core.Tests.Frames;

public class FramePreparationTests
{
    private const float NaN = float.NaN;

    // Two channels; the first known values are 1, 3 and 10, 30, so the means are 2 and 20 and the deviations 1 and 10.
    private static readonly float[] s_training = [1, 10, 3, 30];

    [Fact]
    public void TrainingSet_TakesOffTheTrainingRowsMeanAndDeviation()
    {
        Assert.Equal([-1, -1, 1, 1], Prepared(MissingValues.Error, FrameNormalization.TrainingSet, 1, 10, 3, 30));
        Assert.Equal([3, 0, -2, 98], Prepared(MissingValues.Error, FrameNormalization.TrainingSet, 5, 20, 0, 1000));
    }

    [Fact]
    public void PerSequence_TakesOffTheSequencesOwn()
    {
        Assert.Equal([-1, 1, 1, -1], Prepared(MissingValues.Error, FrameNormalization.PerSequence, 100, 7, 102, 5));
        Assert.Equal([0, 0, 0, 0], Prepared(MissingValues.Error, FrameNormalization.PerSequence, 16.1f, -3, 16.1f, -3), Near);
    }

    [Fact]
    public void None_KeepsEveryBit() =>
        Assert.Equal([0.1f, -0f, float.MaxValue, float.Epsilon],
            Prepared(MissingValues.CarryForward, FrameNormalization.None, 0.1f, -0f, float.MaxValue, float.Epsilon));

    [Fact]
    public void Zero_IsTheMeanOnceNormalised()
    {
        Assert.Equal([0, -1, 1, 0], Prepared(MissingValues.Zero, FrameNormalization.TrainingSet, NaN, 10, 3, NaN));
        Assert.Equal([0, 4, 3, 0], Prepared(MissingValues.Zero, FrameNormalization.None, NaN, 4, 3, NaN));
        Assert.Equal([-1, 0, 0, 0, 1, 0], Prepared(MissingValues.Zero, FrameNormalization.PerSequence, 4, NaN, NaN, NaN, 6, NaN));
    }

    [Fact]
    public void CarryForward_RepeatsTheChannelsLastKnownValue_AndTheMeanBeforeTheFirst()
    {
        Assert.Equal([0, -1, 1, -1, 1, 1], Prepared(MissingValues.CarryForward, FrameNormalization.TrainingSet, NaN, 10, 3, NaN, NaN, 30));
        Assert.Equal([2, 10, 3, 10, 3, 20], Prepared(MissingValues.CarryForward, FrameNormalization.None, NaN, 10, 3, NaN, NaN, 20));
        Assert.Equal([0, 20, 0, 20], Prepared(MissingValues.CarryForward, FrameNormalization.None, 0, NaN, NaN, NaN));
        // Statistics of a sequence are those of its known values: 5 and 9.
        Assert.Equal([0, 0, -1, 0, -1, 0, 1, 0], Prepared(MissingValues.CarryForward, FrameNormalization.PerSequence, NaN, NaN, 5, NaN, NaN, NaN, 9, NaN));
    }

    [Theory]
    [InlineData(MissingValues.Error, NaN, "MissingValues")]
    [InlineData(MissingValues.Error, float.PositiveInfinity, "finite")]
    [InlineData(MissingValues.Zero, float.NegativeInfinity, "finite")]
    [InlineData(MissingValues.CarryForward, float.PositiveInfinity, "finite")]
    public void UnusableValue_NamesFrameAndChannel(MissingValues missing, float value, string reason)
    {
        FramePreparation preparation = Learned(missing, FrameNormalization.TrainingSet);
        var error = Assert.Throws<ArgumentException>(() => preparation.Prepare([1, 2, 3, value]));
        Assert.All(["Frame 1", "channel 1", value.ToString(), reason], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void ValueThatOverflowsWhenNormalised_IsRefused()
    {
        var preparation = new FramePreparation(1, MissingValues.Error, FrameNormalization.TrainingSet, [0], [1e-20]);
        var error = Assert.Throws<ArgumentException>(() => preparation.Prepare([1, 1e30f]));
        Assert.Contains($"Frame 1, channel 0 is {1e30f}, which is too far", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PartOfAFrame_IsRefused() =>
        Assert.Contains("3 values",
            Assert.Throws<ArgumentException>(() => Learned(MissingValues.Error, FrameNormalization.None).Prepare(new float[3])).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(MissingValues.Error, FrameNormalization.None, 0, 0)]
    [InlineData(MissingValues.Zero, FrameNormalization.None, 0, 0)]
    [InlineData(MissingValues.CarryForward, FrameNormalization.None, 2, 0)]
    [InlineData(MissingValues.CarryForward, FrameNormalization.PerSequence, 0, 0)]
    [InlineData(MissingValues.Error, FrameNormalization.TrainingSet, 2, 2)]
    public void Statistics_AreKeptOnlyWhereTheyAreNeeded(MissingValues missing, FrameNormalization normalization, int means, int deviations)
    {
        FramePreparation preparation = Learned(missing, normalization);
        Assert.Equal((means, deviations), (preparation.Means.Length, preparation.Deviations.Length));
        Assert.Equal(missing == MissingValues.Error && normalization == FrameNormalization.None, preparation.IsIdentity);
        FramePreparation read = FramePreparation.FromJson(preparation.ToJson());
        Assert.Equal(preparation.ToJson(), read.ToJson());
        Assert.Equal((2, missing, normalization), (read.Channels, read.MissingValues, read.Normalization));
        Assert.True(preparation.Means.SequenceEqual(read.Means));
        Assert.True(preparation.Deviations.SequenceEqual(read.Deviations));
    }

    [Fact]
    public void ArgumentsOutOfRange_AreNamed()
    {
        Refused("channels", () => new FramePreparation(0, MissingValues.Error, FrameNormalization.None, [], []));
        Refused("missing", () => new FramePreparation(1, (MissingValues)9, FrameNormalization.None, [], []));
        Refused("normalization", () => new FramePreparation(1, MissingValues.Error, (FrameNormalization)9, [], []));
        Refused("means", () => new FramePreparation(2, MissingValues.Error, FrameNormalization.TrainingSet, [1], [1, 1]));
        Refused("means", () => new FramePreparation(1, MissingValues.Error, FrameNormalization.None, [1], []));
        Refused("means", () => new FramePreparation(1, MissingValues.Error, FrameNormalization.TrainingSet, [1e39], [1]));
        Refused("deviations", () => new FramePreparation(1, MissingValues.Error, FrameNormalization.TrainingSet, [1], []));
        Refused("deviations", () => new FramePreparation(1, MissingValues.Error, FrameNormalization.TrainingSet, [1], [0]));
        Refused("deviations", () => new FramePreparation(1, MissingValues.Error, FrameNormalization.TrainingSet, [1], [double.PositiveInfinity]));
        Refused("deviations", () => new FramePreparation(1, MissingValues.Error, FrameNormalization.TrainingSet, [1], [double.NaN]));
    }

    [Theory]
    [InlineData("null", "null")]
    [InlineData("[]", "not valid")]
    [InlineData("{", "not valid")]
    [InlineData("""{"version":1}""", "channels")]
    [InlineData("""{"version":2,"channels":1,"missing_values":"Zero","normalization":"None","means":[],"deviations":[]}""", "version 2")]
    [InlineData("""{"version":1,"channels":1,"missing_values":"0","normalization":"None","means":[],"deviations":[]}""", "missing_values")]
    [InlineData("""{"version":1,"channels":1,"missing_values":"Zero","normalization":"Odd","means":[],"deviations":[]}""", "normalization")]
    [InlineData("""{"version":1,"channels":0,"missing_values":"Zero","normalization":"None","means":[],"deviations":[]}""", "channels")]
    [InlineData("""{"version":1,"channels":1,"missing_values":"Zero","normalization":"None","means":null,"deviations":[]}""", "not valid")]
    [InlineData("""{"version":1,"channels":1,"missing_values":"Zero","normalization":"None","means":[],"deviations":[],"more":1}""", "more")]
    [InlineData("""{"version":1,"channels":1,"missing_values":"Zero","normalization":"TrainingSet","means":[1e999],"deviations":[1]}""", "mean of channel 0")]
    [InlineData("""{"version":1,"channels":2,"missing_values":"Zero","normalization":"TrainingSet","means":[1,2],"deviations":[1]}""", "deviations")]
    [InlineData("""{"version":1,"channels":1,"missing_values":"Zero","normalization":"TrainingSet","means":[1],"deviations":[-1]}""", "deviation of channel 0")]
    public void Json_ThatIsWrong_IsRefused(string json, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => FramePreparation.FromJson(json)).Message, StringComparison.Ordinal);

    private static bool Near(float a, float b) => Math.Abs(a - b) <= 1e-6f;

    private static float[] Prepared(MissingValues missing, FrameNormalization normalization, params float[] frames)
    {
        Learned(missing, normalization).Prepare(frames);
        return frames;
    }

    private static FramePreparation Learned(MissingValues missing, FrameNormalization normalization)
    {
        var statistics = new FrameStatistics(2);
        statistics.Add(s_training);
        statistics.Add([NaN, NaN]);
        return statistics.ToPreparation(missing, normalization);
    }

    private static void Refused(string name, Action action) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);
}
