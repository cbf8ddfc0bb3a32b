namespace Microsoft.ML.Mamba.Training;

/// <summary>Where a training stands: reported after every step, and once more after every validation.</summary>
public sealed record TrainingProgress
{
    /// <summary>The current epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The largest number of epochs; early stopping may make it fewer.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps made in all.</summary>
    public required int Step { get; init; }

    /// <summary>Steps made in this epoch.</summary>
    public required int StepInEpoch { get; init; }

    /// <summary>Steps of this epoch; where the token limit cuts batches, epochs differ a little.</summary>
    public required int StepsInEpoch { get; init; }

    /// <summary>Share of all epochs that is done, 0 to 1; never falls.</summary>
    public required double Fraction { get; init; }

    /// <summary>Mean training loss of this epoch so far, over its rows, in nats, with class weights, label smoothing and dropout.</summary>
    public required double Loss { get; init; }

    /// <summary>The last step's learning rate.</summary>
    public required float LearningRate { get; init; }

    /// <summary>The last step's gradient norm before clipping.</summary>
    public required float GradientNorm { get; init; }

    /// <summary>Mean cross-entropy over the whole validation set, in nats, where it was just measured.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Share of the validation set classified rightly, 0 to 1, where it was just measured.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>What computes, such as <c>cpu</c> or <c>torch-cuda:0</c>; null where a model is trained without the estimator, which chose none.</summary>
    public string? Engine { get; init; }

    /// <summary>Models that are trained together; 1 where there is a single one.</summary>
    public int EnsembleSize { get; init; } = 1;

    /// <summary>Training tokens (or frames) a second, since the start, without validation. Several models read each token, and it counts once.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Time since the start.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Estimated time to the last epoch's end.</summary>
    public required TimeSpan TimeLeft { get; init; }
}
