namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public sealed class TextLoaderTests : IDisposable
{
    private static readonly MLContext Ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private IDataView Load(string content, TextLoader.Options options) =>
        Ml.Data.LoadFromTextFile(_folder.Write("data.txt", content), options);

    private static TextLoader.Options TextAndNumber(params char[] separators) => new()
    {
        Separators = separators,
        Columns = [new TextLoader.Column("Text", DataKind.String, 0), new TextLoader.Column("Number", DataKind.Single, 1)],
    };

    [Fact]
    public void TabsSeparateByDefaultAndThereIsNoHeader()
    {
        var options = new TextLoader.Options { Columns = [new("Text", DataKind.String, 0), new("Number", DataKind.Single, 1)] };
        IDataView view = Load("a\t1\nb\t2.5\n", options);

        Assert.Equal(["a", "b"], Read.Text(view, "Text"));
        Assert.Equal([1f, 2.5f], Read.Column<float>(view, "Number"));
    }

    [Fact]
    public void HeaderIsSkipped()
    {
        TextLoader.Options options = TextAndNumber(',');
        options.HasHeader = true;
        IDataView view = Load("Text,Number\na,1\n", options);

        Assert.Equal(["a"], Read.Text(view, "Text"));
    }

    [Fact]
    public void HeaderNamesBecomeSlotNamesOfVectors()
    {
        var options = new TextLoader.Options { Separators = [','], HasHeader = true, Columns = [new("V", DataKind.Single, 1, 3)] };
        IDataView view = Load("id,x,y,z\n7,1,2,3\n", options);

        VBuffer<ReadOnlyMemory<char>> names = default;
        view.Schema["V"].GetSlotNames(ref names);
        Assert.Equal(["x", "y", "z"], names.DenseValues().Select(name => name.ToString()));
        Assert.Equal([1f, 2f, 3f], Read.Vectors<float>(view, "V")[0]);
    }

    [Fact]
    public void EmptyHeaderNames_GiveNoSlotNames()
    {
        var options = new TextLoader.Options { Separators = [','], HasHeader = true, Columns = [new("V", DataKind.Single, 1, 2)] };

        Assert.False(Load("id,,\n7,1,2\n", options).Schema["V"].HasSlotNames());
        Assert.True(Load("id,,y\n7,1,2\n", options).Schema["V"].HasSlotNames());
    }

    [Fact]
    public void SeveralSeparatorsMayBeMixed()
    {
        IDataView view = Load("a;1\nb,2\n", TextAndNumber(',', ';'));

        Assert.Equal(["a", "b"], Read.Text(view, "Text"));
        Assert.Equal([1f, 2f], Read.Column<float>(view, "Number"));
    }

    [Fact]
    public void TrimWhitespace_TrimsTheEndsOfLinesOnly()
    {
        var options = new TextLoader.Options { Separators = [','], Columns = [new("First", DataKind.String, 0), new("Last", DataKind.String, 1)] };
        IDataView kept = Load("a ,b  \n", options);
        Assert.Equal(["a "], Read.Text(kept, "First"));
        Assert.Equal(["b  "], Read.Text(kept, "Last"));

        options.TrimWhitespace = true;
        IDataView trimmed = Load("a ,b  \n", options);
        Assert.Equal(["a "], Read.Text(trimmed, "First"));
        Assert.Equal(["b"], Read.Text(trimmed, "Last"));
    }

    [Fact]
    public void EmptyLinesAreSkippedAndBothLineEndsAccepted()
    {
        IDataView view = Load("a,1\r\n\r\nb,2\n\nc,3", TextAndNumber(','));

        Assert.Equal(["a", "b", "c"], Read.Text(view, "Text"));
    }

    [Fact]
    public void MissingAndUnreadableNumbers()
    {
        IDataView view = Load("a,\nb\nc,x\nd,4\n", TextAndNumber(','));
        List<float> numbers = Read.Column<float>(view, "Number");

        Assert.Equal([0f, 0f, float.NaN, 4f], numbers);
    }

    [Fact]
    public void MissingRealsAsNaNs_ChangesEmptyFields()
    {
        TextLoader.Options options = TextAndNumber(',');
        options.MissingRealsAsNaNs = true;

        Assert.Equal([float.NaN, 4f], Read.Column<float>(Load("a,\nd,4\n", options), "Number"));
    }

    [Fact]
    public void ColumnsBeyondTheLineAreEmpty()
    {
        var options = new TextLoader.Options { Separators = [','], Columns = [new("Far", DataKind.String, 5), new("V", DataKind.Single, 0, 3)] };
        IDataView view = Load("1,2\n1,2,3,4,5\n", options);

        Assert.Equal(["", ""], Read.Text(view, "Far"));
        Assert.Equal([1f, 2f, 0f, 0f], Read.Vectors<float>(view, "V")[0]);
    }

    [Fact]
    public void BooleansAndIntegers()
    {
        var options = new TextLoader.Options
        {
            Separators = [','],
            Columns = [new("Flag", DataKind.Boolean, 0), new("Int", DataKind.Int32, 1), new("Byte", DataKind.Byte, 2), new("Double", DataKind.Double, 3)],
        };
        IDataView view = Load("1,-5,200,1e-3\n0,7,0,-2.5\ntrue,1,1,1\nFalse,1,1,1\n", options);

        Assert.Equal([true, false, true, false], Read.Column<bool>(view, "Flag"));
        Assert.Equal([-5, 7, 1, 1], Read.Column<int>(view, "Int"));
        Assert.Equal([(byte)200, (byte)0, (byte)1, (byte)1], Read.Column<byte>(view, "Byte"));
        Assert.Equal([1e-3, -2.5, 1, 1], Read.Column<double>(view, "Double"));
    }

    [Theory, InlineData(DataKind.Int32), InlineData(DataKind.Byte), InlineData(DataKind.Boolean)]
    public void UnreadableIntegersAndBooleans_Throw(DataKind kind)
    {
        var options = new TextLoader.Options { Separators = [','], Columns = [new("X", kind, 0)] };
        IDataView view = Load("1\nx\n", options);

        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        Assert.ThrowsAny<Exception>(() =>
        {
            while (cursor.MoveNext())
            {
            }
        });
    }

    [Fact]
    public void EmptyIntegersAndBooleans_AreZero()
    {
        var options = new TextLoader.Options { Separators = [','], Columns = [new("Int", DataKind.Int32, 1), new("Flag", DataKind.Boolean, 2)] };
        IDataView view = Load("a,,\nb\n", options);

        Assert.Equal([0, 0], Read.Column<int>(view, "Int"));
        Assert.Equal([false, false], Read.Column<bool>(view, "Flag"));
    }

    [Fact]
    public void KeysAreZeroBasedInTheFileAndOneBasedInTheColumn()
    {
        var options = new TextLoader.Options
        {
            Separators = [','],
            Columns = [new("Key", DataKind.UInt32, [new TextLoader.Range(0)], new KeyCount(3))],
        };
        IDataView view = Load("0\n2\n3\nx\n", options);

        Assert.Equal(new KeyDataViewType(typeof(uint), 3), view.Schema["Key"].Type);
        Assert.Equal([1u, 3u, 0u, 0u], Read.Column<uint>(view, "Key"));
    }

    [Fact]
    public void MaxRows_StopsEarly()
    {
        TextLoader.Options options = TextAndNumber(',');
        options.MaxRows = 2;

        Assert.Equal(["a", "b"], Read.Text(Load("a,1\nb,2\nc,3\n", options), "Text"));
    }

    [Fact]
    public void ManyRows_KeepTheFilesOrder()
    {
        string content = string.Concat(Enumerable.Range(0, 5000).Select(row => $"t{row},{row}\n"));
        IDataView view = Load(content, TextAndNumber(','));

        Assert.Equal(Enumerable.Range(0, 5000).Select(row => (float)row), Read.Column<float>(view, "Number"));
        Assert.Equal("t4999", Read.Text(view, "Text")[^1]);
    }

    [Fact]
    public void Views_AreNotShuffleableAndDoNotKnowTheirRowCount()
    {
        IDataView view = Load("a,1\n", TextAndNumber(','));

        Assert.False(view.CanShuffle);
        Assert.Null(view.GetRowCount());
    }
}
