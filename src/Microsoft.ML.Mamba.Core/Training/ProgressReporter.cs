using System.Diagnostics;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Counts steps, tokens and time, and reports them.</summary>
internal sealed class ProgressReporter(IProgress<TrainingProgress>? progress, int epochs, int ensembleSize)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private TimeSpan _before;
    private int _steps;

    /// <summary>Tokens of all steps so far.</summary>
    public long Tokens { get; private set; }

    /// <summary>Time of all steps so far.</summary>
    public TimeSpan StepTime { get; private set; }

    /// <summary>Time since the start, without what lay between an interruption and resuming.</summary>
    public TimeSpan Elapsed => _before + Stopwatch.GetElapsedTime(_started);

    /// <summary>Goes on counting where an interrupted training was.</summary>
    public void Resume(int steps, long tokens, TimeSpan stepTime, TimeSpan elapsed)
    {
        _steps = steps;
        Tokens = tokens;
        StepTime = stepTime;
        _before = elapsed;
    }

    public void CountStep(int tokens, TimeSpan time)
    {
        _steps++;
        Tokens += tokens;
        StepTime += time;
    }

    public void Report(EpochProgress epoch, int stepsInEpoch, double fraction) => progress?.Report(Make(epoch, stepsInEpoch, fraction));

    public void Validated(EpochProgress epoch, int stepsInEpoch, MambaEvaluation evaluation) =>
        progress?.Report(Make(epoch, stepsInEpoch, (double)epoch.Number / epochs) with
        {
            ValidationLoss = evaluation.Loss,
            ValidationAccuracy = evaluation.Accuracy,
        });

    private TrainingProgress Make(EpochProgress epoch, int stepsInEpoch, double fraction)
    {
        TimeSpan elapsed = Elapsed;
        return new TrainingProgress
        {
            Epoch = epoch.Number,
            Epochs = epochs,
            EnsembleSize = ensembleSize,
            Step = _steps,
            StepInEpoch = epoch.Steps,
            StepsInEpoch = stepsInEpoch,
            Fraction = fraction,
            Loss = epoch.Loss,
            LearningRate = epoch.LearningRate,
            GradientNorm = epoch.GradientNorm,
            TokensPerSecond = Tokens / Math.Max(StepTime.TotalSeconds, 1e-9),
            Elapsed = elapsed,
            TimeLeft = TimeLeft(elapsed, fraction),
        };
    }

    private static TimeSpan TimeLeft(TimeSpan elapsed, double fraction) =>
        TimeSpan.FromSeconds(Math.Min(elapsed.TotalSeconds * (1 - fraction) / fraction, TimeSpan.MaxValue.TotalSeconds / 2));
}
