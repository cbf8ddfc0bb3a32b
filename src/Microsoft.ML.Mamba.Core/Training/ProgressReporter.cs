using System.Diagnostics;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Counts steps, tokens and time, and reports them.</summary>
internal sealed class ProgressReporter(IProgress<TrainingProgress>? progress, int epochs)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private TimeSpan _stepTime;
    private TrainingProgress? _last;
    private int _steps;

    /// <summary>Tokens of all steps so far.</summary>
    public long Tokens { get; private set; }

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    public void CountStep(int tokens, TimeSpan time)
    {
        _steps++;
        Tokens += tokens;
        _stepTime += time;
    }

    public void Report(int epoch, int stepInEpoch, int stepsInEpoch, double fraction, double loss, float learningRate, float gradientNorm)
    {
        if (progress is null)
            return;
        TimeSpan elapsed = Elapsed;
        _last = new TrainingProgress
        {
            Epoch = epoch,
            Epochs = epochs,
            Step = _steps,
            StepInEpoch = stepInEpoch,
            StepsInEpoch = stepsInEpoch,
            Fraction = fraction,
            Loss = loss,
            LearningRate = learningRate,
            GradientNorm = gradientNorm,
            TokensPerSecond = Tokens / Math.Max(_stepTime.TotalSeconds, 1e-9),
            Elapsed = elapsed,
            TimeLeft = TimeLeft(elapsed, fraction),
        };
        progress.Report(_last);
    }

    public void Validated(MambaEvaluation evaluation)
    {
        if (progress is null || _last is null)
            return;
        TimeSpan elapsed = Elapsed;
        _last = _last with
        {
            ValidationLoss = evaluation.Loss,
            ValidationAccuracy = evaluation.Accuracy,
            Elapsed = elapsed,
            TimeLeft = TimeLeft(elapsed, _last.Fraction),
        };
        progress.Report(_last);
    }

    private static TimeSpan TimeLeft(TimeSpan elapsed, double fraction) =>
        TimeSpan.FromSeconds(Math.Min(elapsed.TotalSeconds * (1 - fraction) / fraction, TimeSpan.MaxValue.TotalSeconds / 2));
}
