namespace Microsoft.ML.Mamba.Training;

/// <summary>A stretch of consecutive training steps, for a curve.</summary>
public sealed record TrainingPoint
{
    /// <summary>The stretch's last step, counted from 1 over the whole training.</summary>
    public required int Step { get; init; }

    /// <summary>Mean of the steps' losses, in nats, with class weights, label smoothing and dropout.</summary>
    public required double Loss { get; init; }

    /// <summary>The last step's learning rate.</summary>
    public required float LearningRate { get; init; }

    /// <summary>Mean of the steps' gradient norms before clipping.</summary>
    public required double GradientNorm { get; init; }
}
