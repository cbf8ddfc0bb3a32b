using System.Diagnostics;

namespace Microsoft.ML.Mamba.Training;

/// <summary>One training from its first step, or from a checkpoint, to its end.</summary>
internal sealed partial class TrainingRun
{
    private readonly EnsembleSession _session;
    private readonly SequenceDataset _train;
    private readonly MambaTrainingOptions _options;
    private readonly MemberBatches _batches;
    private readonly LearningRateSchedule _schedule;
    private readonly ValidationTracker? _validation;
    private readonly ProgressReporter _reporter;
    private readonly List<TrainingEpoch> _epochs = [];
    private readonly LastGoodWeights _lastGood = new();
    private readonly CurveRecorder _curve = new();
    private readonly SequenceDataset? _validationData;
    private readonly CheckpointFolder? _checkpoints;
    private readonly int _classes;
    private DateTimeOffset _startedAt = DateTimeOffset.Now;
    private EpochProgress _epoch = new(1);
    private int _steps;
    private int? _resumedAtStep;
    private TimeSpan _validationTime;

    public TrainingRun(
        EnsembleSession session,
        MambaConfig config,
        SequenceDataset train,
        SequenceDataset? validation,
        MambaTrainingOptions options,
        IProgress<TrainingProgress>? progress,
        CheckpointFolder? checkpoints)
    {
        _session = session;
        _train = train;
        _options = options;
        _batches = new MemberBatches(train, options, config, session.Count);
        _schedule = new LearningRateSchedule(options.LearningRate, options.WarmupFraction, options.FinalLearningRateFraction);
        _validation = validation is null ? null : new ValidationTracker(validation, config, options);
        _validationData = validation;
        _reporter = new ProgressReporter(progress, options.MaxEpochs, session.Count);
        _checkpoints = checkpoints;
        _classes = config.NumClasses;
    }

    private bool Averages => _options.WeightAveraging > 0;

    public TrainingHistory Run(CancellationToken cancellationToken)
    {
        if (_checkpoints?.Newest is { } checkpoint)
        {
            Resume(checkpoint);
            if (checkpoint.State.Finished is { } finished)
                return finished with { ResumedAtStep = _steps };
        }
        else
        {
            if (Averages)
                _session.StartAverage();
            _lastGood.Keep(_session.ExportWeights(), 0, "initial weights");
        }

        try
        {
            while (true)
            {
                if (_options.EarlyStoppingPatience > 0 && _validation!.EpochsSinceBest >= _options.EarlyStoppingPatience)
                    return Finish(TrainingStopReason.EarlyStopped);
                if (_epoch.Number > _options.MaxEpochs)
                    return Finish(TrainingStopReason.Completed);
                if (!TryRunEpoch(cancellationToken, out string? trouble))
                    return Diverged(trouble!);
            }
        }
        catch (OperationCanceledException)
        {
            try
            {
                SaveCheckpoint();
            }
            finally
            {
                Restore(_validation?.BestWeights ?? (Averages ? _session.ExportAverage() : null));
            }

            throw;
        }
    }

    private bool TryRunEpoch(CancellationToken cancellationToken, out string? trouble)
    {
        int batches = _batches.Plan(_epoch.Number);
        while (_epoch.Steps < batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double fraction = (_epoch.Number - 1 + (_epoch.Steps + 1.0) / batches) / _options.MaxEpochs;
            float learningRate = _schedule.At(Math.Min(1, fraction));
            _batches.Fill(_epoch.Steps);
            long stepStarted = Stopwatch.GetTimestamp();
            MambaStepResult result = _session.TrainStep(_batches.Current, learningRate, cancellationToken);
            if (!result.IsFinite)
            {
                trouble = $"Training diverged in step {_epoch.Steps + 1} of epoch {_epoch.Number}: "
                    + $"the loss is {result.Loss} and the gradient's norm {result.GradientNorm}.";
                return false;
            }

            _steps++;
            _lastGood.StepSucceeded();
            if (Averages)
                _session.UpdateAverage(ShareOf(_steps));
            // Until there is a whole epoch to go back to, after steps 1, 2, 4, 8 ...
            if (_epoch.Number == 1 && int.IsPow2(_steps))
                _lastGood.Keep(CurrentWeights(), _steps, $"weights of step {_steps}");
            SequenceBatch batch = _batches.Current[0].Batch;
            _epoch.Add(batch, result, learningRate);
            _curve.Add(_steps, result, learningRate);
            _reporter.CountStep(batch.TokenCount, Stopwatch.GetElapsedTime(stepStarted));
            _reporter.Report(_epoch, batches, fraction);
            if (_epoch.Steps < batches && IsCheckpointStep())
                SaveCheckpoint();
        }

        trouble = EndEpoch(batches, cancellationToken);
        return trouble is null;
    }

    // Returns what is wrong, or null.
    private string? EndEpoch(int batches, CancellationToken cancellationToken)
    {
        MambaEvaluation? evaluation = null;
        if (_validation is not null)
        {
            long validationStarted = Stopwatch.GetTimestamp();
            evaluation = Validate(cancellationToken);
            _validationTime += Stopwatch.GetElapsedTime(validationStarted);
            if (!double.IsFinite(evaluation.Value.Loss))
                return $"Training diverged in epoch {_epoch.Number}: the validation loss is {evaluation.Value.Loss}.";
        }
        else
        {
            _lastGood.Keep(CurrentWeights(), _steps, $"weights of epoch {_epoch.Number}");
        }

        EpochProgress ended = _epoch;
        _epochs.Add(new TrainingEpoch
        {
            Epoch = ended.Number,
            Steps = ended.Steps,
            Tokens = ended.Tokens,
            TrainingLoss = ended.Loss,
            LearningRate = ended.LearningRate,
            ValidationLoss = evaluation?.Loss,
            ValidationAccuracy = evaluation?.Accuracy,
            Duration = ended.Elapsed,
        });
        _epoch = new EpochProgress(ended.Number + 1);
        if (evaluation is not null)
            _reporter.Validated(ended, batches, evaluation.Value);
        if (IsCheckpointStep() || IsCheckpointEpoch(ended.Number))
            SaveCheckpoint();
        return null;
    }

    private MambaEvaluation Validate(CancellationToken cancellationToken)
    {
        if (!Averages)
            return _validation!.Run(_epoch.Number, _session.Forward, _session.ExportWeights, cancellationToken);
        _session.SwapAverage();
        try
        {
            return _validation!.Run(_epoch.Number, _session.Forward, _session.ExportWeights, cancellationToken);
        }
        finally
        {
            _session.SwapAverage();
        }
    }

    private TrainingHistory Finish(TrainingStopReason reason)
    {
        MambaWeights? best = _options.KeepBestWeights ? _validation?.BestWeights : null;
        Restore(best ?? (Averages ? _session.ExportAverage() : null));
        return Ended(MakeHistory(reason, null, _options.KeepBestWeights));
    }

    private TrainingHistory Diverged(string trouble)
    {
        string advice = $"Lower LearningRate (now {_options.LearningRate}) or MaxGradientNorm (now {_options.MaxGradientNorm}), "
            + $"or raise WarmupFraction (now {_options.WarmupFraction}); "
            + "if the input is frames, scale them to about unit variance.";
        if (_validation?.BestWeights is { } best)
        {
            Restore(best);
            return Ended(MakeHistory(TrainingStopReason.Diverged, $"{trouble} The weights of epoch {_validation.BestEpoch} are restored. {advice}", isBest: true));
        }

        LastGoodWeights.Copy? good = _lastGood.Known;
        Restore(good?.Weights);
        if (good is null or { Step: 0 })
            throw new InvalidOperationException($"{trouble} There are no trained weights to go back to; the model is as it was. {advice}");
        return Ended(MakeHistory(TrainingStopReason.Diverged, $"{trouble} The {good.Description} are restored. {advice}", isBest: false));
    }

    // 1 - decay of the moving average, with a smaller decay in the first steps.
    private float ShareOf(int step) => 1 - Math.Min(_options.WeightAveraging, (1f + step) / (10f + step));

    private MambaWeights CurrentWeights() => Averages ? _session.ExportAverage() : _session.ExportWeights();

    private void Restore(MambaWeights? weights)
    {
        if (weights is not null)
            _session.ImportWeights(weights);
    }
}
