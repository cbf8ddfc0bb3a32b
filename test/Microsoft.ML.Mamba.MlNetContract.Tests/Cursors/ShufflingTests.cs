namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class ShufflingTests
{
    private static readonly MLContext Ml = new(1);

    private class Row
    {
        public int Number { get; set; }
    }

    private static IDataView View(int rows) =>
        Ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(row => new Row { Number = row }).ToList());

    private static IDataView Shuffleable(int rows) => Ml.Data.Cache(View(rows));

    private static List<int> Numbers(IDataView view, Random? random = null)
    {
        var numbers = new List<int>();
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema, random);
        ValueGetter<int> getter = cursor.GetGetter<int>(view.Schema["Number"]);
        while (cursor.MoveNext())
        {
            int number = 0;
            getter(ref number);
            numbers.Add(number);
        }
        return numbers;
    }

    [Fact]
    public void ACursorWithARandom_ShufflesAViewThatCan()
    {
        IDataView view = Shuffleable(100);
        Assert.True(view.CanShuffle);

        List<int> shuffled = Numbers(view, new Random(5));
        Assert.NotEqual(Enumerable.Range(0, 100), shuffled);
        Assert.Equal(Enumerable.Range(0, 100), shuffled.Order());
    }

    [Fact]
    public void TheSameRandom_GivesTheSameOrder()
    {
        Assert.Equal(Numbers(Shuffleable(100), new Random(5)), Numbers(Shuffleable(100), new Random(5)));
        Assert.NotEqual(Numbers(Shuffleable(100), new Random(5)), Numbers(Shuffleable(100), new Random(6)));
    }

    [Fact]
    public void IdsTravelWithTheirRows()
    {
        IDataView view = Shuffleable(50);
        Dictionary<int, DataViewRowId> straight = Pairs(null), shuffled = Pairs(new Random(2));

        Assert.Equal(straight.OrderBy(pair => pair.Key), shuffled.OrderBy(pair => pair.Key));

        Dictionary<int, DataViewRowId> Pairs(Random? random)
        {
            var pairs = new Dictionary<int, DataViewRowId>();
            using DataViewRowCursor cursor = view.GetRowCursor(view.Schema, random);
            ValueGetter<int> number = cursor.GetGetter<int>(view.Schema["Number"]);
            ValueGetter<DataViewRowId> id = cursor.GetIdGetter();
            while (cursor.MoveNext())
            {
                int value = 0;
                DataViewRowId key = default;
                number(ref value);
                id(ref key);
                pairs.Add(value, key);
            }
            return pairs;
        }
    }

    [Fact]
    public void ViewsThatCannotShuffle_IgnoreTheRandom()
    {
        Assert.False(View(20).CanShuffle);
        Assert.Equal(Enumerable.Range(0, 20), Numbers(View(20), new Random(1)));
    }

    [Fact]
    public void ShuffleRows_KeepsEveryRowAndDependsOnTheSeed()
    {
        List<int> one = Numbers(Ml.Data.ShuffleRows(View(200), seed: 1));

        Assert.Equal(Enumerable.Range(0, 200), one.Order());
        Assert.NotEqual(Enumerable.Range(0, 200), one);
        Assert.Equal(one, Numbers(Ml.Data.ShuffleRows(View(200), seed: 1)));
        Assert.NotEqual(one, Numbers(Ml.Data.ShuffleRows(View(200), seed: 2)));
    }

    [Fact]
    public void ShuffleRows_WithAPoolOfOneAndNoSourceShuffling_KeepsTheOrder() =>
        Assert.Equal(Enumerable.Range(0, 30), Numbers(Ml.Data.ShuffleRows(View(30), seed: 1, shufflePoolSize: 1, shuffleSource: false)));

    [Fact]
    public void ShuffleRows_WithAPool_MovesRowsWithinIt()
    {
        List<int> numbers = Numbers(Ml.Data.ShuffleRows(View(500), seed: 1, shufflePoolSize: 10, shuffleSource: false));

        Assert.Equal(Enumerable.Range(0, 500), numbers.Order());
        Assert.NotEqual(Enumerable.Range(0, 500), numbers);
        Assert.All(numbers.Select((number, position) => number - position), ahead => Assert.True(ahead < 20));
    }

    [Fact]
    public void ShuffleRows_GivesEveryCursorTheSameOrder()
    {
        IDataView shuffled = Ml.Data.ShuffleRows(View(100), seed: 1);

        Assert.Equal(Numbers(shuffled), Numbers(shuffled));
    }

    [Fact]
    public void ShuffleRows_RejectsEmptyPools() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.ShuffleRows(View(3), seed: 1, shufflePoolSize: 0));
}
