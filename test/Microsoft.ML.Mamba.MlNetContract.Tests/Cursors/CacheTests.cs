namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class CacheTests
{
    private static readonly MLContext Ml = new(1);

    private class Row
    {
        public int Number { get; set; }
        public string Text { get; set; } = "";
        public float[] Any { get; set; } = [];
    }

    /// <summary>A source that counts how often it is read from its start.</summary>
    private sealed class Source
    {
        public int Passes { get; private set; }

        public IEnumerable<Row> Rows()
        {
            Passes++;
            for (int row = 0; row < 100; row++)
                yield return new Row { Number = row, Text = $"t{row}", Any = new float[row] };
        }
    }

    [Fact]
    public void Cache_ReadsItsSourceOnceForEveryCursorAfterTheFirst()
    {
        var source = new Source();
        IDataView cached = Ml.Data.Cache(Ml.Data.LoadFromEnumerable(source.Rows()), "Number", "Text", "Any");

        for (int pass = 0; pass < 3; pass++)
            Assert.Equal(Enumerable.Range(0, 100), Read.Column<int>(cached, "Number"));
        Assert.Equal(1, source.Passes);
    }

    [Fact]
    public void Cache_KeepsTextAndVectors()
    {
        IDataView cached = Ml.Data.Cache(Ml.Data.LoadFromEnumerable(new Source().Rows()));

        Assert.Equal(Enumerable.Range(0, 100).Select(row => $"t{row}"), Read.Text(cached, "Text"));
        Assert.Equal(Enumerable.Range(0, 100), Read.Vectors<float>(cached, "Any").Select(vector => vector.Length));
    }

    [Fact]
    public void Cache_KeepsAnnotationsAndShapes()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("SampleRate", NumberDataViewType.Int32, 8000);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Frames", new VectorDataViewType(NumberDataViewType.Single, 0, 2), annotations.ToAnnotations());
        IDataView cached = Ml.Data.Cache(new RowsView(builder.ToSchema(), [[new VBuffer<float>(4, [1, 2, 3, 4])]]));

        int rate = 0;
        cached.Schema["Frames"].Annotations.GetValue("SampleRate", ref rate);
        Assert.Equal(8000, rate);
        Assert.Equal([0, 2], ((VectorDataViewType)cached.Schema["Frames"].Type).Dimensions.ToArray());
        Assert.Equal([[1, 2, 3, 4]], Read.Vectors<float>(cached, "Frames"));
    }

    [Fact]
    public void Cache_MakesAViewShuffleable()
    {
        IDataView source = Ml.Data.LoadFromEnumerable(new Source().Rows());
        IDataView cached = Ml.Data.Cache(source);

        Assert.False(source.CanShuffle);
        Assert.True(cached.CanShuffle);
    }

    [Fact]
    public void Cache_KnowsItsRowCountOnceRead()
    {
        IDataView cached = Ml.Data.Cache(Ml.Data.LoadFromEnumerable(new Source().Rows()));
        _ = Read.Column<int>(cached, "Number");

        Assert.Equal(100, cached.GetRowCount());
    }

    [Fact]
    public void Cache_OfAnUnknownColumn_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.Cache(Ml.Data.LoadFromEnumerable(new Source().Rows()), "Absent"));

    [Fact]
    public void Cache_MayBeReadFromManyThreads()
    {
        IDataView cached = Ml.Data.Cache(Ml.Data.LoadFromEnumerable(new Source().Rows()));
        var sums = new int[4];
        Parallel.For(0, sums.Length, reader => sums[reader] = Read.Column<int>(cached, "Number").Sum());

        Assert.All(sums, sum => Assert.Equal(4950, sum));
    }
}
