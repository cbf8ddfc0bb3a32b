using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Mamba.Training;

public sealed partial record TrainingHistory
{
    /// <summary>The history as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TrainingJsonContext.Default.TrainingHistory);

    /// <summary>Reads what <see cref="ToJson"/> gave.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="InvalidDataException">The JSON is malformed, lacks a value, or is of a newer version.</exception>
    public static TrainingHistory FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        TrainingHistory? history;
        try
        {
            history = JsonSerializer.Deserialize(json, TrainingJsonContext.Default.TrainingHistory);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The training history's JSON is not valid: {exception.Message}", exception);
        }

        if (history?.Epochs is null || history.Epochs.Any(epoch => epoch is null))
            throw new InvalidDataException("The training history's JSON is not valid: it holds null where an object is expected.");
        if (history.Version != CurrentVersion)
            throw new InvalidDataException(
                $"The training history was written in version {history.Version} of its format by a newer release; this one reads version {CurrentVersion}.");
        if (!Enum.IsDefined(history.StopReason))
            throw new InvalidDataException(
                $"The training history's stop reason must be {string.Join(", ", Enum.GetNames<TrainingStopReason>())}; got {history.StopReason}.");
        // What an older release did not write.
        history = history with
        {
            Guidance = history.Guidance ?? [],
            Curve = history.Curve ?? [],
            TrainingClassRows = history.TrainingClassRows ?? [],
            ValidationClassRows = history.ValidationClassRows ?? [],
            Options = history.Options ?? new Dictionary<string, string>(),
        };
        history.CheckDetails();
        return history;
    }

    private void CheckDetails()
    {
        if (Curve.Any(point => point is null) || Options.Values.Any(value => value is null) || Guidance.Any(warning => warning is null))
            throw new InvalidDataException("The training history's JSON is not valid: it holds null where an object is expected.");
        if (Curve.Count > CurveRecorder.MaxPoints)
            throw new InvalidDataException($"The training history's curve has {Curve.Count} points; at most {CurveRecorder.MaxPoints} are allowed.");
        if (Confusion is { IsValid: false })
            throw new InvalidDataException(
                $"The training history's confusion matrix must have 1 to {ClassConfusion.MaxClasses} classes and the square of them counts, none negative.");
        if (TrainingLengths is { IsValid: false } || ValidationLengths is { IsValid: false })
            throw new InvalidDataException("The training history's length distribution contradicts itself.");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(TrainingHistory))]
internal sealed partial class TrainingJsonContext : JsonSerializerContext;
