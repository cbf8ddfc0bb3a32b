using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.Mamba.Audio;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>Both transforms in a model's zip: they come back as they were, in any process, and what is damaged or hostile is refused.</summary>
public sealed class AudioPersistenceTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private sealed class FileRow
    {
        public string File { get; set; } = "";
    }

    [Fact]
    public void LoadWav_ComesBackAsItWas()
    {
        new WavBytes { Rate = 16_000, Channels = 2, Samples = new byte[400] }.Write(_folder, "a.wav");
        IDataView data = _ml.Data.LoadFromEnumerable([new FileRow { File = "a.wav" }]);
        ITransformer saved = _ml.Transforms.LoadWav("W", "File", _folder.Path, 8000, resample: true, channel: 1, sampleRateColumnName: "R").Fit(data);
        var loaded = (WavLoadingTransformer)RoundTrip(saved, data);
        Assert.Equal(
            ("W", "File", "R", _folder.Path, 8000, true, 1),
            (loaded.OutputColumnName, loaded.InputColumnName, loaded.SampleRateColumnName, loaded.Folder, loaded.SampleRate, loaded.Resamples, loaded.Channel));
        Assert.Equal(Read.Vectors(saved.Transform(data), "W"), Read.Vectors(loaded.Transform(data), "W"));
    }

    public static TheoryData<string> Cases => [.. Options.Keys];

    private static readonly Dictionary<string, MelSpectrogramOptions> Options = new()
    {
        ["defaults"] = new() { SampleRate = 8000 },
        ["all"] = new()
        {
            SampleRate = 8000, OutputColumnName = "Frames", WindowMilliseconds = 20, HopMilliseconds = 7.5, FftSize = 512, Bands = 30,
            MinFrequency = 50.5, MaxFrequency = 3500.25, Scale = MelScale.Slaney,
            Window = MelWindow.Hamming, Spectrum = MelSpectrum.Magnitude, Logarithm = MelLogarithm.Decibel, FloorDecibels = -55.5, PreEmphasis = 0.9, Center = false,
            UtteranceNormalization = MelUtteranceNormalization.Level, Deltas = 2, NormalizeOnTrainingData = true,
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void MelSpectrogram_ComesBackAsItWas(string name)
    {
        MelSpectrogramOptions options = Options[name];
        IDataView data = Waveforms();
        ITransformer saved = _ml.Transforms.MelSpectrogram(options).Fit(data), loaded = RoundTrip(saved, data);
        Assert.IsType<MelSpectrogramTransformer>(loaded);
        Assert.Equal(Read.Vectors(saved.Transform(data), options.OutputColumnName), Read.Vectors(loaded.Transform(data), options.OutputColumnName));
        Assert.Equal(saved.GetOutputSchema(data.Schema)[options.OutputColumnName].Type, loaded.GetOutputSchema(data.Schema)[options.OutputColumnName].Type);
        // What is saved again is the same.
        Assert.Equal(Manifest(saved, data), Manifest(loaded, data));
    }

    [Fact]
    public void FreshProcess_NeedsOnlyTheFile()
    {
        for (int i = 0; i < 8; i++)
            WavBytes.OfShorts([.. Enumerable.Range(0, 900 + 100 * i).Select(n => (short)(9000 * Math.Sin(n * (i % 2 == 0 ? 0.3 : 1.2))))])
                .Write(_folder, $"{i}.wav");
        string[] files = [.. Enumerable.Range(0, 8).Select(i => _folder.PathOf($"{i}.wav"))];
        IDataView data = _ml.Data.LoadFromEnumerable(files.Select((file, i) => new TextRow { Sequence = file, Label = i % 2 == 0 ? "low" : "high" }));
        ITransformer model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.LoadWav("Waveform", "Sequence")).Append(_ml.Transforms.MelSpectrogram("Frames"))
            .Append(_ml.Transforms.MambaClassify(new MambaClassificationOptions
            {
                SequenceColumnName = "Frames", DModel = 8, NumLayers = 1, MaxEpochs = 2, Seed = 1, Engine = MambaEngineKind.Cpu,
            }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(data);
        string zip = _folder.PathOf("m.zip");
        _ml.Model.Save(model, data.Schema, zip);
        FreshProcess.Result result = FreshProcess.LoadAndScore(zip, files);
        Assert.False(result.KnownBefore);
        Assert.Equal(Read.Vectors(model.Transform(data), "Score").Select(scores => scores.Select(BitConverter.SingleToUInt32Bits)), result.ScoreBits);
    }

    public static TheoryData<string, string> WrongWav => new()
    {
        { "output", "\"\"" }, { "output", "null" }, { "input", "\" \"" }, { "sample_rate_output", "\"W\"" }, { "folder", "null" },
            { "sample_rate", "0" }, { "sample_rate", "1e9999" },
        { "resample", "3" }, { "channel", "-1" }, { "channel", "65535" }, { "format", "\"odd\"" }, { "format_version", "2" }, { "format_version", "0" },
    };

    [Theory]
    [MemberData(nameof(WrongWav))]
    public void WavManifestOutOfRange_IsRefused(string name, string value)
    {
        IDataView data = _ml.Data.LoadFromEnumerable([new FileRow { File = "a.wav" }]);
        AssertRefused(_ml.Transforms.LoadWav("W", "File", sampleRate: 8000).Fit(data), data, name, value);
    }

    public static TheoryData<string, string> WrongMel => new()
    {
        { "output", "\"\"" }, { "input", "null" }, { "sample_rate", "999" }, { "sample_rate", "2147483647" }, { "window", "1" },
            { "window", "2000000000" }, { "hop", "0" }, { "hop", "2147483647" },
        { "fft_size", "0" }, { "fft_size", "-256" }, { "fft_size", "257" }, { "fft_size", "1073741824" }, { "bands", "0" },
        { "bands", "1000000000" }, { "bands", "200" }, { "min_frequency", "-1" },
        { "min_frequency", "5000" }, { "max_frequency", "4000.5" }, { "max_frequency", "\"NaN\"" }, { "scale", "\"Bark\"" },
        { "scale", "\"1\"" }, { "window_function", "\"\"" }, { "spectrum", "null" },
        { "logarithm", "\"Two\"" }, { "floor_decibels", "1" }, { "pre_emphasis", "1" }, { "center", "null" },
        { "utterance_normalization", "\"7\"" }, { "deltas", "3" }, { "deltas", "-1" },
        { "means", "null" }, { "deviations", "null" }, { "means", "[1]" }, { "deviations", "[]" },
        { "format", "\"microsoft.ml.mamba.load_wav\"" }, { "format_version", "7" },
    };

    [Theory]
    [MemberData(nameof(WrongMel))]
    public void MelManifestOutOfRange_IsRefused(string name, string value)
    {
        IDataView data = Waveforms();
        AssertRefused(_ml.Transforms.MelSpectrogram(new MelSpectrogramOptions { SampleRate = 8000, NormalizeOnTrainingData = true }).Fit(data), data, name, value);
    }

    [Fact]
    public void DeviationOfZero_IsRefused()
    {
        IDataView data = Waveforms();
        ITransformer model = _ml.Transforms.MelSpectrogram(new MelSpectrogramOptions { SampleRate = 8000, Bands = 2, NormalizeOnTrainingData = true }).Fit(data);
        AssertRefused(model, data, "deviations", "[1, 0]");
        AssertRefused(model, data, "means", "[1, 1e300]");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"a\":")]
    [InlineData("")]
    [InlineData(null)]
    public void ManifestThatIsSomethingElse_IsRefused(string? json)
    {
        IDataView data = Waveforms();
        string zip = Save(_ml.Transforms.MelSpectrogram(sampleRate: 8000).Fit(data), data);
        Change(zip, _ => json is null ? null : Encoding.UTF8.GetBytes(json));
        Assert.Contains("manifest.json", Reason(zip).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NewerVersion_SaysFoundAndSupported()
    {
        IDataView data = Waveforms();
        string zip = Save(_ml.Transforms.MelSpectrogram(sampleRate: 8000).Fit(data), data);
        ChangeJson(zip, json => (json["format_version"], json["library_version"]) = (7, "9.9.9"));
        Assert.Contains("format version 7 by Microsoft.ML.Mamba 9.9.9; this library reads versions 1 to 1. Update", Reason(zip).Message, StringComparison.Ordinal);
    }

    private IDataView Waveforms() => _ml.Data.LoadFromEnumerable(
        new[] { 900, 1500, 20 }.Select(length => new WaveformRow { Waveform = MelSpectrogramTests.Waveform(length, 8000) }));

    private sealed class WaveformRow
    {
        public float[] Waveform { get; set; } = [];
    }

    private void AssertRefused(ITransformer model, IDataView data, string name, string value)
    {
        string zip = Save(model, data);
        Assert.NotNull(_ml.Model.Load(zip, out _));
        ChangeJson(zip, json =>
        {
            Assert.True(json.ContainsKey(name), json.ToJsonString());
            json[name] = JsonNode.Parse(value);
        });
        long before = GC.GetAllocatedBytesForCurrentThread();
        Reason(zip);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    private ITransformer RoundTrip(ITransformer model, IDataView data) => new MLContext(2).Model.Load(Save(model, data), out _);

    private string Save(ITransformer model, IDataView data)
    {
        string zip = _folder.PathOf("m.zip");
        _ml.Model.Save(model, data.Schema, zip);
        return zip;
    }

    private string Manifest(ITransformer model, IDataView data) => ModelZip.Text(Save(model, data), "manifest.json")!;

    private InvalidDataException Reason(string zip) =>
        Assert.IsType<InvalidDataException>(ModelZip.Reason<InvalidDataException>(Assert.ThrowsAny<Exception>(() => _ml.Model.Load(zip, out _))));

    private static void ChangeJson(string zip, Action<JsonObject> change) => Change(zip, bytes =>
    {
        JsonObject json = JsonNode.Parse(bytes)!.AsObject();
        change(json);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    });

    private static void Change(string path, Func<byte[], byte[]?> change) => ModelZip.Change(path, "manifest.json", change);
}
