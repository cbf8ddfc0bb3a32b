namespace Microsoft.ML.Mamba.Training;

internal sealed partial class TrainingRun
{
    private (int Steps, int Epoch) _saved;

    private bool IsCheckpointStep() => _checkpoints is { Options.EverySteps: > 0 and var every } && _steps % every == 0;

    private bool IsCheckpointEpoch(int epoch) => _checkpoints is { Options: var options }
        && ((options.EveryEpochs > 0 && epoch % options.EveryEpochs == 0) || (options.AtBest && _validation?.BestEpoch == epoch));

    // After any complete step or epoch; not twice for the same one.
    private void SaveCheckpoint()
    {
        if (_checkpoints is null || _steps == 0 || _saved == (_steps, _epoch.Number))
            return;
        var sections = new Dictionary<string, MambaWeights>
        {
            [CheckpointFile.Weights] = _session.ExportWeights(),
            [CheckpointFile.Optimizer] = _session.ExportOptimizerState(),
        };
        if (Averages)
            sections.Add(CheckpointFile.Average, _session.ExportAverage());
        // Once an epoch was the best, nobody goes back to anything else.
        LastGoodWeights.Copy? known = null, candidate = null;
        if (_validation?.BestWeights is { } best)
            sections.Add(CheckpointFile.Best, best);
        else
            (known, candidate) = (_lastGood.Known, _lastGood.Candidate);
        if (known is not null)
            sections.Add(CheckpointFile.KnownGood, known.Weights);
        if (candidate is not null)
            sections.Add(CheckpointFile.GoodCandidate, candidate.Weights);
        _checkpoints.Write(
            MakeState() with
            {
                KnownGood = known is null ? null : new CopyState(known.Step, known.Description),
                GoodCandidate = candidate is null ? null : new CopyState(candidate.Step, candidate.Description),
            },
            sections);
        _saved = (_steps, _epoch.Number);
    }

    // The last checkpoint is the result itself: the same program started again returns it at once.
    private TrainingHistory Ended(TrainingHistory history)
    {
        _checkpoints?.Write(MakeState() with { Finished = history }, new Dictionary<string, MambaWeights> { [CheckpointFile.Weights] = _session.ExportWeights() });
        return history;
    }

    private CheckpointState MakeState() => new()
    {
        Version = CheckpointState.CurrentVersion,
        Identity = new Dictionary<string, string>(_checkpoints!.Identity),
        Steps = _steps,
        Epoch = new EpochState(_epoch.Number, _epoch.Steps, _epoch.Rows, _epoch.Tokens, _epoch.LossSum, _epoch.LearningRate, _epoch.GradientNorm, _epoch.Elapsed),
        Epochs = _epochs,
        Curve = _curve.State,
        Clock = new ClockState(_startedAt, _reporter.Elapsed, _reporter.StepTime, _validationTime, _reporter.Tokens),
        Best = _validation?.BestEpoch is not { } epoch ? null : new BestState(
            epoch, _validation.Best.Loss, _validation.Best.Accuracy, _validation.Best.Count, _validation.EpochsSinceBest,
            _validation.BestConfusion, _validation.LastConfusion),
    };

    private void Resume(Checkpoint checkpoint)
    {
        try
        {
            CheckpointState state = checkpoint.State;
            CheckPosition(state);
            var sections = new CheckpointSections(checkpoint.Sections, _session.ExportWeights());
            MambaWeights weights = sections.Take(CheckpointFile.Weights);
            if (state.Finished is null)
            {
                if (Averages)
                    _session.ImportAverage(sections.Take(CheckpointFile.Average));
                if (state.Best is { } best)
                    ResumeValidation(best, sections.Take(CheckpointFile.Best));
                _lastGood.Resume(CopyOf(state.KnownGood, CheckpointFile.KnownGood, sections), CopyOf(state.GoodCandidate, CheckpointFile.GoodCandidate, sections));
                _session.ImportOptimizerState(sections.TakeAny(CheckpointFile.Optimizer));
                if (_session.StepCount != state.Steps)
                    throw new InvalidDataException($"its optimizer has made {_session.StepCount} steps, its training {state.Steps}.");
                _curve.Resume(state.Curve);
            }

            // Last, so that a model is as it was when anything is wrong.
            _session.ImportWeights(weights);
            _startedAt = state.Clock.StartedAt;
            _validationTime = state.Clock.ValidationTime;
            _reporter.Resume(state.Steps, state.Clock.Tokens, state.Clock.StepTime, state.Clock.Elapsed);
            _epochs.AddRange(state.Epochs);
            EpochState epoch = state.Epoch;
            _epoch = new EpochProgress(epoch.Number, epoch.Elapsed)
            {
                Steps = epoch.Steps, Rows = epoch.Rows, Tokens = epoch.Tokens, LossSum = epoch.LossSum,
                LearningRate = epoch.LearningRate, GradientNorm = epoch.GradientNorm,
            };
            _steps = state.Steps;
            _resumedAtStep = state.Steps;
            _saved = (_steps, _epoch.Number);
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"The checkpoint '{checkpoint.Path}' cannot be resumed from: {exception.Message}", exception);
        }
    }

    private void ResumeValidation(BestState best, MambaWeights weights)
    {
        if (_validation is null || best.Epoch < 1 || best.Epoch > _options.MaxEpochs || best.EpochsSince < 0 || !double.IsFinite(best.Loss)
            || best.Confusion is { IsValid: false } || best.LastConfusion is { IsValid: false })
            throw new InvalidDataException("its best validation contradicts itself.");
        _validation.Resume(new MambaEvaluation(best.Loss, best.Accuracy, best.Count), best.Epoch, weights, best.Confusion, best.LastConfusion, best.EpochsSince);
    }

    private static LastGoodWeights.Copy? CopyOf(CopyState? state, string section, CheckpointSections sections) =>
        state is null ? null : new LastGoodWeights.Copy(sections.Take(section), state.Step, state.Description);

    private void CheckPosition(CheckpointState state)
    {
        EpochState epoch = state.Epoch;
        if (state.Steps < 1 || epoch.Number < 1 || epoch.Number > _options.MaxEpochs + 1 || epoch.Steps < 0 || epoch.Steps > _train.Count
            || epoch.Rows < epoch.Steps)
            throw new InvalidDataException($"its position, step {epoch.Steps} of epoch {epoch.Number} after {state.Steps} steps in all, does not exist.");
        if (state.Epochs.Count != epoch.Number - 1 || state.Epochs.Any(each => each is null))
            throw new InvalidDataException($"it tells of {state.Epochs.Count} epochs, but stands in epoch {epoch.Number}.");
        if (state.Epochs.Sum(each => (long)each.Steps) + epoch.Steps != state.Steps)
            throw new InvalidDataException($"its epochs have {state.Epochs.Sum(each => (long)each.Steps) + epoch.Steps} steps, its training {state.Steps}.");
        if (epoch.Number <= _options.MaxEpochs && epoch.Steps > _batches.Plan(epoch.Number))
            throw new InvalidDataException($"it stands at step {epoch.Steps} of epoch {epoch.Number}, which has {_batches.Plan(epoch.Number)}.");
        if (state.Finished is { } finished)
            TrainingHistory.FromJson(finished.ToJson());
    }
}
