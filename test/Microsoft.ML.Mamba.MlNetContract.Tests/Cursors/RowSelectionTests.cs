namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class RowSelectionTests
{
    private static readonly MLContext Ml = new(1);

    private class Row
    {
        public float Number { get; set; }
        public double Wide { get; set; }
        [KeyType(10)] public uint Key { get; set; }
        public string Text { get; set; } = "";
    }

    private static IDataView View(params float[] numbers) =>
        Ml.Data.LoadFromEnumerable(numbers.Select(number => new Row { Number = number, Wide = number }).ToList());

    private static List<float> Numbers(IDataView view) => Read.Column<float>(view, "Number");

    [Fact]
    public void TakeRows_GivesTheFirst()
    {
        Assert.Equal([1f, 2f], Numbers(Ml.Data.TakeRows(View(1, 2, 3), 2)));
        Assert.Equal([1f, 2f, 3f], Numbers(Ml.Data.TakeRows(View(1, 2, 3), 9)));
        Assert.Equal(2, Ml.Data.TakeRows(View(1, 2, 3), 2).GetRowCount());
    }

    [Fact]
    public void SkipRows_LeavesTheFirstOut()
    {
        Assert.Equal([3f], Numbers(Ml.Data.SkipRows(View(1, 2, 3), 2)));
        Assert.Empty(Numbers(Ml.Data.SkipRows(View(1, 2, 3), 9)));
    }

    [Fact]
    public void TakeAndSkip_RejectCountsBelowOne()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.TakeRows(View(1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.SkipRows(View(1), -1));
    }

    [Fact]
    public void TakeAndSkip_DoNotShuffle()
    {
        Assert.False(Ml.Data.TakeRows(View(1, 2), 1).CanShuffle);
        Assert.False(Ml.Data.SkipRows(View(1, 2), 1).CanShuffle);
    }

    [Fact]
    public void FilterRowsByColumn_IncludesTheLowerAndExcludesTheUpperBound() =>
        Assert.Equal([2f, 3f], Numbers(Ml.Data.FilterRowsByColumn(View(1, 2, 3, 4), "Number", 2, 4)));

    [Fact]
    public void FilterRowsByColumn_DropsNaNAndHasOpenEnds()
    {
        Assert.Equal([3f, 4f], Numbers(Ml.Data.FilterRowsByColumn(View(1, float.NaN, 3, 4), "Number", lowerBound: 2)));
        Assert.Equal([1f], Numbers(Ml.Data.FilterRowsByColumn(View(1, float.NaN, 3, 4), "Number", upperBound: 3)));
    }

    [Fact]
    public void FilterRowsByColumn_TakesDoublesAndRejectsTextKeysAndUnknownColumns()
    {
        Assert.Equal([3f], Numbers(Ml.Data.FilterRowsByColumn(View(1, 3), "Wide", 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.FilterRowsByColumn(View(1), "Text", 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.FilterRowsByColumn(View(1), "Key", 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.FilterRowsByColumn(View(1), "Absent", 0, 1));
    }

    [Fact]
    public void SelectionsKeepTheSchema()
    {
        IDataView source = View(1, 2, 3);

        Assert.Equal(Read.Names(source), Read.Names(Ml.Data.TakeRows(source, 1)));
        Assert.Equal(Read.Names(source), Read.Names(Ml.Data.FilterRowsByColumn(source, "Number", 0, 1)));
        Assert.Equal(Read.Names(source), Read.Names(Ml.Data.ShuffleRows(source, seed: 1)));
        Assert.Equal(Read.Names(source), Read.Names(Ml.Data.Cache(source)));
    }
}
