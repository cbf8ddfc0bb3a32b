namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class SplitTests
{
    private static readonly MLContext Ml = new(1);

    private class Row
    {
        public int Number { get; set; }
        public string Group { get; set; } = "";
    }

    private static IDataView View(int rows = 2000) =>
        Ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(row => new Row { Number = row, Group = $"g{row % 40}" }).ToList());

    private static List<int> Numbers(IDataView view) => Read.Column<int>(view, "Number");

    [Fact]
    public void TrainTestSplit_IsAPartitionInTheSourcesOrder()
    {
        DataOperationsCatalog.TrainTestData split = Ml.Data.TrainTestSplit(View(), 0.25);
        List<int> train = Numbers(split.TrainSet), test = Numbers(split.TestSet);

        Assert.Empty(train.Intersect(test));
        Assert.Equal(Enumerable.Range(0, 2000), train.Concat(test).Order());
        Assert.Equal(train.Order(), train);
        Assert.Equal(test.Order(), test);
    }

    [Fact]
    public void TrainTestSplit_ApproximatesTheFraction()
    {
        Assert.InRange(Numbers(Ml.Data.TrainTestSplit(View(), 0.25).TestSet).Count, 400, 600);
        Assert.InRange(Numbers(Ml.Data.TrainTestSplit(View()).TestSet).Count, 130, 270);
    }

    [Fact]
    public void TrainTestSplit_DependsOnTheSeedOnly()
    {
        List<int> Test(int? seed, int contextSeed = 1) => Numbers(new MLContext(contextSeed).Data.TrainTestSplit(View(), 0.2, seed: seed).TestSet);

        Assert.Equal(Test(7), Test(7, contextSeed: 2));
        Assert.NotEqual(Test(7), Test(8));
        Assert.Equal(Test(null), Test(null));
        Assert.NotEqual(Test(null), Test(null, contextSeed: 2));
    }

    [Fact]
    public void TrainTestSplit_ReadsTheSameRowsEveryTime()
    {
        IDataView test = Ml.Data.TrainTestSplit(View(), 0.2).TestSet;

        Assert.Equal(Numbers(test), Numbers(test));
    }

    [Fact]
    public void SamplingKey_KeepsGroupsTogether()
    {
        DataOperationsCatalog.TrainTestData split = Ml.Data.TrainTestSplit(View(), 0.3, samplingKeyColumnName: "Group");
        List<string> train = Read.Text(split.TrainSet, "Group"), test = Read.Text(split.TestSet, "Group");

        Assert.NotEmpty(train);
        Assert.NotEmpty(test);
        Assert.Empty(train.Intersect(test));
        Assert.Equal(2000, train.Count + test.Count);
    }

    [Fact]
    public void Splits_AddNoVisibleColumn()
    {
        Assert.Equal(["Number", "Group"], Read.Names(Ml.Data.TrainTestSplit(View(), 0.3).TrainSet));
        Assert.Equal(["Number", "Group"], Read.Names(Ml.Data.TrainTestSplit(View(), 0.3, "Group").TestSet));
        Assert.Equal(["Number", "Group"], Read.Names(Ml.Data.CrossValidationSplit(View(), 3)[1].TrainSet));
    }

    [Fact]
    public void TrainTestSplit_RejectsFractionsOutsideZeroToOneAndUnknownKeys()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.TrainTestSplit(View(), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.TrainTestSplit(View(), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.TrainTestSplit(View(), 0.5, "Absent"));
    }

    [Fact]
    public void CrossValidationSplit_TestsEveryRowOnce()
    {
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds = Ml.Data.CrossValidationSplit(View(), 4);

        Assert.Equal(4, folds.Count);
        Assert.Equal(Enumerable.Range(0, 2000), folds.SelectMany(fold => Numbers(fold.TestSet)).Order());
        Assert.All(folds, fold => Assert.Equal(Enumerable.Range(0, 2000), Numbers(fold.TrainSet).Concat(Numbers(fold.TestSet)).Order()));
        Assert.All(folds, fold => Assert.InRange(Numbers(fold.TestSet).Count, 400, 600));
    }

    [Fact]
    public void CrossValidationSplit_DefaultsToFiveFoldsAndNeedsTwo()
    {
        Assert.Equal(5, Ml.Data.CrossValidationSplit(View()).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.CrossValidationSplit(View(), 1));
    }

    [Fact]
    public void CrossValidationSplit_KeepsGroupsTogether() =>
        Assert.All(Ml.Data.CrossValidationSplit(View(), 3, "Group"),
            fold => Assert.Empty(Read.Text(fold.TrainSet, "Group").Intersect(Read.Text(fold.TestSet, "Group"))));
}
