using System.Collections.Immutable;

namespace Microsoft.ML.Data;

public sealed class MulticlassClassificationMetrics
{
    internal MulticlassClassificationMetrics(MulticlassTally tally, int topKPredictionCount, ConfusionMatrix confusionMatrix)
    {
        MicroAccuracy = tally.MicroAccuracy;
        MacroAccuracy = tally.MacroAccuracy;
        LogLoss = tally.LogLoss;
        LogLossReduction = tally.LogLossReduction;
        PerClassLogLoss = tally.PerClassLogLoss().ToImmutableArray();
        TopKPredictionCount = topKPredictionCount;
        if (topKPredictionCount > 0)
            TopKAccuracyForAllK = tally.TopKAccuracies(topKPredictionCount).ToImmutableArray();
        ConfusionMatrix = confusionMatrix;
    }

    /// <summary>Mean negative logarithm of the label's score, with the score kept within [1e-15, 1].</summary>
    public double LogLoss { get; }

    /// <summary>The share by which the log-loss lies below the entropy of the labels.</summary>
    public double LogLossReduction { get; }

    /// <summary>Mean over the classes that occur of the share of their rows that are right.</summary>
    public double MacroAccuracy { get; }

    /// <summary>The share of rows that are right.</summary>
    public double MicroAccuracy { get; }

    /// <summary>
    /// The share of rows whose label is among the best <see cref="TopKPredictionCount"/> scores; 0 if none were asked for.
    /// </summary>
    public double TopKAccuracy => TopKAccuracyForAllK?.LastOrDefault() ?? 0;

    public int TopKPredictionCount { get; }

    /// <summary>The top-k accuracies for k from 1; null if none were asked for.</summary>
    public IReadOnlyList<double> TopKAccuracyForAllK { get; }

    public IReadOnlyList<double> PerClassLogLoss { get; }

    public ConfusionMatrix ConfusionMatrix { get; }
}
