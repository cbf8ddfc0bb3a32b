using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Mamba.Persistence;

/// <summary>The manifest of a saved model, as its JSON has it. Members that a reader does not know are passed over.</summary>
internal sealed record ModelManifest
{
    public required string Format { get; init; }

    public required int FormatVersion { get; init; }

    public required string LibraryVersion { get; init; }

    public required string Modality { get; init; }

    public required string SequenceKind { get; init; }

    /// <summary>How many models there are; null for one. Since format version 3.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EnsembleSize { get; init; }

    public required ManifestColumns Columns { get; init; }

    public required ManifestLabels Labels { get; init; }

    public required ManifestSequences Sequences { get; init; }

    public required ManifestScoring Scoring { get; init; }
}

internal sealed record ManifestColumns
{
    public required string Sequence { get; init; }

    public required string Label { get; init; }

    public required string PredictedLabel { get; init; }

    public required string Score { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Features { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Saliency { get; init; }

    /// <summary>Null for each row's predicted class.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SaliencyClass { get; init; }
}

/// <summary>Type is null where the label's keys had no values; then Values is null too.</summary>
internal sealed record ManifestLabels
{
    public required int Count { get; init; }

    public string? Type { get; init; }

    public string[]? Values { get; init; }
}

internal sealed record ManifestSequences
{
    public int? MaxLength { get; init; }

    public required string Truncation { get; init; }

    public required string Empty { get; init; }

    public required bool Tokenized { get; init; }

    /// <summary>Since format version 2.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Prepared { get; init; }
}

internal sealed record ManifestScoring
{
    public required int BatchRows { get; init; }

    public required int BatchTokens { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    /// <summary>Reads a manifest; its version is looked at before anything else.</summary>
    /// <exception cref="InvalidDataException">It is malformed, or of a version that this library does not read.</exception>
    public static ModelManifest Parse(string json)
    {
        try
        {
            ManifestVersion.Check(json, ModelEntries.Format, ModelEntries.OldestFormatVersion, ModelEntries.FormatVersion);
            return JsonSerializer.Deserialize(json, Default.ModelManifest) ?? throw new InvalidDataException("The model's manifest.json is null.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The model's manifest.json is not valid: {exception.Message}", exception);
        }
    }

    public static string ToText(ModelManifest manifest) => JsonSerializer.Serialize(manifest, Default.ModelManifest);
}
