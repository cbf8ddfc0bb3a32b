using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Mamba.Training;

/// <summary>A checkpoint without its tensors: where a training stands and what it has seen.</summary>
internal sealed record CheckpointState
{
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>What must be the same for the training to go on.</summary>
    public required Dictionary<string, string> Identity { get; init; }

    /// <summary>Steps of the whole training.</summary>
    public required int Steps { get; init; }

    /// <summary>The epoch that the next step belongs to, and its steps that are done.</summary>
    public required EpochState Epoch { get; init; }

    public required IReadOnlyList<TrainingEpoch> Epochs { get; init; }

    public required CurveState Curve { get; init; }

    public required ClockState Clock { get; init; }

    /// <summary>Null before the first validation and without any.</summary>
    public BestState? Best { get; init; }

    public CopyState? KnownGood { get; init; }

    public CopyState? GoodCandidate { get; init; }

    /// <summary>Where the training has ended: what it gave.</summary>
    public TrainingHistory? Finished { get; init; }
}

internal sealed record EpochState(int Number, int Steps, int Rows, long Tokens, double LossSum, float LearningRate, float GradientNorm, TimeSpan Elapsed);

internal sealed record CurveState(IReadOnlyList<TrainingPoint> Points, int StepsInPoint, int Open, double LossSum, double NormSum, TrainingPoint? Last);

internal sealed record ClockState(DateTimeOffset StartedAt, TimeSpan Elapsed, TimeSpan StepTime, TimeSpan ValidationTime, long Tokens);

internal sealed record BestState(int Epoch, double Loss, double Accuracy, int Count, int EpochsSince, ClassConfusion? Confusion, ClassConfusion? LastConfusion);

internal sealed record CopyState(int Step, string Description);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(CheckpointState))]
internal sealed partial class CheckpointJsonContext : JsonSerializerContext;
