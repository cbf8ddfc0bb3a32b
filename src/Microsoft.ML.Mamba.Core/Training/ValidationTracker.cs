namespace Microsoft.ML.Mamba.Training;

/// <summary>Validates epochs and remembers the best one.</summary>
internal sealed class ValidationTracker(SequenceDataset data, MambaConfig config, MambaTrainingOptions options)
{
    private readonly Evaluator _evaluator = new(data, config, options.ValidationBatchSize, options.MaxBatchTokens);

    /// <summary>What the best epoch gave.</summary>
    public MambaEvaluation Best { get; private set; }

    /// <summary>The best epoch so far, or null before the first.</summary>
    public int? BestEpoch { get; private set; }

    /// <summary>The best epoch's weights.</summary>
    public MambaWeights? BestWeights { get; private set; }

    /// <summary>The best epoch's confusion matrix; null for many classes.</summary>
    public ClassConfusion? BestConfusion { get; private set; }

    /// <summary>The last epoch's confusion matrix; null for many classes.</summary>
    public ClassConfusion? LastConfusion { get; private set; }

    /// <summary>Epochs validated since the best one.</summary>
    public int EpochsSinceBest { get; private set; }

    /// <summary>Goes on from what an interrupted training had found.</summary>
    public void Resume(MambaEvaluation best, int bestEpoch, MambaWeights weights, ClassConfusion? bestConfusion, ClassConfusion? lastConfusion, int epochsSinceBest)
    {
        Best = best;
        BestEpoch = bestEpoch;
        BestWeights = weights;
        BestConfusion = bestConfusion;
        LastConfusion = lastConfusion;
        EpochsSinceBest = epochsSinceBest;
    }

    /// <summary>Evaluates an epoch; an infinite or NaN loss is never the best.</summary>
    public MambaEvaluation Run(int epoch, Evaluator.ForwardPass forward, Func<MambaWeights> export, CancellationToken cancellationToken)
    {
        MambaEvaluation result = _evaluator.Run(forward, cancellationToken);
        LastConfusion = _evaluator.Confusion;
        if (double.IsFinite(result.Loss) && (BestEpoch is null || IsBetter(result)))
        {
            Best = result;
            BestEpoch = epoch;
            BestWeights = export();
            BestConfusion = LastConfusion;
            EpochsSinceBest = 0;
        }
        else
        {
            EpochsSinceBest++;
        }

        return result;
    }

    private bool IsBetter(MambaEvaluation result) => options.ValidationMetric == ValidationMetric.Accuracy && result.Accuracy != Best.Accuracy
        ? result.Accuracy > Best.Accuracy
        : result.Loss < Best.Loss;
}
