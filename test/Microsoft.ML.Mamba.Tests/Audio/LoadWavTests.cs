using Microsoft.ML.Mamba.Audio;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>The transform from a column of paths to a column of waveforms.</summary>
public sealed class LoadWavTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private sealed class FileRow
    {
        public string? File { get; set; } = "";

        public float Number { get; set; }
    }

    [Fact]
    public void Waveforms_StandBehindTheOtherColumns()
    {
        IDataView data = Data(WavBytes.OfShorts(16384, -16384).Write(_folder, "a.wav"), WavBytes.OfShorts(8192).Write(_folder, "b.wav"));
        WavLoadingTransformer transformer = _ml.Transforms.LoadWav().Fit(data);
        IDataView loaded = transformer.Transform(data);
        Assert.Equal(["File", "Number", "Waveform"], loaded.Schema.Select(column => column.Name));
        Assert.Equal([[0.5f, -0.5f], [0.25f]], Read.Vectors(loaded, "Waveform"));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single), loaded.Schema["Waveform"].Type);
        Assert.Equal(data.GetRowCount(), loaded.GetRowCount());
        Assert.Equal(
            ("Waveform", "File", null, "", 8000, false, null, true),
            (transformer.OutputColumnName, transformer.InputColumnName, transformer.SampleRateColumnName, transformer.Folder,
                transformer.SampleRate, transformer.Resamples, transformer.Channel, transformer.IsRowToRowMapper));
    }

    [Fact]
    public void SampleRate_IsThatOfTheFirstFile_AndSaidByTheColumn()
    {
        IDataView data = Data(new WavBytes { Rate = 11_025 }.Write(_folder));
        IDataView loaded = _ml.Transforms.LoadWav("Sound", "File", sampleRateColumnName: "Rate").Fit(data).Transform(data);
        Assert.Equal([11_025], Read.Column<int>(loaded, "Rate"));
        int rate = 0;
        loaded.Schema["Sound"].Annotations.GetValue("SampleRate", ref rate);
        Assert.Equal(11_025, rate);
    }

    [Fact]
    public void OtherSampleRates_AreRefusedWithRowAndFile()
    {
        string other = new WavBytes { Rate = 16_000 }.Write(_folder, "b.wav");
        IDataView data = Data(WavBytes.OfShorts(1).Write(_folder, "a.wav"), other);
        IDataView loaded = _ml.Transforms.LoadWav().Fit(data).Transform(data);
        Assert.Contains($"Row 1: '{other}' has 16000 samples a second, but 8000 are expected.", Refused(loaded), StringComparison.Ordinal);
        IDataView checkedBy = _ml.Transforms.LoadWav(sampleRate: 16_000).Fit(data).Transform(data);
        Assert.Contains("Row 0: ", Refused(checkedBy), StringComparison.Ordinal);
        Assert.Contains("has 8000 samples a second, but 16000 are expected", Refused(checkedBy), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, new[] { 800, 400 })]
    [InlineData(16_000, new[] { 1600, 800 })]
    [InlineData(4000, new[] { 400, 200 })]
    public void Resample_BringsAllToOneRate(int? rate, int[] lengths)
    {
        IDataView data = Data(WavBytes.OfShorts(new short[800]).Write(_folder, "a.wav"),
            new WavBytes { Rate = 16_000, Samples = new byte[1600] }.Write(_folder, "b.wav"));
        WavLoadingTransformer transformer = _ml.Transforms.LoadWav(sampleRate: rate, resample: true).Fit(data);
        Assert.Equal((rate ?? 8000, true), (transformer.SampleRate, transformer.Resamples));
        Assert.Equal(lengths, Read.Vectors(transformer.Transform(data), "Waveform").Select(waveform => waveform.Length));
    }

    [Fact]
    public void Channel_IsTaken()
    {
        IDataView data = Data(new WavBytes { Channels = 2, Samples = [0, 0x40, 0, 0x20] }.Write(_folder));
        Assert.Equal([0.25f], Assert.Single(Read.Vectors(_ml.Transforms.LoadWav(channel: 1).Fit(data).Transform(data), "Waveform")));
    }

    [Fact]
    public void RelativePaths_AreRelativeToTheFolder()
    {
        string absolute = WavBytes.OfShorts(16384).Write(_folder, Path.Combine("x", "a.wav"));
        IDataView data = Data(Path.Combine("x", "a.wav"), absolute);
        WavLoadingTransformer transformer = _ml.Transforms.LoadWav(folder: _folder.Path).Fit(data);
        Assert.Equal(_folder.Path, transformer.Folder);
        Assert.Equal([[0.5f], [0.5f]], Read.Vectors(transformer.Transform(data), "Waveform"));
    }

    [Fact]
    public void DamagedFile_IsNamedWithItsRow()
    {
        string bad = _folder.PathOf("b.wav");
        File.WriteAllText(bad, "this is no sound");
        IDataView data = Data(WavBytes.OfShorts(1).Write(_folder, "a.wav"), bad);
        Assert.Equal($"Row 1: '{bad}' at byte 0: 'RIFF' is expected; got 'this'.", Refused(_ml.Transforms.LoadWav().Fit(data).Transform(data)));
        Assert.StartsWith($"Row 0: '{bad}'", Assert.Throws<InvalidDataException>(() => _ml.Transforms.LoadWav().Fit(Data(bad))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFile_IsNamedWithItsRow()
    {
        string missing = _folder.PathOf(Path.Combine("none", "b.wav"));
        IDataView loaded = _ml.Transforms.LoadWav(sampleRate: 8000).Fit(Data()).Transform(Data(WavBytes.OfShorts(1).Write(_folder), missing));
        var error = Assert.Throws<FileNotFoundException>(() => Read.Vectors(loaded, "Waveform"));
        Assert.Equal($"Row 1: there is no file '{missing}', which column 'File' names.", error.Message);
        Assert.Equal(missing, error.FileName);
    }

    [Fact]
    public void FolderInsteadOfFile_IsNamedWithItsRow()
    {
        IDataView loaded = _ml.Transforms.LoadWav(sampleRate: 8000).Fit(Data()).Transform(Data(_folder.Path));
        Assert.StartsWith(
            $"Row 0: the file '{_folder.Path}' cannot be read: ",
            Assert.Throws<IOException>(() => Read.Vectors(loaded, "Waveform")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(null)]
    public void RowWithoutPath_IsRefused(string? path) =>
        Assert.Equal("Row 0: column 'File' has no path.", Refused(_ml.Transforms.LoadWav(sampleRate: 8000).Fit(Data()).Transform(Data(path))));

    [Fact]
    public void Files_AreReadOnlyWhereTheWaveformIsWanted()
    {
        IDataView loaded = _ml.Transforms.LoadWav(sampleRate: 8000, sampleRateColumnName: "Rate").Fit(Data()).Transform(Data("nowhere.wav"));
        Assert.Equal([0f], Read.Column<float>(loaded, "Number"));
        Assert.Equal([8000], Read.Column<int>(loaded, "Rate"));
        Assert.Throws<FileNotFoundException>(() => Read.Vectors(loaded, "Waveform"));
    }

    [Fact]
    public void NoRow_NoSampleRate()
    {
        var error = Assert.Throws<InvalidOperationException>(() => _ml.Transforms.LoadWav().Fit(Data()));
        Assert.Contains("There is no row whose file in column 'File' would tell the sample rate. Set sampleRate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ColumnOfPaths_MustBeTextAndThere()
    {
        Assert.Contains("'Number' has type Single, but paths of WAV files must be text", Assert.Throws<ArgumentException>(
            () => _ml.Transforms.LoadWav("W", "Number").Fit(Data())).Message, StringComparison.Ordinal);
        Assert.Contains("no column 'Path', which was named as the path column", Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.Transforms.LoadWav("W", "Path").Fit(Data())).Message, StringComparison.Ordinal);
        SchemaShape shape = Shapes.Of(_ml, Data());
        Assert.Throws<ArgumentException>(() => _ml.Transforms.LoadWav("W", "Number").GetOutputSchema(shape));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.LoadWav("W", "Path").GetOutputSchema(shape));
    }

    [Fact]
    public void Arguments_AreChecked()
    {
        Assert.Contains(
            "sampleRate must be 100 to 1000000; got 99.",
            Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.LoadWav(sampleRate: 99)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.LoadWav(sampleRate: 1_000_001));
        Assert.Contains(
            "channel must be 0 to 65534; got -1.", Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.LoadWav(channel: -1))
            .Message, StringComparison.Ordinal);
        Assert.Contains(
            "outputColumnName must be the name of a column; got ''.",
            Assert.Throws<ArgumentException>(() => _ml.Transforms.LoadWav("")).Message, StringComparison.Ordinal);
        Assert.Contains("inputColumnName", Assert.Throws<ArgumentException>(() => _ml.Transforms.LoadWav("W", " ")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "sampleRateColumnName must be the name",
            Assert.Throws<ArgumentException>(() => _ml.Transforms.LoadWav(sampleRateColumnName: "")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "both are 'W'", Assert.Throws<ArgumentException>(() => _ml.Transforms.LoadWav("W", sampleRateColumnName: "W")).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => _ml.Transforms.LoadWav(folder: null!));
    }

    [Fact]
    public void Shape_IsThatOfTheSchema()
    {
        IDataView data = Data(WavBytes.OfShorts(1).Write(_folder));
        WavLoadingEstimator estimator = _ml.Transforms.LoadWav("File", "File", sampleRateColumnName: "Rate");
        SchemaShape promised = estimator.GetOutputSchema(Shapes.Of(_ml, data)), given = Shapes.Of(_ml, estimator.Fit(data).Transform(data));
        Assert.Equal(Shapes.Describe(given), Shapes.Describe(promised));
    }

    [Fact]
    public void PredictionEngine_TakesPaths()
    {
        string path = WavBytes.OfShorts(16384).Write(_folder);
        WavLoadingTransformer transformer = _ml.Transforms.LoadWav().Fit(Data(path));
        using PredictionEngine<FileRow, WaveformResult> engine = _ml.Model.CreatePredictionEngine<FileRow, WaveformResult>(transformer);
        Assert.Equal([0.5f], engine.Predict(new FileRow { File = path }).Waveform);
        WavBytes.OfShorts(8192, 8192).Write(_folder);
        Assert.Equal([0.25f, 0.25f], engine.Predict(new FileRow { File = path }).Waveform);
    }

    private sealed class WaveformResult
    {
        public float[] Waveform { get; set; } = [];
    }

    private static string Refused(IDataView loaded) => Assert.Throws<InvalidDataException>(() => Read.Vectors(loaded, "Waveform")).Message;

    private IDataView Data(params string?[] files) => _ml.Data.LoadFromEnumerable(files.Select(file => new FileRow { File = file }).ToArray());
}
