using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// Trains classifiers, on any engine: epochs, shuffling, learning rates, validation, early stopping, progress and cancellation. Thread-safe
/// for distinct models.
/// </summary>
public static class MambaTrainer
{
    /// <summary>Trains a model in place and blocks until that is done.</summary>
    /// <remarks>
    /// The same model, data and options give the same result. When a loss or gradient becomes NaN or infinite, training stops and the best
    /// validated weights are restored, or without validation those of the last complete epoch that later steps have shown to be sound, or
    /// in the first epoch those of such an earlier step; <see cref="TrainingHistory.Warning"/> says which, and what to change. When it is
    /// cancelled, the model is left with the best validated weights, or without validation with those of the last complete step. With
    /// <see cref="MambaTrainingOptions.Checkpoints"/>, a training that was interrupted or cancelled goes on where it was when it is started
    /// again with the same model, data and options, and gives the weights that it would have given. The model must have the weights that it
    /// had at the start, or those that a cancelled or ended training has left it with. One that had ended returns its result at once.
    /// </remarks>
    /// <param name="model">A classifier. It must not be used by anyone else meanwhile.</param>
    /// <param name="train">The training rows, of at least two classes.</param>
    /// <param name="validation">
    /// Rows to validate with after every epoch, or null: then <see cref="MambaTrainingOptions.ValidationFraction"/> of the training rows is
    /// held out, if it is positive.
    /// </param>
    /// <param name="options">How to train.</param>
    /// <param name="progress">Told after every step and every validation, on the calling thread unless it does otherwise; or null.</param>
    /// <param name="cancellationToken">Looked at within steps.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="ArgumentException">
    /// An option is out of range or asks for a validation that there is no data for, the model is no classifier, or the data does not fit
    /// the model; the message says what.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// Training diverged in its first steps, before there were good weights; the model is as it was. Or no row can be held out for validation.
    /// Or the checkpoints are of another training, or there is none although one is required; the message says what differs.
    /// </exception>
    /// <exception cref="InvalidDataException">No checkpoint can be read; the message names the file and what is wrong with it.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written, or another training uses the folder.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; with checkpoints, the last one holds what was reached.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public static TrainingHistory Train(
        IMambaModel model,
        SequenceDataset train,
        SequenceDataset? validation,
        MambaTrainingOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireClassifier(model.Config);
        return Train(new MambaEnsemble([model]), train, validation, options, progress, cancellationToken);
    }

    /// <summary>Trains all members of an ensemble in place, step by step on the same rows, and blocks until that is done.</summary>
    /// <remarks>
    /// As for a single model, with the ensemble's averaged probabilities where epochs are validated and compared; losses and gradient norms
    /// are the means of the members'. Each member has an order of the rows, variations of them and dropout of its own, drawn with
    /// <see cref="MambaEnsemble.SeedOf"/> its seed, so that member 0 learns what it would learn alone; where the limit of tokens cuts
    /// another number of batches from a member's order, it reads member 0's batches in that epoch. Where one member diverges, training ends
    /// for all. Checkpoints hold all members.
    /// </remarks>
    /// <param name="model">An ensemble. It must not be used by anyone else meanwhile.</param>
    /// <param name="train">As for a single model.</param>
    /// <param name="validation">As for a single model.</param>
    /// <param name="options">How to train.</param>
    /// <param name="progress">As for a single model.</param>
    /// <param name="cancellationToken">Looked at within steps.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="ArgumentException">As for a single model.</exception>
    /// <exception cref="InvalidOperationException">As for a single model.</exception>
    /// <exception cref="InvalidDataException">As for a single model.</exception>
    /// <exception cref="IOException">As for a single model.</exception>
    /// <exception cref="OperationCanceledException">As for a single model.</exception>
    /// <exception cref="ObjectDisposedException">The ensemble is disposed.</exception>
    public static TrainingHistory Train(
        MambaEnsemble model,
        SequenceDataset train,
        SequenceDataset? validation,
        MambaTrainingOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        RequireFit(train, model.Config, "training", nameof(train));
        if (validation is not null)
            RequireFit(validation, model.Config, "validation", nameof(validation));
        if (options.EarlyStoppingPatience > 0 && validation is null && options.ValidationFraction == 0)
            throw new ArgumentException("EarlyStoppingPatience needs a validation set or a positive ValidationFraction.", nameof(options));
        if (options.Augmentation.ReverseComplement > 0 && options.ComplementIds.Count == 0)
            throw new ArgumentException("Augmentation.ReverseComplement needs ComplementIds: what a nucleotide's complement is.", nameof(options));
        if (options.ComplementIds.Count != 0 && options.ComplementIds.Count != model.Config.VocabSize)
            throw new ArgumentException(
                $"ComplementIds must have {model.Config.VocabSize} values, one a token id of the model, or none; "
                + $"got {options.ComplementIds.Count}.", nameof(options));
        MambaTrainingSettings settings = options.ToSettings(options.ClassWeights);
        settings.Validate(model.Config);
        using CheckpointFolder? checkpoints = CheckpointFolder.Open(model, train, validation, options);
        train = WithoutWeightless(train, options.ClassWeights);
        int[] counts = train.CountClasses(model.Config.NumClasses);
        if (counts.Count(count => count > 0) < 2)
            throw new ArgumentException(DescribeTooFewClasses(train, options.ClassWeights), nameof(train));
        if (validation is null && options.ValidationFraction > 0)
        {
            (train, validation) = train.Split(options.ValidationFraction, options.Seed);
            counts = train.CountClasses(model.Config.NumClasses);
        }

        if (options.BalanceClasses)
            settings = settings with { ClassWeights = Balance(counts) };
        cancellationToken.ThrowIfCancellationRequested();
        using EnsembleSession session = EnsembleSession.Start(model, settings);
        return new TrainingRun(session, model.Config, train, validation, options, progress, checkpoints).Run(cancellationToken);
    }

    /// <summary>Measures loss and accuracy of a classifier over a whole dataset.</summary>
    /// <param name="model">A classifier.</param>
    /// <param name="data">The rows.</param>
    /// <param name="batchSize">Most sequences of a batch; at least 1.</param>
    /// <param name="maxBatchTokens">Most tokens (with patches: patches) of a batch of several sequences; at least 1.</param>
    /// <param name="cancellationToken">Looked at within batches.</param>
    /// <exception cref="ArgumentException">The model is no classifier, a limit is below 1, or the data does not fit the model.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public static MambaEvaluation Evaluate(
        IMambaModel model,
        SequenceDataset data,
        int batchSize = 128,
        int maxBatchTokens = 16_384,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireClassifier(model.Config);
        return Evaluate(new MambaEnsemble([model]), data, batchSize, maxBatchTokens, cancellationToken);
    }

    /// <summary>Measures loss and accuracy of an ensemble's averaged probabilities over a whole dataset.</summary>
    /// <param name="model">An ensemble.</param>
    /// <param name="data">The rows.</param>
    /// <param name="batchSize">Most sequences of a batch; at least 1.</param>
    /// <param name="maxBatchTokens">Most tokens (with patches: patches) of a batch of several sequences; at least 1.</param>
    /// <param name="cancellationToken">Looked at within batches.</param>
    /// <exception cref="ArgumentException">A limit is below 1, or the data does not fit the model.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The ensemble is disposed.</exception>
    public static MambaEvaluation Evaluate(
        MambaEnsemble model,
        SequenceDataset data,
        int batchSize = 128,
        int maxBatchTokens = 16_384,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        RequireFit(data, model.Config, "evaluation", nameof(data));
        return new Evaluator(data, model.Config, batchSize, maxBatchTokens).Run(model.Forward, cancellationToken);
    }

    /// <summary>Weights with which every class that has rows weighs as much as any other, with a mean of 1 over the rows; 1 for classes without rows.</summary>
    internal static float[] Balance(int[] counts)
    {
        long rows = counts.Sum(count => (long)count);
        int present = counts.Count(count => count > 0);
        return Array.ConvertAll(counts, count => count == 0 ? 1f : (float)((double)rows / present / count));
    }

    // Rows of weight 0 teach nothing, and a batch of them alone would have no mean loss.
    private static SequenceDataset WithoutWeightless(SequenceDataset data, IReadOnlyList<float> classWeights)
    {
        if (!classWeights.Contains(0f))
            return data;
        var rows = new List<int>(data.Count);
        for (int i = 0; i < data.Count; i++)
        {
            if (classWeights[data.Labels[i]] > 0)
                rows.Add(i);
        }

        return data.Subset(CollectionsMarshal.AsSpan(rows));
    }

    private static string DescribeTooFewClasses(SequenceDataset train, IReadOnlyList<float> classWeights)
    {
        string weights = classWeights.Contains(0f) ? " whose ClassWeights are positive" : "";
        string found = train.Count == 0 ? "there are no such rows" : $"all {train.Count} rows have label {train.Labels[0]}";
        return $"The training data must have rows of at least two classes{weights}; {found}.";
    }

    private static void RequireClassifier(MambaConfig config)
    {
        if (config.Head != MambaHead.Classification)
            throw new ArgumentException($"The model must have a Classification head; it has {config.Head}.", "model");
    }

    private static void RequireFit(SequenceDataset data, MambaConfig config, string what, string parameter)
    {
        try
        {
            data.Validate(config);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"The {what} data does not fit: {exception.Message}", parameter, exception);
        }
    }
}
