using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Mamba;

public sealed partial class FramePreparation
{
    private const int CurrentVersion = 1;

    /// <summary>The preparation as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new FramePreparationDto
        {
            Version = CurrentVersion,
            Channels = Channels,
            MissingValues = MissingValues.ToString(),
            Normalization = Normalization.ToString(),
            Means = _means,
            Deviations = _deviations,
        },
        FramePreparationJsonContext.Default.FramePreparationDto);

    /// <summary>Reads what <see cref="ToJson"/> gave.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="InvalidDataException">The JSON is malformed, has unknown members or values out of range, or is of a newer version.</exception>
    public static FramePreparation FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            FramePreparationDto read = JsonSerializer.Deserialize(json, FramePreparationJsonContext.Default.FramePreparationDto)
                ?? throw new InvalidDataException("The frame preparation's JSON is null.");
            if (read.Version != CurrentVersion)
                throw new InvalidDataException($"The frame preparation is of version {read.Version}; this release reads version {CurrentVersion}.");
            return new FramePreparation(
                read.Channels, Parse<MissingValues>(read.MissingValues, "missing_values"),
                Parse<FrameNormalization>(read.Normalization, "normalization"), read.Means, read.Deviations);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The frame preparation's JSON is not valid: {exception.Message}", exception);
        }
    }

    private static T Parse<T>(string text, string name) where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (value.ToString() == text)
                return value;
        }

        throw new InvalidDataException($"'{name}' of the frame preparation must be {string.Join(", ", Enum.GetNames<T>())}; got '{text}'.");
    }
}

internal sealed record FramePreparationDto
{
    public required int Version { get; init; }

    public required int Channels { get; init; }

    public required string MissingValues { get; init; }

    public required string Normalization { get; init; }

    public required double[] Means { get; init; }

    public required double[] Deviations { get; init; }
}

// A member that is not understood might change what the model reads, so it is not passed over.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FramePreparationDto))]
internal sealed partial class FramePreparationJsonContext : JsonSerializerContext;
