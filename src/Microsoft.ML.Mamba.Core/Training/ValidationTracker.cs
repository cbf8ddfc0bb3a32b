namespace Microsoft.ML.Mamba.Training;

/// <summary>Validates epochs and remembers the best one.</summary>
internal sealed class ValidationTracker(SequenceDataset data, int classes, MambaTrainingOptions options)
{
    private readonly Evaluator _evaluator = new(data, classes, options.ValidationBatchSize, options.MaxBatchTokens);
    private MambaEvaluation _best;

    /// <summary>The best epoch so far, or null before the first.</summary>
    public int? BestEpoch { get; private set; }

    /// <summary>The best epoch's weights.</summary>
    public MambaWeights? BestWeights { get; private set; }

    /// <summary>The best epoch's confusion matrix; null for many classes.</summary>
    public ConfusionMatrix? BestConfusion { get; private set; }

    /// <summary>The last epoch's confusion matrix; null for many classes.</summary>
    public ConfusionMatrix? LastConfusion => _evaluator.Confusion;

    /// <summary>Epochs validated since the best one.</summary>
    public int EpochsSinceBest { get; private set; }

    /// <summary>Evaluates an epoch; an infinite or NaN loss is never the best.</summary>
    public MambaEvaluation Run(int epoch, Evaluator.ForwardPass forward, Func<MambaWeights> export, CancellationToken cancellationToken)
    {
        MambaEvaluation result = _evaluator.Run(forward, cancellationToken);
        if (double.IsFinite(result.Loss) && (BestEpoch is null || IsBetter(result)))
        {
            _best = result;
            BestEpoch = epoch;
            BestWeights = export();
            BestConfusion = _evaluator.Confusion;
            EpochsSinceBest = 0;
        }
        else
        {
            EpochsSinceBest++;
        }

        return result;
    }

    private bool IsBetter(MambaEvaluation result) => options.ValidationMetric == ValidationMetric.Accuracy && result.Accuracy != _best.Accuracy
        ? result.Accuracy > _best.Accuracy
        : result.Loss < _best.Loss;
}
