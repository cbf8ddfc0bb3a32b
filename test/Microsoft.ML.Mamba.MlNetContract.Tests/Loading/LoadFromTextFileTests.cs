namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public sealed class LoadFromTextFileTests : IDisposable
{
    private static readonly MLContext Ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private class LabelAndText
    {
        [LoadColumn(1)] public string Label { get; set; } = "";
        [LoadColumn(0), ColumnName("Sequence")] public string Text { get; set; } = "";
    }

    private class Ranged
    {
        [LoadColumn(0, 3), VectorType(4)] public float[] Range { get; set; } = [];
        [LoadColumn(5), KeyType(3)] public uint Key { get; set; }
        [LoadColumn(4)] public bool Flag { get; set; }
    }

    private class Scattered
    {
        [LoadColumn([0, 2]), VectorType(2)] public float[] Pair { get; set; } = [];
    }

    private class Unmapped
    {
        [LoadColumn(0)] public float Value { get; set; }
        public float Elsewhere { get; set; }
    }

    [Fact]
    public void LoadColumn_PicksColumnsByIndex()
    {
        string path = _folder.Write("d.tsv", "ACGT\tpositive\nTTTT\tnegative\n");
        IDataView view = Ml.Data.LoadFromTextFile<LabelAndText>(path);

        Assert.Equal(["Label", "Sequence"], Read.Names(view).Order(StringComparer.Ordinal));
        Assert.Equal(["positive", "negative"], Read.Text(view, "Label"));
        Assert.Equal(["ACGT", "TTTT"], Read.Text(view, "Sequence"));
    }

    [Fact]
    public void Defaults_AreTabsNoHeaderNoQuoting()
    {
        string path = _folder.Write("d.tsv", "\"a\"\tx, y\n");
        IDataView view = Ml.Data.LoadFromTextFile<LabelAndText>(path);

        Assert.Equal(["x, y"], Read.Text(view, "Label"));
        Assert.Equal(["\"a\""], Read.Text(view, "Sequence"));
    }

    [Fact]
    public void SeparatorHeaderAndQuotingAreParameters()
    {
        string path = _folder.Write("d.csv", "Sequence,Label\n\"a,b\",x\n");
        IDataView view = Ml.Data.LoadFromTextFile<LabelAndText>(path, separatorChar: ',', hasHeader: true, allowQuoting: true);

        Assert.Equal(["a,b"], Read.Text(view, "Sequence"));
        Assert.Equal(["x"], Read.Text(view, "Label"));
    }

    [Fact]
    public void OptionsOverload_UsesTheTypesColumns()
    {
        string path = _folder.Write("d.csv", "a;x\n");
        IDataView view = Ml.Data.LoadFromTextFile<LabelAndText>(path, new TextLoader.Options { Separators = [';'] });

        Assert.Equal(["a"], Read.Text(view, "Sequence"));
    }

    [Fact]
    public void Ranges_BecomeVectors()
    {
        string path = _folder.Write("d.csv", "1,2,3,4,1,0\n5,6,7,8,0,2\n");
        IDataView view = Ml.Data.LoadFromTextFile<Ranged>(path, separatorChar: ',');

        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 4), view.Schema["Range"].Type);
        Assert.Equal([5f, 6f, 7f, 8f], Read.Vectors<float>(view, "Range")[1]);
        Assert.Equal([true, false], Read.Column<bool>(view, "Flag"));
        Assert.Equal(new KeyDataViewType(typeof(uint), 3), view.Schema["Key"].Type);
        Assert.Equal([1u, 3u], Read.Column<uint>(view, "Key"));
    }

    [Fact]
    public void ListedIndices_BecomeOneVector()
    {
        string path = _folder.Write("d.csv", "1,2,3\n");
        IDataView view = Ml.Data.LoadFromTextFile<Scattered>(path, separatorChar: ',');

        Assert.Equal([1f, 3f], Read.Vectors<float>(view, "Pair")[0]);
    }

    [Fact]
    public void MembersWithoutLoadColumn_Throw()
    {
        string path = _folder.Write("d.csv", "1\n");

        Assert.Throws<InvalidOperationException>(() => Ml.Data.LoadFromTextFile<Unmapped>(path));
    }

    [Fact]
    public void MissingFile_ThrowsWhenTheLoaderIsMade() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.LoadFromTextFile<LabelAndText>(_folder.PathOf("absent.tsv")));

    [Fact]
    public void CreateTextLoader_LoadsSeveralFilesAsOne()
    {
        string one = _folder.Write("1.tsv", "A\tx\n");
        string two = _folder.Write("2.tsv", "C\ty\n");
        TextLoader loader = Ml.Data.CreateTextLoader([new TextLoader.Column("Sequence", DataKind.String, 0), new TextLoader.Column("Label", DataKind.String, 1)]);
        IDataView view = loader.Load(one, two);

        Assert.Equal(["A", "C"], Read.Text(view, "Sequence"));
        Assert.Equal(["Sequence", "Label"], loader.GetOutputSchema().Select(column => column.Name));
    }

    [Fact]
    public void ColumnsOverload_TakesNamesKindsAndRanges()
    {
        string path = _folder.Write("d.csv", "h,h,h\n1,2,3\n");
        IDataView view = Ml.Data.LoadFromTextFile(path, [new TextLoader.Column("V", DataKind.Single, 0, 2)], separatorChar: ',', hasHeader: true);

        Assert.Equal([1f, 2f, 3f], Read.Vectors<float>(view, "V")[0]);
    }

    [Fact]
    public void AFileMayBeReadByManyCursors()
    {
        string path = _folder.Write("d.tsv", "A\tx\nC\ty\n");
        IDataView view = Ml.Data.LoadFromTextFile<LabelAndText>(path);

        Assert.Equal(Read.Text(view, "Sequence"), Read.Text(view, "Sequence"));
    }
}
