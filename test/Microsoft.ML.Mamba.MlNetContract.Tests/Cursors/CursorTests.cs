namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class CursorTests
{
    private static readonly MLContext Ml = new(1);

    private class Row
    {
        public float A { get; set; }
        public float B { get; set; }
        public string C { get; set; } = "";
    }

    private static IDataView View(int rows = 5) =>
        Ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(row => new Row { A = row, B = -row, C = $"t{row}" }).ToList());

    /// <summary>The kinds of views that stand between a loader and a trainer.</summary>
    public static TheoryData<string> Kinds => ["source", "cached", "shuffled", "taken", "filtered", "mapped", "copied"];

    private static IDataView Make(string kind, int rows = 5) => kind switch
    {
        "source" => View(rows),
        "cached" => Ml.Data.Cache(View(rows)),
        "shuffled" => Ml.Data.ShuffleRows(View(rows), seed: 3),
        "taken" => Ml.Data.TakeRows(View(rows + 5), rows),
        "filtered" => Ml.Data.FilterRowsByColumn(View(rows + 5), "A", 0, rows),
        "mapped" => Ml.Transforms.Conversion.MapValueToKey("Key", "C").Fit(View(rows)).Transform(View(rows)),
        "copied" => Ml.Transforms.CopyColumns("D", "A").Fit(View(rows)).Transform(View(rows)),
        _ => throw new ArgumentException(kind),
    };

    [Theory, MemberData(nameof(Kinds))]
    public void OnlyRequestedColumnsAreActive(string kind)
    {
        IDataView view = Make(kind);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["A"]]);

        Assert.True(cursor.IsColumnActive(view.Schema["A"]));
        Assert.False(cursor.IsColumnActive(view.Schema["C"]));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void GettersOfInactiveColumnsThrow(string kind)
    {
        IDataView view = Make(kind);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["A"]]);

        Assert.ThrowsAny<Exception>(() => cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["C"]));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void GettersOfAnotherTypeThrow(string kind)
    {
        IDataView view = Make(kind);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);

        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(view.Schema["A"]));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void PositionCountsFromMinusOne(string kind)
    {
        IDataView view = Make(kind);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        var positions = new List<long> { cursor.Position };
        while (cursor.MoveNext())
            positions.Add(cursor.Position);

        Assert.Equal([-1L, 0, 1, 2, 3, 4], positions);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void MoveNextStaysFalseAtTheEnd(string kind)
    {
        IDataView view = Make(kind, rows: 1);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);

        Assert.True(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
    }

    [Theory, MemberData(nameof(Kinds))]
    public void GettersMayBeCalledTwiceForARow(string kind)
    {
        IDataView view = Make(kind);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<float> a = cursor.GetGetter<float>(view.Schema["A"]);
        ValueGetter<float> b = cursor.GetGetter<float>(view.Schema["B"]);
        while (cursor.MoveNext())
        {
            float first = 0, second = 0, negative = 0;
            a(ref first);
            b(ref negative);
            a(ref second);
            Assert.Equal(first, second);
            Assert.Equal(-first, negative);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void BatchIsZeroOnASingleCursorsFirstRow(string kind)
    {
        IDataView view = Make(kind);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        Assert.True(cursor.MoveNext());

        Assert.Equal(0, cursor.Batch);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void IdsAreDistinctAndStable(string kind)
    {
        IDataView view = Make(kind);
        List<DataViewRowId> ids = Read.Ids(view);

        Assert.Equal(5, ids.Distinct().Count());
        Assert.Equal(ids, Read.Ids(view));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void CursorSetsCoverEveryRowOnce(string kind)
    {
        IDataView view = Make(kind, rows: 300);
        var values = new List<float>();
        DataViewRowCursor[] set = view.GetRowCursorSet([view.Schema["A"]], 3);
        Assert.InRange(set.Length, 1, 3);
        foreach (DataViewRowCursor cursor in set)
        {
            using (cursor)
            {
                ValueGetter<float> getter = cursor.GetGetter<float>(view.Schema["A"]);
                while (cursor.MoveNext())
                {
                    float value = 0;
                    getter(ref value);
                    values.Add(value);
                }
            }
        }
        Assert.Equal(Enumerable.Range(0, 300).Select(row => (float)row), values.Order());
    }

    [Theory, MemberData(nameof(Kinds))]
    public void CursorsAreIndependent(string kind)
    {
        IDataView view = Make(kind);
        using DataViewRowCursor first = view.GetRowCursor(view.Schema);
        using DataViewRowCursor second = view.GetRowCursor(view.Schema);
        first.MoveNext();
        first.MoveNext();
        second.MoveNext();

        Assert.Equal((1L, 0L), (first.Position, second.Position));
    }

    [Fact]
    public void AViewOfNoRows_EndsAtOnce()
    {
        using DataViewRowCursor cursor = View(0).GetRowCursor([]);

        Assert.False(cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
    }
}
