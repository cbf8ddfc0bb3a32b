namespace Microsoft.ML.Mamba.Training;

/// <summary>The learning rate over a training: a linear rise to the peak, then half a cosine down to a floor. Immutable.</summary>
public sealed class LearningRateSchedule
{
    private readonly double _peak;
    private readonly double _warmup;
    private readonly double _floor;

    /// <summary>Makes a schedule.</summary>
    /// <param name="peak">The highest rate; positive.</param>
    /// <param name="warmupFraction">Share of the training in which the rate rises. 0 up to but excluding 1.</param>
    /// <param name="finalFraction">The last rate as a share of the peak. 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public LearningRateSchedule(double peak, double warmupFraction, double finalFraction)
    {
        if (!(peak > 0) || double.IsInfinity(peak))
            throw new ArgumentOutOfRangeException(nameof(peak), peak, $"The peak must be positive and finite; got {peak}.");
        if (!(warmupFraction >= 0 && warmupFraction < 1))
            throw new ArgumentOutOfRangeException(
                nameof(warmupFraction), warmupFraction, $"The warm-up fraction must be at least 0 and below 1; got {warmupFraction}.");
        if (!(finalFraction >= 0 && finalFraction <= 1))
            throw new ArgumentOutOfRangeException(nameof(finalFraction), finalFraction, $"The final fraction must be 0 to 1; got {finalFraction}.");
        _peak = peak;
        _warmup = warmupFraction;
        _floor = peak * finalFraction;
    }

    /// <summary>The rate at a point of the training.</summary>
    /// <param name="progress">Share of the training that is done, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The progress is out of range.</exception>
    public float At(double progress)
    {
        if (!(progress >= 0 && progress <= 1))
            throw new ArgumentOutOfRangeException(nameof(progress), progress, $"Progress must be 0 to 1; got {progress}.");
        if (progress < _warmup)
            return (float)(_peak * progress / _warmup);
        double angle = Math.PI * (progress - _warmup) / (1 - _warmup);
        return (float)(_floor + (_peak - _floor) * 0.5 * (1 + Math.Cos(angle)));
    }
}
