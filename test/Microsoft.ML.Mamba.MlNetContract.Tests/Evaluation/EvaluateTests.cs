namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class EvaluateTests
{
    private static readonly MLContext Ml = new(1);
    private static readonly string[] Three = ["a", "b", "c"];

    /// <summary>Classes a, b, c hold 2, 3 and 1 rows; 1, 2 and 0 of them are right.</summary>
    private static Scores Example() => new Scores(Three)
        .Add(1, 0.7f, 0.2f, 0.1f)
        .Add(1, 0.1f, 0.6f, 0.3f)
        .Add(2, 0.25f, 0.5f, 0.25f)
        .Add(2, 0.2f, 0.8f, 0f)
        .Add(2, 0.4f, 0.35f, 0.25f)
        .Add(3, 0.5f, 0.3f, 0.2f);

    private static void Near(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-6, $"expected {expected}, got {actual}");

    [Fact]
    public void MicroAccuracy_IsTheShareOfRightRows() =>
        Near(3.0 / 6, Ml.MulticlassClassification.Evaluate(Example().View()).MicroAccuracy);

    [Fact]
    public void MacroAccuracy_IsTheMeanRecallOfTheClassesSeen()
    {
        Near((1.0 / 2 + 2.0 / 3 + 0) / 3, Ml.MulticlassClassification.Evaluate(Example().View()).MacroAccuracy);
        IDataView withoutC = new Scores(Three).Add(1, 1, 0, 0).Add(2, 1, 0, 0).View();
        Near((1.0 + 0) / 2, Ml.MulticlassClassification.Evaluate(withoutC).MacroAccuracy);
    }

    [Fact]
    public void LogLoss_IsTheMeanNegativeLogarithmOfTheRightScore()
    {
        double expected = -(Math.Log(0.7) + Math.Log(0.1) + Math.Log(0.5) + Math.Log(0.8) + Math.Log(0.35) + Math.Log(0.2)) / 6;

        Near(expected, Ml.MulticlassClassification.Evaluate(Example().View()).LogLoss);
    }

    [Fact]
    public void LogLoss_ClipsScoresFromBelowAt1e15AndFromAboveAtOne()
    {
        Near(-Math.Log(1e-15f), Ml.MulticlassClassification.Evaluate(new Scores(Three).Add(1, 0, 1, 0).View()).LogLoss);
        Near(0, Ml.MulticlassClassification.Evaluate(new Scores(Three).Add(1, 7, 0, 0).View()).LogLoss);
        Near(-Math.Log(1e-15f), Ml.MulticlassClassification.Evaluate(new Scores(Three).Add(1, -3, 0, 1).View()).LogLoss);
    }

    [Fact]
    public void LogLossReduction_IsRelativeToTheEntropyOfTheLabels()
    {
        double entropy = -(2 * Math.Log(2.0 / 6) + 3 * Math.Log(3.0 / 6) + Math.Log(1.0 / 6)) / 6;
        MulticlassClassificationMetrics metrics = Ml.MulticlassClassification.Evaluate(Example().View());

        Near((entropy - metrics.LogLoss) / entropy, metrics.LogLossReduction);
    }

    [Fact]
    public void PerClassLogLoss_IsTheMeanOverTheClassAndZeroForAnUnseenOne()
    {
        MulticlassClassificationMetrics metrics = Ml.MulticlassClassification.Evaluate(Example().View());
        Assert.Equal(3, metrics.PerClassLogLoss.Count);
        Near(-(Math.Log(0.7) + Math.Log(0.1)) / 2, metrics.PerClassLogLoss[0]);
        Near(-(Math.Log(0.5) + Math.Log(0.8) + Math.Log(0.35)) / 3, metrics.PerClassLogLoss[1]);
        Near(-Math.Log(0.2), metrics.PerClassLogLoss[2]);

        Assert.Equal(0, Ml.MulticlassClassification.Evaluate(new Scores(Three).Add(1, 0.5f, 0.5f, 0).View()).PerClassLogLoss[2]);
    }

    [Fact]
    public void TopK_IsOffByDefault()
    {
        MulticlassClassificationMetrics metrics = Ml.MulticlassClassification.Evaluate(Example().View());

        Assert.Equal(0, metrics.TopKPredictionCount);
        Assert.Equal(0, metrics.TopKAccuracy);
        Assert.Null(metrics.TopKAccuracyForAllK);
    }

    [Fact]
    public void TopK_CountsTheRankOfTheRightScoreUpToK()
    {
        MulticlassClassificationMetrics metrics = Ml.MulticlassClassification.Evaluate(Example().View(), topKPredictionCount: 2);

        Assert.Equal(2, metrics.TopKPredictionCount);
        Near(4.0 / 6, metrics.TopKAccuracy);
        Assert.Equal(2, metrics.TopKAccuracyForAllK.Count);
        Near(3.0 / 6, metrics.TopKAccuracyForAllK[0]);
        Near(4.0 / 6, metrics.TopKAccuracyForAllK[1]);
    }

    [Fact]
    public void Ties_GoToTheFirstClass()
    {
        MulticlassClassificationMetrics metrics = Ml.MulticlassClassification.Evaluate(new Scores(Three).Add(1, 0.4f, 0.4f, 0.2f).Add(2, 0.4f, 0.4f, 0.2f).View());

        Near(0.5, metrics.MicroAccuracy);
        Assert.Equal(1, metrics.ConfusionMatrix.Counts[1][0]);
    }

    [Fact]
    public void MissingLabels_AreLeftOut()
    {
        MulticlassClassificationMetrics metrics = Ml.MulticlassClassification.Evaluate(Example().Add(0, 0.1f, 0.1f, 0.8f).View());

        Near(3.0 / 6, metrics.MicroAccuracy);
        Assert.Equal(6, metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()));
    }

    [Fact]
    public void NonFiniteScores_AreLeftOut()
    {
        MulticlassClassificationMetrics metrics = Ml.MulticlassClassification.Evaluate(
            Example().Add(1, float.NaN, 0, 0).Add(1, float.PositiveInfinity, 0, 0).View());

        Near(3.0 / 6, metrics.MicroAccuracy);
    }

    [Fact]
    public void LabelsBeyondTheScores_CountAsWrongWithTheLowestScore()
    {
        MulticlassClassificationMetrics metrics = Ml.MulticlassClassification.Evaluate(new Scores(Three).Add(1, 1, 0, 0).Add(4, 1, 0, 0).View(labelCount: 4));

        Near(0.5, metrics.MicroAccuracy);
        Near(1, metrics.MacroAccuracy);
        Near(-Math.Log(1e-15f) / 2, metrics.LogLoss);
        Assert.Equal(1, metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()));
    }
}
