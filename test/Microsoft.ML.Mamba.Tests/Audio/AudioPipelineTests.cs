using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>From WAV files to predictions, through the file and in memory.</summary>
public sealed class AudioPipelineTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private sealed class FileRow
    {
        public string Label { get; set; } = "";

        public string File { get; set; } = "";
    }

    private sealed class WaveformRow
    {
        public string Label { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }

    [Fact]
    public void FilesToPredictions_SavedAndLoaded()
    {
        IDataView data = _ml.Data.LoadFromFolders(WriteTones(), "*.wav");
        ITransformer model = Pipeline(_ml.Transforms.LoadWav()).Fit(data);
        Assert.Equal(1, Read.Accuracy(_ml, model.Transform(data)));

        string zip = _folder.PathOf("m.zip");
        _ml.Model.Save(model, data.Schema, zip);
        ITransformer loaded = new MLContext(2).Model.Load(zip, out _);
        Assert.Equal(Read.Vectors(model.Transform(data), "Score"), Read.Vectors(loaded.Transform(data), "Score"));
        using var engine = _ml.Model.CreatePredictionEngine<FileRow, Prediction>(loaded);
        string[] files = Read.Text(data, "File"), labels = Read.Text(data, "Label");
        for (int i = 0; i < files.Length; i++)
            Assert.Equal(labels[i], engine.Predict(new FileRow { File = files[i] }).PredictedLabel);
    }

    [Fact]
    public void WaveformsInMemory_GiveWhatFilesGive()
    {
        IDataView data = _ml.Data.LoadFromWavFolders(WriteTones());
        ITransformer model = Pipeline(null).Fit(data);
        float[][] scores = Read.Vectors(model.Transform(data), "Score"), waveforms = Read.Vectors(data, "Waveform");
        string zip = _folder.PathOf("m.zip");
        _ml.Model.Save(model, data.Schema, zip);
        using var engine = _ml.Model.CreatePredictionEngine<WaveformRow, Prediction>(new MLContext(2).Model.Load(zip, out DataViewSchema schema));
        for (int i = 0; i < scores.Length; i++)
            Assert.Equal(scores[i], engine.Predict(new WaveformRow { Waveform = waveforms[i] }).Score);
        int rate = 0;
        schema["Waveform"].Annotations.GetValue("SampleRate", ref rate);
        Assert.Equal(8000, rate);
    }

    [Fact]
    public void RawWaveforms_AreFramesOfOneChannel()
    {
        IDataView data = _ml.Data.LoadFromWavFolders(WriteTones());
        MambaClassificationOptions options = Options();
        (options.SequenceColumnName, options.PatchLength, options.FrameNormalization) = ("Waveform", 64, FrameNormalization.PerSequence);
        var chain = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.MambaClassify(options)).Fit(data);
        Assert.Equal(1, chain.LastTransformer.Config.InputChannels);
        Assert.InRange(Read.Accuracy(_ml, chain.Transform(data)), 0.9, 1);
    }

    [Fact]
    public void EmptyWaveforms_AreEmptySequences()
    {
        IDataView data = _ml.Data.LoadFromWavFolders(WriteTones());
        MambaClassificationOptions options = Options();
        options.EmptySequences = MambaEmptySequence.Missing;
        ITransformer model = Pipeline(null, options).Fit(data);
        IDataView scored = model.Transform(_ml.Data.LoadFromEnumerable([new WaveformRow()]));
        Assert.All(Assert.Single(Read.Vectors(scored, "Score")), score => Assert.Equal(float.NaN, score));
    }

    [Fact]
    public void CrossValidation_HoldsGroupsApart()
    {
        WriteTones();
        string[] lines = [.. Enumerable.Range(0, 24)
            .Select(i => $"{(i % 2 == 0 ? "low" : "high")}\ttones/{(i % 2 == 0 ? "low" : "high")}/{i:D2}.wav\tspeaker{i / 8}")];
        string table = _folder.PathOf("index.tsv");
        File.WriteAllLines(table, lines.Prepend("Label\tFile\tSpeaker"));
        IDataView data = _ml.Data.LoadFromWavTable(table);
        data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        IEstimator<ITransformer> pipeline = _ml.Transforms.MelSpectrogram().Append(_ml.Transforms.MambaClassify(Options()));
        var folds = _ml.MulticlassClassification.CrossValidate(data, pipeline, numberOfFolds: 2, samplingKeyColumnName: "Speaker");
        Assert.Equal(2, folds.Count);
        Assert.All(folds, fold => Assert.InRange(fold.Metrics.MicroAccuracy, 0.9, 1));
    }

    private static MambaClassificationOptions Options() =>
        new() { DModel = 16, NumLayers = 1, MaxEpochs = 10, BatchSize = 6, LearningRate = 0.01f, Seed = 3, Engine = MambaEngineKind.Cpu };

    private IEstimator<ITransformer> Pipeline(IEstimator<ITransformer>? first, MambaClassificationOptions? options = null)
    {
        var frames = _ml.Transforms.MelSpectrogram();
        IEstimator<ITransformer> head = first is null ? frames : first.Append(frames);
        return head.Append(_ml.Transforms.Conversion.MapValueToKey("Label")).Append(_ml.Transforms.MambaClassify(options ?? Options()))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
    }

    /// <summary>Two classes of tones, of several lengths and levels.</summary>
    private string WriteTones()
    {
        var random = new Random(1);
        for (int i = 0; i < 24; i++)
        {
            double frequency = (i % 2 == 0 ? 400 : 1500) * (1 + 0.05 * random.NextDouble()), level = 3000 + 20_000 * random.NextDouble();
            short[] samples = [.. Enumerable.Range(0, random.Next(400, 4000))
                .Select(n => (short)(level * Math.Sin(2 * Math.PI * frequency * n / 8000) + random.Next(200)))];
            WavBytes.OfShorts(samples).Write(_folder, Path.Combine("tones", i % 2 == 0 ? "low" : "high", $"{i:D2}.wav"));
        }

        return _folder.PathOf("tones");
    }
}
