using Microsoft.ML.Mamba.Audio;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>Options that contradict themselves or the data, and waveforms that cannot be used.</summary>
public sealed class MelErrorTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private sealed class Row
    {
        public float[] Waveform { get; set; } = [];

        public double[] Doubles { get; set; } = [];

        public float Number { get; set; }

        [VectorType(3, 2)]
        public float[] Matrix { get; set; } = new float[6];
    }

    public static TheoryData<string> Cases => [.. Wrong.Keys];

    private static readonly Dictionary<string, (Action<MelSpectrogramOptions> Change, string Message)> Wrong = new()
    {
        ["rate"] = (o => o.SampleRate = 999, "SampleRate must be 1000 to 1000000; got 999."),
        ["window"] = (o => o.WindowMilliseconds = 0.1, "WindowMilliseconds must be 2 to 65536 samples long, at 8000 samples a second; got 0.1."),
        ["window NaN"] = (o => o.WindowMilliseconds = double.NaN, "WindowMilliseconds must be 2 to 65536 samples long"),
        ["long window"] = (o => o.WindowMilliseconds = 9000, "WindowMilliseconds must be"),
        ["hop"] = (o => o.HopMilliseconds = 0, "HopMilliseconds must be 1 to 1000000 samples long, at 8000 samples a second; got 0."),
        ["size below window"] = (o => o.FftSize = 128, "FftSize must be a power of two from the window's 200 samples to 65536; got 128."),
        ["odd size"] = (o => o.FftSize = 300, "FftSize must be a power of two from the window's 200 samples to 65536; got 300."),
        ["large size"] = (o => o.FftSize = 131_072, "FftSize must be"),
        ["no bands"] = (o => o.Bands = 0, "Bands must be 1 to 1024; got 0."),
        ["many bands"] = (o => o.Bands = 1025, "Bands must be 1 to 1024; got 1025."),
        ["empty band"] = (o => o.Bands = 100, "Hz holds no point of the Fourier transform, whose points are 31.25 Hz apart. "
            + "Lower Bands = 100, or raise FftSize = 256."),
        ["low frequency"] = (o => o.MinFrequency = -1, "MinFrequency must be at least 0 and below MaxFrequency, which is 4000; got -1."),
        ["crossed frequencies"] = (
            o => (o.MinFrequency, o.MaxFrequency) = (300, 300),
            "MinFrequency must be at least 0 and below MaxFrequency, which is 300; got 300."),
        ["high frequency"] = (o => o.MaxFrequency = 4001, "MaxFrequency must be positive and at most half of 8000 samples a second; got 4001."),
        ["NaN frequency"] = (o => o.MaxFrequency = double.NaN, "MaxFrequency must be positive"),
        ["floor"] = (o => o.FloorDecibels = 1, "FloorDecibels must be -300 to 0; got 1."),
        ["low floor"] = (o => o.FloorDecibels = -301, "FloorDecibels must be -300 to 0; got -301."),
        ["emphasis"] = (o => o.PreEmphasis = 1, "PreEmphasis must be at least 0 and below 1; got 1."),
        ["deltas"] = (o => o.Deltas = 3, "Deltas must be 0 to 2; got 3."),
        ["scale"] = (o => o.Scale = (MelScale)9, "Scale must be Htk, Slaney; got 9."),
        ["window function"] = (o => o.Window = (MelWindow)9, "Window must be Hann, Hamming; got 9."),
        ["spectrum"] = (o => o.Spectrum = (MelSpectrum)9, "Spectrum must be Power, Magnitude; got 9."),
        ["logarithm"] = (o => o.Logarithm = (MelLogarithm)9, "Logarithm must be Natural, Decibel, None; got 9."),
        ["utterance"] = (o => o.UtteranceNormalization = (MelUtteranceNormalization)9, "UtteranceNormalization must be None, Level, Mean, MeanAndVariance; got 9."),
        ["output"] = (o => o.OutputColumnName = "", "OutputColumnName must be the name of a column; got ''."),
        ["input"] = (o => o.InputColumnName = null!, "InputColumnName must be the name of a column; got null."),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void OptionOutOfRange_IsNamed(string name)
    {
        (Action<MelSpectrogramOptions> change, string message) = Wrong[name];
        var options = new MelSpectrogramOptions { SampleRate = 8000 };
        change(options);
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => _ml.Transforms.MelSpectrogram(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsThatDoNotFitTheColumnsRate_AreNamedByFit()
    {
        IDataView data = _ml.Data.LoadFromWav(WavBytes.OfShorts(1, 2, 3).Write(_folder));
        MelSpectrogramEstimator estimator = _ml.Transforms.MelSpectrogram(new MelSpectrogramOptions { MaxFrequency = 5000 });
        Assert.Contains(
            "at most half of 8000 samples a second; got 5000",
            Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DefaultBands_AreNeverEmpty()
    {
        foreach (int rate in new[] { 1000, 2000, 3999, 4000, 8000, 11_025, 15_999, 16_000, 22_050, 44_100, 48_000, 96_000, 1_000_000 })
            Assert.NotNull(_ml.Transforms.MelSpectrogram(sampleRate: rate));
    }

    [Fact]
    public void ColumnWithoutSampleRate_NeedsOne()
    {
        var error = Assert.Throws<ArgumentException>(() => _ml.Transforms.MelSpectrogram().Fit(Data(new Row())));
        Assert.Contains("Column 'Waveform' does not say its sample rate. Set SampleRate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherSampleRate_IsRefused()
    {
        IDataView slow = _ml.Data.LoadFromWav(WavBytes.OfShorts(1).Write(_folder, "a.wav"));
        IDataView fast = _ml.Data.LoadFromWav(new WavBytes { Rate = 16_000 }.Write(_folder, "b.wav"));
        const string Reason = "Column 'Waveform' has 16000 samples a second, but 8000 are expected.";
        Assert.Contains(Reason, Assert.Throws<ArgumentException>(() => _ml.Transforms.MelSpectrogram(sampleRate: 8000).Fit(fast)).Message, StringComparison.Ordinal);
        MelSpectrogramTransformer transformer = _ml.Transforms.MelSpectrogram().Fit(slow);
        Assert.Contains(Reason, Assert.Throws<ArgumentException>(() => transformer.Transform(fast)).Message, StringComparison.Ordinal);
        Assert.Contains(Reason, Assert.Throws<ArgumentException>(() => transformer.GetOutputSchema(fast.Schema)).Message, StringComparison.Ordinal);
        Assert.Contains(Reason, Assert.Throws<ArgumentException>(() => transformer.GetRowToRowMapper(fast.Schema)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Doubles")]
    [InlineData("Number")]
    [InlineData("Matrix")]
    public void OtherColumns_AreRefused(string column)
    {
        var error = Assert.Throws<ArgumentException>(() => _ml.Transforms.MelSpectrogram("Sequence", column, sampleRate: 8000).Fit(Data(new Row())));
        Assert.Contains($"Column '{column}' has type ", error.Message, StringComparison.Ordinal);
        Assert.Contains("waveforms must be a vector of Single", error.Message, StringComparison.Ordinal);
        if (column != "Matrix")
            Assert.Throws<ArgumentException>(
                () => _ml.Transforms.MelSpectrogram("Sequence", column, sampleRate: 8000).GetOutputSchema(Shapes.Of(_ml, Data(new Row()))));
    }

    [Fact]
    public void MissingColumn_IsNamed()
    {
        MelSpectrogramEstimator estimator = _ml.Transforms.MelSpectrogram("Sequence", "Sound", sampleRate: 8000);
        Assert.Contains(
            "no column 'Sound', which was named as the waveform column",
            Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(Data())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(Shapes.Of(_ml, Data())));
    }

    [Theory]
    [InlineData(float.NaN, false)]
    [InlineData(float.PositiveInfinity, false)]
    [InlineData(float.NaN, true)]
    public void SampleThatIsNotFinite_IsNamedWithRowAndPosition(float sample, bool inFit)
    {
        IDataView data = Data(new Row { Waveform = new float[300] }, new Row { Waveform = [.. new float[250], sample] });
        MelSpectrogramEstimator estimator = _ml.Transforms.MelSpectrogram(new MelSpectrogramOptions { SampleRate = 8000, NormalizeOnTrainingData = inFit });
        var error = Assert.Throws<InvalidDataException>(() => Read.Vectors(estimator.Fit(data).Transform(data), "Sequence"));
        Assert.Equal($"Row 1: column 'Waveform' has {sample} at sample 250; samples must be finite.", error.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SamplesBeyondTheirSpectrum_AreNamedWithTheirRow(bool inFit)
    {
        IDataView data = Data(new Row { Waveform = new float[300] }, new Row { Waveform = [.. new float[250], -1e30f] });
        MelSpectrogramEstimator estimator = _ml.Transforms.MelSpectrogram(new MelSpectrogramOptions { SampleRate = 8000, NormalizeOnTrainingData = inFit });
        string message = Assert.Throws<InvalidDataException>(() => Read.Vectors(estimator.Fit(data).Transform(data), "Sequence")).Message;
        Assert.StartsWith($"Row 1: column 'Waveform' has samples of up to {1e30f}, which make channel 0 of frame 2 ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingToLearnFrom_IsAnError()
    {
        MelSpectrogramEstimator estimator = _ml.Transforms.MelSpectrogram(new MelSpectrogramOptions { SampleRate = 8000, NormalizeOnTrainingData = true });
        foreach (IDataView data in new[] { Data(), Data(new Row()) })
            Assert.Contains(
                "No row has a sample in column 'Waveform'", Assert.Throws<InvalidOperationException>(() => estimator.Fit(data)).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Shape_IsThatOfTheSchema()
    {
        IDataView data = Data(new Row { Waveform = [1] });
        MelSpectrogramEstimator estimator = _ml.Transforms.MelSpectrogram("Waveform", "Waveform", sampleRate: 8000);
        SchemaShape.Column promised = estimator.GetOutputSchema(Shapes.Of(_ml, data)).Single(column => column.Name == "Waveform");
        SchemaShape.Column given = Shapes.Of(_ml, estimator.Fit(data).Transform(data)).Single(column => column.Name == "Waveform");
        Assert.Equal((given.Kind, given.ItemType, given.IsKey), (promised.Kind, promised.ItemType, promised.IsKey));
    }

    private IDataView Data(params Row[] rows) => _ml.Data.LoadFromEnumerable(rows);
}
