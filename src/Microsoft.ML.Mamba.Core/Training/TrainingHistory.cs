using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Why a training ended.</summary>
public enum TrainingStopReason
{
    /// <summary>All epochs were made.</summary>
    Completed = 0,

    /// <summary>Validation had not improved for <see cref="MambaTrainingOptions.EarlyStoppingPatience"/> epochs.</summary>
    EarlyStopped = 1,

    /// <summary>The loss or the gradient became NaN or infinite; earlier weights were restored.</summary>
    Diverged = 2,
}

/// <summary>What one complete epoch gave.</summary>
public sealed record TrainingEpoch
{
    /// <summary>Number of the epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Steps of this epoch.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens (or frames) of this epoch.</summary>
    public required long Tokens { get; init; }

    /// <summary>Mean training loss over the rows, as each step saw them.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>The last step's learning rate.</summary>
    public required float LearningRate { get; init; }

    /// <summary>Mean cross-entropy over the whole validation set, or null without validation.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Share of the validation set classified rightly, or null without validation.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Time of this epoch with its validation.</summary>
    public required TimeSpan Duration { get; init; }
}

/// <summary>The course of a training. Immutable.</summary>
public sealed record TrainingHistory
{
    private const int CurrentVersion = 1;

    /// <summary>Version of the JSON form; 1.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>All complete epochs in order.</summary>
    public required IReadOnlyList<TrainingEpoch> Epochs { get; init; }

    /// <summary>The best validated epoch, from 1, or null without validation.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Why the training ended.</summary>
    public required TrainingStopReason StopReason { get; init; }

    /// <summary>What went wrong and what to change, or null.</summary>
    public string? Warning { get; init; }

    /// <summary>Rows trained on.</summary>
    public required int TrainingRows { get; init; }

    /// <summary>Rows of the validation set; 0 without validation.</summary>
    public required int ValidationRows { get; init; }

    /// <summary>Steps made, also those of an epoch that was not completed.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>Tokens (or frames) of all steps.</summary>
    public required long TotalTokens { get; init; }

    /// <summary>Time of the whole training.</summary>
    public required TimeSpan TotalTime { get; init; }

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
            throw new InvalidDataException($"The training history was written in version {history.Version} of its format by a newer release; this one reads version {CurrentVersion}.");
        if (!Enum.IsDefined(history.StopReason))
            throw new InvalidDataException($"The training history's stop reason must be {string.Join(", ", Enum.GetNames<TrainingStopReason>())}; got {history.StopReason}.");
        return history;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(TrainingHistory))]
internal sealed partial class TrainingJsonContext : JsonSerializerContext;
