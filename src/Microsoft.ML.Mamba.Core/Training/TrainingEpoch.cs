namespace Microsoft.ML.Mamba.Training;

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
