using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Loading;

public sealed class FolderTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_ComeInOrdinalOrderOfLabelAndPath()
    {
        Make("c/2.wav", "c/10.wav", "B/1.wav", "a/z/1.wav", "a/Z.wav", "a/y.wav");
        IDataView view = _ml.Data.LoadFromFolders(_folder.Path);
        Assert.Equal(["B", "a", "a", "a", "c", "c"], Read.Text(view, "Label"));
        Assert.Equal(["1.wav", "Z.wav", "y.wav", "1.wav", "10.wav", "2.wav"], Read.Text(view, "Name"));
        Assert.Equal(["B/1.wav", "a/Z.wav", "a/y.wav", "a/z/1.wav", "c/10.wav", "c/2.wav"], Read.Text(view, "File").Select(Below));
        Assert.All(Read.Text(view, "File"), file => Assert.True(Path.IsPathFullyQualified(file)));
        Assert.Equal(["File", "Label", "Name"], view.Schema.Select(column => column.Name));
        Assert.All(view.Schema, column => Assert.Equal(TextDataViewType.Instance, column.Type));
        Assert.Equal(6, view.GetRowCount());
    }

    [Theory]
    [InlineData("*", "1.WAV 2.wave 3.txt 4.wav")]
    [InlineData("*.wav", "1.WAV 4.wav")]
    [InlineData("?.wav; *.TXT", "1.WAV 3.txt 4.wav")]
    [InlineData("*.wav;*.wave", "1.WAV 2.wave 4.wav")]
    public void SearchPattern_ChoosesFiles(string pattern, string expected)
    {
        Make("a/1.WAV", "a/2.wave", "a/3.txt", "a/4.wav");
        Assert.Equal(expected.Split(' '), Read.Text(_ml.Data.LoadFromFolders(_folder.Path, pattern), "Name"));
    }

    [Fact]
    public void Recursive_TakesFoldersBelowAClass_UnderTheClassesLabel()
    {
        Make("yes/speaker1/take/1.wav", "yes/2.wav");
        IDataView all = _ml.Data.LoadFromFolders(_folder.Path);
        Assert.Equal(["2.wav", "1.wav"], Read.Text(all, "Name"));
        Assert.Equal(["yes", "yes"], Read.Text(all, "Label"));
        Assert.Equal(["2.wav"], Read.Text(_ml.Data.LoadFromFolders(_folder.Path, recursive: false), "Name"));
    }

    [Fact]
    public void FilesWithoutAClass_AndHiddenOnes_AreLeftOut()
    {
        Make("README", ".cache/1.wav", "a/.DS_Store", "a/.git/2.wav", "a/3.wav");
        Assert.Equal(["3.wav"], Read.Text(_ml.Data.LoadFromFolders(_folder.Path), "Name"));
    }

    [Fact]
    public void Columns_HaveTheNamesAskedFor()
    {
        Make("a/1.wav");
        IDataView view = _ml.Data.LoadFromFolders(_folder.Path, fileColumnName: "P", labelColumnName: "L", nameColumnName: "N");
        Assert.Equal(["P", "L", "N"], view.Schema.Select(column => column.Name));
        Assert.Equal("a", Assert.Single(Read.Text(view, "L")));
        Assert.Equal("1.wav", Assert.Single(Read.Text(view, "N")));
    }

    [Fact]
    public void Listing_WorksInAPipeline()
    {
        Make([.. Enumerable.Range(0, 40).Select(i => $"{(i % 2 == 0 ? "even" : "odd")}/{i:00}.txt")]);
        IDataView view = _ml.Data.LoadFromFolders(_folder.Path);
        DataOperationsCatalog.TrainTestData split = _ml.Data.TrainTestSplit(view, 0.3, seed: 1);
        Assert.Equal(40, Read.Text(split.TrainSet, "File").Length + Read.Text(split.TestSet, "File").Length);
        IDataView keyed = Train.WithKeys(_ml, _ml.Data.Cache(view));
        Assert.Equal(["even", "odd"], Read.Names(keyed.Schema["Label"], "KeyValues"));
    }

    [Fact]
    public void MissingFolder_IsNamed()
    {
        string missing = _folder.PathOf("absent");
        Assert.Contains($"'{missing}'", Assert.Throws<DirectoryNotFoundException>(() => _ml.Data.LoadFromFolders(missing)).Message);
    }

    [Fact]
    public void FolderWithoutFolders_SaysWhatIsExpected()
    {
        Make("1.wav");
        string message = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromFolders(_folder.Path)).Message;
        Assert.Equal($"The folder '{_folder.Path}' has no folders; one a class is expected, whose name is the label.", message);
    }

    [Fact]
    public void NoFileOfThePattern_SaysSo()
    {
        Make("a/x/1.wav", "b/2.txt");
        string message = Assert.Throws<InvalidDataException>(
            () => _ml.Data.LoadFromFolders(_folder.Path, "*.wav", recursive: false)).Message;
        Assert.Equal(
            $"None of the 2 folders in '{_folder.Path}' has a file of the pattern '*.wav' (folders below them were not searched).",
            message);
        message = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromFolders(_folder.Path, "*.mp3")).Message;
        Assert.EndsWith("has a file of the pattern '*.mp3'.", message);
    }

    [Fact]
    public void Arguments_AreChecked()
    {
        Make("a/1.wav");
        Assert.Throws<ArgumentNullException>("catalog", () => MambaDataCatalog.LoadFromFolders(null!, _folder.Path));
        Assert.Throws<ArgumentException>("folder", () => _ml.Data.LoadFromFolders(""));
        Assert.Throws<ArgumentNullException>("searchPattern", () => _ml.Data.LoadFromFolders(_folder.Path, null!));
        Assert.Throws<ArgumentException>("searchPattern", () => _ml.Data.LoadFromFolders(_folder.Path, " ; "));
        Assert.Contains("'sub/*.wav'",
            Assert.Throws<ArgumentException>("searchPattern", () => _ml.Data.LoadFromFolders(_folder.Path, "*.txt;sub/*.wav")).Message);
        Assert.Throws<ArgumentException>("labelColumnName", () => _ml.Data.LoadFromFolders(_folder.Path, labelColumnName: " "));
        string message = Assert.Throws<ArgumentException>("nameColumnName",
            () => _ml.Data.LoadFromFolders(_folder.Path, nameColumnName: "File")).Message;
        Assert.StartsWith("nameColumnName is 'File', which fileColumnName is already; columns need different names.", message);
    }

    private void Make(params string[] files)
    {
        foreach (string file in files)
        {
            string path = _folder.PathOf(file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
        }
    }

    private string Below(string path) => Path.GetRelativePath(_folder.Path, path).Replace(Path.DirectorySeparatorChar, '/');
}
