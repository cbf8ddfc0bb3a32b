using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>Loaders of WAV files: by path, by folders, by a table.</summary>
public sealed class LoadFromWavTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();
    private readonly string _dog, _cat, _bird;

    public LoadFromWavTests()
    {
        _dog = WavBytes.OfShorts(16384).Write(_folder, Path.Combine("dog", "one.wav"));
        _cat = WavBytes.OfShorts(8192, 8192).Write(_folder, Path.Combine("cat", "two.WAV"));
        _bird = WavBytes.OfShorts(4096).Write(_folder, Path.Combine("bird", "old", "three.wave"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OneFile_IsARow()
    {
        IDataView data = _ml.Data.LoadFromWav(_dog);
        Assert.Equal(["File", "Waveform", "SampleRate"], data.Schema.Select(column => column.Name));
        Assert.Equal([_dog], Read.Text(data, "File"));
        Assert.Equal([[0.5f]], Read.Vectors(data, "Waveform"));
        Assert.Equal([8000], Read.Column<int>(data, "SampleRate"));
    }

    [Fact]
    public void Folder_IsSearchedForBothExtensions()
    {
        File.WriteAllText(_folder.PathOf("readme.txt"), "");
        File.WriteAllText(_folder.PathOf("packed.wav.gz"), "");
        Assert.Equal([_bird, _cat, _dog], Read.Text(_ml.Data.LoadFromWav(_folder.Path), "File"));
    }

    [Fact]
    public void Wildcards_AndSeveralPaths_ComeInOrder()
    {
        Assert.Equal([_cat, _dog], Read.Text(_ml.Data.LoadFromWav(Path.Combine(_folder.Path, "*", "*.wav")), "File"));
        Assert.Equal([_dog, _bird, _dog], Read.Text(_ml.Data.LoadFromWav([_dog, _bird, _dog]), "File"));
    }

    [Fact]
    public void Labels_AreInNamesOfFilesOrFolders()
    {
        Assert.Equal(["old", "cat", "dog"], Read.Text(_ml.Data.LoadFromWav(_folder.Path, SequenceLabel.FromFolderName()), "Label"));
        Assert.Equal(["three", "two", "one"], Read.Text(_ml.Data.LoadFromWav(_folder.Path, SequenceLabel.FromFileName(), labelColumnName: "Label"), "Label"));
        IDataView named = _ml.Data.LoadFromWav(_folder.Path, SequenceLabel.FromFileName("^(.)"), labelColumnName: "Class");
        Assert.Equal(["t", "t", "o"], Read.Text(named, "Class"));
        Assert.Equal(["File", "Class", "Waveform", "SampleRate"], named.Schema.Select(column => column.Name));
    }

    [Fact]
    public void LabelsOfRecords_AreRefused()
    {
        string table = _folder.PathOf("labels.tsv");
        File.WriteAllText(table, "a\tb\n");
        foreach (SequenceLabel label in new[] { SequenceLabel.FromHeader("x"), SequenceLabel.FromTable(table) })
        {
            var error = Assert.Throws<ArgumentException>(() => _ml.Data.LoadFromWav(_dog, label));
            Assert.Contains("label must be SequenceLabel.FromFileName or FromFolderName", error.Message, StringComparison.Ordinal);
        }

        Assert.Contains("finds no label in the file's name 'one.wav'", Assert.Throws<InvalidDataException>(
            () => _ml.Data.LoadFromWav(_dog, SequenceLabel.FromFileName("x"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_MustNameFiles()
    {
        Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadFromWav(_folder.PathOf("none.wav")));
        string empty = Directory.CreateDirectory(_folder.PathOf("empty")).FullName;
        Assert.Contains(
            "has no file that ends with .wav, .wave.", Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadFromWav(empty)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _ml.Data.LoadFromWav(""));
        Assert.Throws<ArgumentException>(() => _ml.Data.LoadFromWav(Array.Empty<string>()));
        Assert.Throws<ArgumentNullException>(() => _ml.Data.LoadFromWav((IEnumerable<string>)null!));
    }

    [Fact]
    public void Folders_AreLabels()
    {
        IDataView data = _ml.Data.LoadFromWavFolders(_folder.Path, "*.wav;*.wave");
        Assert.Equal(["bird", "cat", "dog"], Read.Text(data, "Label"));
        Assert.Equal(["three.wave", "two.WAV", "one.wav"], Read.Text(data, "Name"));
        Assert.Equal([[0.125f], [0.25f, 0.25f], [0.5f]], Read.Vectors(data, "Waveform"));
        Assert.Equal(2, Read.Text(_ml.Data.LoadFromWavFolders(_folder.Path), "File").Length);
    }

    [Fact]
    public void Table_ListsFilesRelativeToIt()
    {
        IDataView data = _ml.Data.LoadFromWavTable(Table("Label\tFile\tSplit\tSpeaker\nwoof\tdog/one.wav\ttrain\t\"A\tB\"\n\nmeow\t" + _cat + "\ttest\tC"));
        Assert.Equal(["Label", "File", "Split", "Speaker", "Waveform", "SampleRate"], data.Schema.Select(column => column.Name));
        Assert.Equal(["woof", "meow"], Read.Text(data, "Label"));
        Assert.Equal(["A\tB", "C"], Read.Text(data, "Speaker"));
        Assert.Equal([_dog, _cat], Read.Text(data, "File").Select(Path.GetFullPath));
        Assert.Equal([[0.5f], [0.25f, 0.25f]], Read.Vectors(data, "Waveform"));
        Assert.Equal(2, data.GetRowCount());
    }

    [Fact]
    public void Split_TakesItsRows()
    {
        string table = Table("Part,Path\na,dog/one.wav\nb,cat/two.WAV\nab,nowhere.wav");
        IDataView data = _ml.Data.LoadFromWavTable(table, split: "b", fileColumnName: "Path", labelColumnName: null, splitColumnName: "Part", separatorChar: ',');
        Assert.Equal([[0.25f, 0.25f]], Read.Vectors(data, "Waveform"));
        Assert.Contains("no row has 'c' in column 'Part'.", Assert.Throws<InvalidDataException>(
            () => _ml.Data.LoadFromWavTable(table, "c", fileColumnName: "Path", labelColumnName: null, splitColumnName: "Part",
                separatorChar: ',')).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", ": the file is empty; a line of column names is expected.")]
    [InlineData("Label\tPath", ", line 1: there is no column 'File'; the table has 'Label', 'Path'.")]
    [InlineData("Class\tFile", ", line 1: there is no column 'Label'; the table has 'Class', 'File'.")]
    [InlineData("Label,File", "Is a tab what stands between the columns?")]
    [InlineData("Label\tFile\tFile", ", line 1: columns 2 and 3 have the same name, 'File'.")]
    [InlineData("Label\tFile\t", ", line 1: column 3 has no name.")]
    [InlineData("Label\tFile", ": no row.")]
    [InlineData("Label\tFile\n\nwoof", ", line 3: 1 cells, but the table has 2 columns.")]
    [InlineData("Label\tFile\nwoof\t ", ", line 2: column 'File' has no file.")]
    [InlineData("Label\tFile\nwo\0of\ta.wav", ", line 2 (byte 13): the byte 0x00 is in the table; text is expected.")]
    public void MalformedTable_IsRefusedWithItsLine(string content, string reason)
    {
        string table = Table(content), message = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromWavTable(table)).Message;
        Assert.StartsWith($"'{table}'", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void FileThatTheTableNamesInVain_IsRefused() => Assert.StartsWith("Row 0: there is no file", Assert.Throws<FileNotFoundException>(
        () => _ml.Data.LoadFromWavTable(Table("Label\tFile\nwoof\tnone.wav"))).Message, StringComparison.Ordinal);

    [Fact]
    public void MissingSplitColumn_IsNamed() => Assert.Contains("there is no column 'Split'", Assert.Throws<InvalidDataException>(
        () => _ml.Data.LoadFromWavTable(Table("Label\tFile\na\tdog/one.wav"), split: "train")).Message, StringComparison.Ordinal);

    [Fact]
    public void TablesOwnColumns_DoNotClash()
    {
        string table = Table("Label\tFile\tWaveform\na\tdog/one.wav\tx");
        Assert.Contains(
            "has a column 'Waveform' of its own", Assert.Throws<ArgumentException>(() => _ml.Data.LoadFromWavTable(table)).Message,
            StringComparison.Ordinal);
        Assert.Equal([[0.5f]], Read.Vectors(_ml.Data.LoadFromWavTable(table, waveformColumnName: "Sound"), "Sound"));
    }

    [Fact]
    public void AllLoaders_PassTheirOptionsOn()
    {
        new WavBytes { Rate = 16_000, Channels = 2, Samples = [0, 0x40, 0, 0, 0, 0x40, 0, 0] }.Write(_folder, Path.Combine("dog", "one.wav"));
        string table = Table("Label\tFile\na\tdog/one.wav");
        IDataView[] views =
        [
            _ml.Data.LoadFromWav(_dog, null, 32_000, true, 1, "W", "R", "F", "L"),
            _ml.Data.LoadFromWav([_dog], null, 32_000, true, 1, "W", "R", "F", "L"),
            _ml.Data.LoadFromWavFolders(_folder.Path, "one.wav", 32_000, true, 1, "W", "R", "F", "L", "N"),
            _ml.Data.LoadFromWavTable(table, null, 32_000, true, 1, "W", "R"),
        ];
        foreach (IDataView view in views)
        {
            Assert.Equal([32_000], Read.Column<int>(view, "R"));
            Assert.Equal(new float[4], Assert.Single(Read.Vectors(view, "W")));
        }

        Assert.Equal(["F", "L", "N", "W", "R"], views[2].Schema.Select(column => column.Name));
        Assert.Contains(
            "Row 0: ", Assert.Throws<InvalidDataException>(() => Read.Vectors(_ml.Data.LoadFromWav(_dog, sampleRate: 8000), "Waveform"))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_AreChecked()
    {
        string table = Table("Label\tFile\na\tdog/one.wav");
        Func<int?, string, IDataView>[] loaders =
        [
            (rate, column) => _ml.Data.LoadFromWav(_dog, sampleRate: rate, waveformColumnName: column),
            (rate, column) => _ml.Data.LoadFromWavFolders(_folder.Path, sampleRate: rate, waveformColumnName: column),
            (rate, column) => _ml.Data.LoadFromWavTable(table, sampleRate: rate, waveformColumnName: column),
        ];
        foreach (Func<int?, string, IDataView> load in loaders)
        {
            Assert.Contains(
                "sampleRate must be 100 to 1000000; got 5.", Assert.Throws<ArgumentOutOfRangeException>(() => load(5, "W")).Message,
                StringComparison.Ordinal);
            Assert.Contains("is 'File', which", Assert.Throws<ArgumentException>(() => load(null, "File")).Message, StringComparison.Ordinal);
            Assert.ThrowsAny<ArgumentException>(() => load(null, ""));
        }

        Assert.Contains(
            "separatorChar", Assert.Throws<ArgumentException>(() => _ml.Data.LoadFromWavTable(table, separatorChar: '"')).Message,
            StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadFromWavTable(_folder.PathOf("none.tsv")));
    }

    [Fact]
    public void View_IsReadAsOftenAsOneLikes()
    {
        IDataView data = _ml.Data.LoadFromWavTable(Table("Label\tFile\na\tdog/one.wav\nb\tcat/two.WAV"));
        Assert.Equal(Read.Vectors(data, "Waveform"), Read.Vectors(data, "Waveform"));
        DataViewSchema.Column label = data.Schema["Label"];
        using DataViewRowCursor cursor = data.GetRowCursor([label]);
        Assert.Contains(
            "'File' is not active",
            Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema["File"])).Message,
            StringComparison.Ordinal);
        Assert.Contains("a getter of System.Int32", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(label)).Message, StringComparison.Ordinal);
        ValueGetter<DataViewRowId> id = cursor.GetIdGetter();
        DataViewRowId first = default, second = default;
        Assert.True(cursor.MoveNext());
        id(ref first);
        Assert.True(cursor.MoveNext());
        id(ref second);
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.NotEqual(first, second);
    }

    private string Table(string content)
    {
        string path = _folder.PathOf("index.tsv");
        File.WriteAllText(path, content);
        return path;
    }
}
