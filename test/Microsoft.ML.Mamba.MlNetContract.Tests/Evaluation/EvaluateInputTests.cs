namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class EvaluateInputTests
{
    private static readonly MLContext Ml = new(1);
    private static readonly IDataView Scored = new Scores(["a", "b"]).Add(1, 0.9f, 0.1f).Add(2, 0.3f, 0.7f).View();

    private class Other
    {
        public string Label { get; set; } = "";
        public float Score { get; set; }
        [VectorType(2)] public float[] Good { get; set; } = [0.5f, 0.5f];
        [VectorType(1)] public float[] One { get; set; } = [1];
        public float[] Variable { get; set; } = [1, 2];
        [VectorType(2)] public double[] Doubles { get; set; } = [1, 2];
        public float Numeric { get; set; }
        [KeyType(2)] public uint Key { get; set; }
        [KeyType(2)] public byte ByteKey { get; set; }
        [KeyType(2)] public ulong LongKey { get; set; }
        [KeyType(2)] public uint PredictedLabel { get; set; }
    }

    private static MulticlassClassificationMetrics Evaluate(string label, string score) =>
        Ml.MulticlassClassification.Evaluate(Ml.Data.LoadFromEnumerable([new Other { Key = 0, Numeric = 1 }]), label, score);

    [Fact]
    public void ColumnsAreFoundByName()
    {
        IDataView renamed = Ml.Transforms.CopyColumns("L", "Label")
            .Append(Ml.Transforms.CopyColumns("S", "Score")).Append(Ml.Transforms.CopyColumns("P", "PredictedLabel"))
            .Append(Ml.Transforms.DropColumns("Label", "Score", "PredictedLabel")).Fit(Scored).Transform(Scored);

        Assert.Equal(1, Ml.MulticlassClassification.Evaluate(renamed, "L", "S", "P").MicroAccuracy);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.MulticlassClassification.Evaluate(renamed));
    }

    [Theory]
    [InlineData("Absent", "Score", "PredictedLabel")]
    [InlineData("Label", "Absent", "PredictedLabel")]
    [InlineData("Label", "Score", "Absent")]
    public void MissingColumns_Throw(string label, string score, string predicted) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.MulticlassClassification.Evaluate(Scored, label, score, predicted));

    [Fact]
    public void TextLabels_Throw() => Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate("Label", "Good"));

    [Fact]
    public void NumericLabels_CountFromZero() =>
        Assert.Equal(1, Evaluate("Numeric", "Good").ConfusionMatrix.Counts[1].Sum());

    [Theory, InlineData("ByteKey"), InlineData("LongKey")]
    public void Keys_MayBeOfAnyWidth(string label) =>
        Assert.Equal(1, Evaluate(label, "Good").ConfusionMatrix.Counts[0].Sum());

    [Theory, InlineData("Score"), InlineData("One"), InlineData("Variable"), InlineData("Doubles")]
    public void ScoresThatAreNotVectorsOfTwoOrMoreSingles_Throw(string score) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate("Key", score));

    [Fact]
    public void NegativeTopK_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.MulticlassClassification.Evaluate(Scored, topKPredictionCount: -1));

    [Fact]
    public void TopKBeyondTheClasses_Throws() =>
        Assert.ThrowsAny<Exception>(() => Ml.MulticlassClassification.Evaluate(Scored, topKPredictionCount: 5));

    [Fact]
    public void NullData_Throws() =>
        Assert.Throws<ArgumentNullException>(() => Ml.MulticlassClassification.Evaluate(null!));
}
