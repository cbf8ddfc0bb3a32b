using System.Globalization;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public sealed class ConfusionMatrixTests : IDisposable
{
    private static readonly MLContext Ml = new(1);
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;

    // The table's numbers are written in the reader's culture.
    public ConfusionMatrixTests() => CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

    public void Dispose() => CultureInfo.CurrentCulture = _culture;

    private static ConfusionMatrix Matrix(string[] classes, bool slotNames = true) => Ml.MulticlassClassification.Evaluate(new Scores(classes)
        .Add(1, 0.7f, 0.2f, 0.1f)
        .Add(1, 0.1f, 0.6f, 0.3f)
        .Add(2, 0.2f, 0.8f, 0f)
        .Add(3, 0.5f, 0.3f, 0.2f).View(slotNames)).ConfusionMatrix;

    private static string[] Lines(ConfusionMatrix matrix) => matrix.GetFormattedConfusionTable().ReplaceLineEndings("\n").Split('\n');

    [Fact]
    public void Counts_HaveTheTruthInRowsAndThePredictionInColumns()
    {
        ConfusionMatrix matrix = Matrix(["a", "b", "c"]);

        Assert.Equal(3, matrix.NumberOfClasses);
        Assert.Equal([1.0, 1, 0], matrix.Counts[0]);
        Assert.Equal([0.0, 1, 0], matrix.Counts[1]);
        Assert.Equal([1.0, 0, 0], matrix.Counts[2]);
    }

    [Fact]
    public void GetCountForClassPair_TakesThePredictedClassFirst()
    {
        ConfusionMatrix matrix = Matrix(["a", "b", "c"]);

        Assert.Equal(1, matrix.GetCountForClassPair(0, 2));
        Assert.Equal(0, matrix.GetCountForClassPair(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.GetCountForClassPair(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.GetCountForClassPair(0, -1));
    }

    [Fact]
    public void PrecisionAndRecall_AreZeroWhereNothingWasPredictedOrSeen()
    {
        ConfusionMatrix matrix = Matrix(["a", "b", "c"]);

        Assert.Equal([0.5, 0.5, 0], matrix.PerClassPrecision);
        Assert.Equal([0.5, 1, 0], matrix.PerClassRecall);
    }

    [Fact]
    public void Table_NamesTheClassesByTheSlotNamesOfTheScore() => Assert.Equal(
    [
        "",
        "Confusion table",
        "          ||========================",
        "PREDICTED ||     a |     b |     c | Recall",
        "TRUTH     ||========================",
        "        a ||     1 |     1 |     0 | 0.5000",
        "        b ||     0 |     1 |     0 | 1.0000",
        "        c ||     1 |     0 |     0 | 0.0000",
        "          ||========================",
        "Precision ||0.5000 |0.5000 |0.0000 |",
        "",
    ], Lines(Matrix(["a", "b", "c"])));

    [Fact]
    public void Table_NumbersTheClassesWithoutSlotNames()
    {
        string[] lines = Lines(Matrix(["a", "b", "c"], slotNames: false));

        Assert.Equal("PREDICTED ||     0 |     1 |     2 | Recall", lines[3]);
        Assert.Equal("        0 ||     1 |     1 |     0 | 0.5000", lines[5]);
    }

    [Fact]
    public void Table_NumbersTheColumnsWhenNamesAreTooLong() => Assert.Equal(
    [
        "",
        "Confusion table",
        "             ||========================",
        "PREDICTED    ||     0 |     1 |     2 | Recall",
        "TRUTH        ||========================",
        "0.  promoter ||     1 |     1 |     0 | 0.5000",
        "1.    random ||     0 |     1 |     0 | 1.0000",
        "2. something ||     1 |     0 |     0 | 0.0000",
        "             ||========================",
        "Precision    ||0.5000 |0.5000 |0.0000 |",
        "",
    ], Lines(Matrix(["promoter", "random", "something"])));

    [Fact]
    public void Table_OfTwoClassesIsWider()
    {
        ConfusionMatrix matrix = Ml.MulticlassClassification.Evaluate(new Scores(["positive", "negative"]).Add(1, 1, 0).Add(2, 1, 0).View()).ConfusionMatrix;

        Assert.Equal(
        [
            "",
            "Confusion table",
            "          ||======================",
            "PREDICTED || positive | negative | Recall",
            "TRUTH     ||======================",
            " positive ||        1 |        0 | 1.0000",
            " negative ||        1 |        0 | 0.0000",
            "          ||======================",
            "Precision ||   0.5000 |   0.0000 |",
            "",
        ], Lines(matrix));
    }
}
