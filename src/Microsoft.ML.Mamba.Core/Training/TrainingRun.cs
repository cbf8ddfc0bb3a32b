using System.Diagnostics;

namespace Microsoft.ML.Mamba.Training;

/// <summary>One training from its first step to its end.</summary>
internal sealed partial class TrainingRun
{
    private readonly IMambaTrainingSession _session;
    private readonly SequenceDataset _train;
    private readonly MambaTrainingOptions _options;
    private readonly BatchPlanner _planner;
    private readonly LearningRateSchedule _schedule;
    private readonly ValidationTracker? _validation;
    private readonly ProgressReporter _reporter;
    private readonly WeightAverage? _average;
    private readonly BatchBuffer _buffer;
    private readonly List<TrainingEpoch> _epochs = [];
    private readonly CurveRecorder _curve = new();
    private readonly DateTimeOffset _startedAt = DateTimeOffset.Now;
    private readonly SequenceDataset? _validationData;
    private readonly int _classes;
    private readonly LastGoodWeights _lastGood = new();
    private int _steps;
    private TimeSpan _validationTime;

    public TrainingRun(
        IMambaTrainingSession session,
        int classes,
        SequenceDataset train,
        SequenceDataset? validation,
        MambaTrainingOptions options,
        IProgress<TrainingProgress>? progress)
    {
        _session = session;
        _train = train;
        _options = options;
        _buffer = new BatchBuffer(new RowAugmenter(options.Augmentation, options.Seed));
        _planner = new BatchPlanner(train, options.BatchSize, options.MaxBatchTokens, options.Seed, options.LengthBucketBatches);
        _schedule = new LearningRateSchedule(options.LearningRate, options.WarmupFraction, options.FinalLearningRateFraction);
        _validation = validation is null ? null : new ValidationTracker(validation, classes, options);
        _validationData = validation;
        _classes = classes;
        _reporter = new ProgressReporter(progress, options.MaxEpochs);
        _average = options.WeightAveraging > 0 ? new WeightAverage(options.WeightAveraging, session.ExportWeights()) : null;
    }

    public TrainingHistory Run(CancellationToken cancellationToken)
    {
        _lastGood.Keep(_session.ExportWeights(), 0, "initial weights");
        try
        {
            for (int epoch = 1; epoch <= _options.MaxEpochs; epoch++)
            {
                if (!TryRunEpoch(epoch, cancellationToken, out string? trouble))
                    return Diverged(trouble!);
                if (_options.EarlyStoppingPatience > 0 && _validation!.EpochsSinceBest >= _options.EarlyStoppingPatience)
                    return Finish(TrainingStopReason.EarlyStopped);
            }

            return Finish(TrainingStopReason.Completed);
        }
        catch (OperationCanceledException)
        {
            Restore(_validation?.BestWeights ?? _average?.Weights);
            throw;
        }
    }

    private bool TryRunEpoch(int epoch, CancellationToken cancellationToken, out string? trouble)
    {
        long started = Stopwatch.GetTimestamp(), tokens = 0;
        double lossSum = 0;
        int rows = 0, done = 0;
        float learningRate = 0;
        IReadOnlyList<int[]> batches = _planner.PlanEpoch(epoch);
        foreach (int[] batch in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double fraction = (epoch - 1 + (done + 1.0) / batches.Count) / _options.MaxEpochs;
            learningRate = _schedule.At(Math.Min(1, fraction));
            _buffer.Fill(_train, batch, epoch);
            long stepStarted = Stopwatch.GetTimestamp();
            MambaStepResult result = _session.TrainStep(_buffer.Batch, _buffer.Targets, learningRate, cancellationToken);
            if (!result.IsFinite)
            {
                trouble = $"Training diverged in step {done + 1} of epoch {epoch}: the loss is {result.Loss} and the gradient's norm {result.GradientNorm}.";
                return false;
            }

            _lastGood.StepSucceeded();
            _average?.Add(_session.ExportWeights());
            _steps++;
            // Until there is a whole epoch to go back to, after steps 1, 2, 4, 8 ...
            if (epoch == 1 && int.IsPow2(_steps))
                _lastGood.Keep(CurrentWeights(), _steps, $"weights of step {_steps}");
            done++;
            rows += batch.Length;
            tokens += _buffer.Batch.TokenCount;
            lossSum += (double)result.Loss * batch.Length;
            _curve.Add(_steps, result, learningRate);
            _reporter.CountStep(_buffer.Batch.TokenCount, Stopwatch.GetElapsedTime(stepStarted));
            _reporter.Report(epoch, done, batches.Count, fraction, lossSum / rows, learningRate, result.GradientNorm);
        }

        MambaEvaluation? evaluation = null;
        if (_validation is not null)
        {
            long validationStarted = Stopwatch.GetTimestamp();
            evaluation = Validate(epoch, cancellationToken);
            _validationTime += Stopwatch.GetElapsedTime(validationStarted);
            if (!double.IsFinite(evaluation.Value.Loss))
            {
                trouble = $"Training diverged in epoch {epoch}: the validation loss is {evaluation.Value.Loss}.";
                return false;
            }

            _reporter.Validated(evaluation.Value);
        }
        else
        {
            _lastGood.Keep(CurrentWeights(), _steps, $"weights of epoch {epoch}");
        }

        _epochs.Add(new TrainingEpoch
        {
            Epoch = epoch,
            Steps = done,
            Tokens = tokens,
            TrainingLoss = lossSum / rows,
            LearningRate = learningRate,
            ValidationLoss = evaluation?.Loss,
            ValidationAccuracy = evaluation?.Accuracy,
            Duration = Stopwatch.GetElapsedTime(started),
        });
        trouble = null;
        return true;
    }

    private MambaEvaluation Validate(int epoch, CancellationToken cancellationToken)
    {
        if (_average is null)
            return _validation!.Run(epoch, _session.Forward, _session.ExportWeights, cancellationToken);
        MambaWeights raw = _session.ExportWeights();
        _session.ImportWeights(_average.Weights);
        try
        {
            return _validation!.Run(epoch, _session.Forward, _average.Weights.Clone, cancellationToken);
        }
        finally
        {
            _session.ImportWeights(raw);
        }
    }

    private TrainingHistory Finish(TrainingStopReason reason)
    {
        Restore(_options.KeepBestWeights ? _validation?.BestWeights ?? _average?.Weights : _average?.Weights);
        return MakeHistory(reason, null, _options.KeepBestWeights);
    }

    private TrainingHistory Diverged(string trouble)
    {
        string advice = $"Lower LearningRate (now {_options.LearningRate}) or MaxGradientNorm (now {_options.MaxGradientNorm}), or raise WarmupFraction (now {_options.WarmupFraction}); "
            + "if the input is frames, scale them to about unit variance.";
        if (_validation?.BestWeights is { } best)
        {
            Restore(best);
            return MakeHistory(TrainingStopReason.Diverged, $"{trouble} The weights of epoch {_validation.BestEpoch} are restored. {advice}", isBest: true);
        }

        LastGoodWeights.Copy? good = _lastGood.Known;
        Restore(good?.Weights);
        if (good is null or { Step: 0 })
            throw new InvalidOperationException($"{trouble} There are no trained weights to go back to; the model is as it was. {advice}");
        return MakeHistory(TrainingStopReason.Diverged, $"{trouble} The {good.Description} are restored. {advice}", isBest: false);
    }

    private MambaWeights CurrentWeights() => _average?.Weights.Clone() ?? _session.ExportWeights();

    private void Restore(MambaWeights? weights)
    {
        if (weights is not null)
            _session.ImportWeights(weights);
    }
}
