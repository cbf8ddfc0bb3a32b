using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Mamba.Persistence;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>The manifest of a saved <see cref="WavLoadingTransformer"/>, as its JSON has it.</summary>
internal sealed record WavManifest
{
    public const string FormatName = "microsoft.ml.mamba.load_wav";

    public required string Format { get; init; }

    public required int FormatVersion { get; init; }

    public required string LibraryVersion { get; init; }

    public required string Output { get; init; }

    public required string Input { get; init; }

    public string? SampleRateOutput { get; init; }

    public required string Folder { get; init; }

    public required int SampleRate { get; init; }

    public required bool Resample { get; init; }

    public int? Channel { get; init; }
}

/// <summary>The manifest of a saved <see cref="MelSpectrogramTransformer"/>, as its JSON has it.</summary>
internal sealed record MelManifest
{
    public const string FormatName = "microsoft.ml.mamba.mel_spectrogram";

    public required string Format { get; init; }

    public required int FormatVersion { get; init; }

    public required string LibraryVersion { get; init; }

    public required string Output { get; init; }

    public required string Input { get; init; }

    public required int SampleRate { get; init; }

    public required int Window { get; init; }

    public required int Hop { get; init; }

    public required int FftSize { get; init; }

    public required int Bands { get; init; }

    public required double MinFrequency { get; init; }

    public required double MaxFrequency { get; init; }

    public required string Scale { get; init; }

    public required string WindowFunction { get; init; }

    public required string Spectrum { get; init; }

    public required string Logarithm { get; init; }

    public required double FloorDecibels { get; init; }

    public required double PreEmphasis { get; init; }

    public required bool Center { get; init; }

    public required string UtteranceNormalization { get; init; }

    public required int Deltas { get; init; }

    public double[]? Means { get; init; }

    public double[]? Deviations { get; init; }

    /// <exception cref="ArgumentException">A value is out of range, or two contradict each other.</exception>
    public MelSpectrogramTransformer ToTransformer()
    {
        AudioColumns.RequireName(Output, "output");
        AudioColumns.RequireName(Input, "input");
        var plan = new MelPlan
        {
            SampleRate = SampleRate,
            Window = Window,
            Hop = Hop,
            FftSize = FftSize,
            Bands = Bands,
            MinFrequency = MinFrequency,
            MaxFrequency = MaxFrequency,
            Scale = AudioManifestJson.Parse<MelScale>(Scale, "scale"),
            WindowFunction = AudioManifestJson.Parse<MelWindow>(WindowFunction, "window_function"),
            Spectrum = AudioManifestJson.Parse<MelSpectrum>(Spectrum, "spectrum"),
            Logarithm = AudioManifestJson.Parse<MelLogarithm>(Logarithm, "logarithm"),
            FloorDecibels = FloorDecibels,
            PreEmphasis = PreEmphasis,
            Center = Center,
            UtteranceNormalization = AudioManifestJson.Parse<MelUtteranceNormalization>(UtteranceNormalization, "utterance_normalization"),
            Deltas = Deltas,
        };
        plan.Check();
        FramePreparation? normalization = Means is null && Deviations is null
            ? null
            : new FramePreparation(plan.Channels, MissingValues.Error, FrameNormalization.TrainingSet, Means, Deviations);
        return new MelSpectrogramTransformer(Output, Input, plan, normalization);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(WavManifest))]
[JsonSerializable(typeof(MelManifest))]
internal sealed partial class AudioManifestJson : JsonSerializerContext
{
    /// <summary>Raised by every change that an older reader would misread.</summary>
    public const int FormatVersion = 1;

    public static void Save<T>(ModelSaveContext context, T manifest) =>
        ModelWriter.SaveText(context, ModelEntries.Manifest, JsonSerializer.Serialize(manifest, typeof(T), Default));

    /// <summary>Reads a manifest and makes of it what it stands for; every argument that does not do was the file's word.</summary>
    /// <exception cref="InvalidDataException">It is missing or malformed, of a version that this library does not read, or says what cannot be.</exception>
    public static TResult Load<T, TResult>(ModelLoadContext context, string format, Func<T, TResult> convert) where T : class
    {
        string json = ModelReader.ReadText(context, ModelEntries.Manifest);
        try
        {
            ManifestVersion.Check(json, format, oldest: 1, FormatVersion);
            var manifest = (T?)JsonSerializer.Deserialize(json, typeof(T), Default);
            return convert(manifest ?? throw new InvalidDataException("The model's manifest.json is null."));
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The model's manifest.json is not valid: {exception.Message}", exception);
        }
    }

    /// <exception cref="ArgumentException">There is no such value.</exception>
    public static T Parse<T>(string text, string name) where T : struct, Enum =>
        Enum.GetValues<T>().Cast<T?>().FirstOrDefault(value => value.ToString() == text)
        ?? throw new ArgumentException($"{name} must be {string.Join(", ", Enum.GetNames<T>())}; got '{text}'");
}
