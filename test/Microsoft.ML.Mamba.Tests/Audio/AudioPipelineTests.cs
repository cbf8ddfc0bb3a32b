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
        using var engine = _ml.Model.CreatePredictionEngine<WaveformRow, Prediction>(model);
        for (int i = 0; i < scores.Length; i++)
            Assert.Equal(scores[i], engine.Predict(new WaveformRow { Waveform = waveforms[i] }).Score);
    }

    private IEstimator<ITransformer> Pipeline(IEstimator<ITransformer>? first)
    {
        var frames = _ml.Transforms.MelSpectrogram();
        IEstimator<ITransformer> head = first is null ? frames : first.Append(frames);
        return head.Append(_ml.Transforms.Conversion.MapValueToKey("Label")).Append(_ml.Transforms.MambaClassify(
                new MambaClassificationOptions { DModel = 16, NumLayers = 1, MaxEpochs = 10, BatchSize = 6, LearningRate = 0.01f, Seed = 3, Engine = MambaEngineKind.Cpu }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
    }

    /// <summary>Two classes of tones, of several lengths and levels.</summary>
    private string WriteTones()
    {
        var random = new Random(1);
        for (int i = 0; i < 24; i++)
        {
            double frequency = (i % 2 == 0 ? 400 : 1500) * (1 + 0.05 * random.NextDouble()), level = 3000 + 20_000 * random.NextDouble();
            short[] samples = [.. Enumerable.Range(0, random.Next(400, 4000)).Select(n => (short)(level * Math.Sin(2 * Math.PI * frequency * n / 8000) + random.Next(200)))];
            WavBytes.OfShorts(samples).Write(_folder, Path.Combine("tones", i % 2 == 0 ? "low" : "high", $"{i:D2}.wav"));
        }

        return _folder.PathOf("tones");
    }
}
