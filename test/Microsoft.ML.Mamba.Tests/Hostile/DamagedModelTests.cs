using Microsoft.ML.Mamba.Audio;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Hostile;

/// <summary>
/// Models whose entries are damaged at random: each is loaded or refused with a reason. ML.NET wraps the exceptions of what it loads; the
/// reason is inside.
/// </summary>
public sealed class DamagedModelTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Entries => new()
    {
        { "frames", "frames.json" }, { "frames", "manifest.json" }, { "frames", "config.json" }, { "frames", "history.json" }, { "frames", "weights.safetensors" },
        { "features", "manifest.json" }, { "saliency", "manifest.json" }, { "features", "tokenizer.json" }, { "features", "weights.safetensors" },
        { "mel", "manifest.json" }, { "wav", "manifest.json" },
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public void Entry_IsReadOrRefused(string model, string entry)
    {
        string whole = _folder.PathOf("whole.zip"), damaged = _folder.PathOf("damaged.zip");
        (ITransformer transformer, IDataView data) = Make(model);
        _ml.Model.Save(transformer, data.Schema, whole);
        byte[] content = [];
        ModelZip.Change(whole, entry, bytes => content = bytes);
        int refused = new Damage(seed: 7).Check(
            60, content, head: 500, maxBytes: 64 << 20,
            bytes =>
            {
                ModelZip.Change(whole, entry, _ => bytes, damaged);
                (_ml.Model.Load(damaged, out _) as IDisposable)?.Dispose();
            },
            HasReason);
        Assert.InRange(refused, 12, 60);
    }

    // A tokenizer's kind that is damaged is one that nobody has registered.
    private static bool HasReason(Exception error) => ModelZip.Reason<InvalidDataException>(error) is not null
        || ModelZip.Reason<InvalidOperationException>(error)?.Message.Contains("RegisterKind", StringComparison.Ordinal) == true;

    private (ITransformer Model, IDataView Data) Make(string model)
    {
        if (model is "mel" or "wav")
        {
            IDataView rows = _ml.Data.LoadFromEnumerable([new AudioRow { Waveform = new float[900] }]);
            return model == "wav"
                ? (_ml.Transforms.LoadWav("W", "File", sampleRate: 8000, sampleRateColumnName: "R", channel: 0).Fit(rows), rows)
                : (_ml.Transforms.MelSpectrogram(new MelSpectrogramOptions { SampleRate = 8000, NormalizeOnTrainingData = true }).Fit(rows), rows);
        }

        MambaClassificationOptions options = Train.Options();
        (options.EngineOverride, options.MaxEpochs) = (null, 1);
        IDataView data = model == "frames" ? Train.SeriesKeys(_ml, 20, 2) : Train.DnaKeys(_ml, 20);
        MambaTransformer classifier = Train.Fit(_ml, data, options);
        return model switch
        {
            "features" => (_ml.Transforms.MambaFeaturize(classifier).Fit(data), data),
            "saliency" => (_ml.Transforms.MambaSaliency(classifier, label: "gc").Fit(data), data),
            _ => (classifier, data),
        };
    }

    private sealed class AudioRow
    {
        public string File { get; set; } = "a.wav";

        public float[] Waveform { get; set; } = [];
    }
}
