using System.Diagnostics;

namespace Microsoft.ML.Mamba.Training;

internal sealed partial class TrainingRun
{
    /// <param name="reason">Why the training ended.</param>
    /// <param name="warning">What went wrong, or null.</param>
    /// <param name="isBest">Whether the model has the best validated weights, where there are any.</param>
    private TrainingHistory MakeHistory(TrainingStopReason reason, string? warning, bool isBest)
    {
        bool countClasses = _classes <= ClassConfusion.MaxClasses;
        return new TrainingHistory
        {
            Epochs = [.. _epochs],
            BestEpoch = _validation?.BestEpoch,
            StopReason = reason,
            Warning = _checkpoints?.Damage is { } damage ? string.Join(' ', new[] { damage, warning }.Where(text => text is not null)) : warning,
            TrainingRows = _train.Count,
            ValidationRows = _validationData?.Count ?? 0,
            TotalSteps = _steps,
            TotalTokens = _reporter.Tokens,
            TotalTime = _reporter.Elapsed,
            Curve = _curve.Points,
            Confusion = isBest ? _validation?.BestConfusion : reason == TrainingStopReason.Diverged ? null : _validation?.LastConfusion,
            TrainingClassRows = countClasses ? _train.CountClasses(_classes) : [],
            ValidationClassRows = countClasses && _validationData is not null ? _validationData.CountClasses(_classes) : [],
            TrainingLengths = LengthDistribution.Of(_train),
            ValidationLengths = _validationData is null ? null : LengthDistribution.Of(_validationData),
            Options = OptionTexts.Of(_options),
            StartedAt = _startedAt,
            ResumedAtStep = _resumedAtStep,
            ValidationTime = _validationTime,
            PeakMemory = PeakMemory(),
        };
    }

    private static long? PeakMemory()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 is > 0 and long bytes ? bytes : null;
    }
}
