using static System.FormattableString;

namespace Microsoft.ML.Mamba.Training;

/// <summary>A validation loss that never falls below that of the first epoch, although it is no good.</summary>
internal static class StalledValidation
{
    private const int FewestEpochs = 3;
    private const double SmallestFall = 0.01;
    private const double GoodShareOfChance = 0.5;

    /// <returns>A warning, or null.</returns>
    public static string? Of(TrainingHistory history, MambaTrainingOptions training, int classes)
    {
        if (history.StopReason == TrainingStopReason.Diverged || history.Epochs.Count < FewestEpochs || history.Epochs[0].ValidationLoss is not { } first)
            return null;
        double best = history.Epochs.Min(epoch => epoch.ValidationLoss!.Value), last = history.Epochs[^1].ValidationLoss!.Value;
        // What the first epoch has learned already need not fall.
        if (best < (1 - SmallestFall) * first || best < GoodShareOfChance * ChanceLoss(history, classes))
            return null;
        double trainingFirst = history.Epochs[0].TrainingLoss, trainingLast = history.Epochs[^1].TrainingLoss;
        string advice = trainingLast < (1 - 10 * SmallestFall) * trainingFirst
            ? Invariant($"The training loss fell from {trainingFirst:F3} to {trainingLast:F3}, so the model learns rows by heart: ")
                + Invariant($"try a lower LearningRate (now {training.LearningRate}), more Dropout (now {training.Dropout}) ")
                + Invariant($"or WeightDecay (now {training.WeightDecay}), a smaller DModel or more rows, and check the validation rows' labels.")
            : Invariant($"The training loss hardly fell either, from {trainingFirst:F3} to {trainingLast:F3}: ")
                + Invariant($"try another LearningRate (now {training.LearningRate}), more epochs (MaxEpochs is {training.MaxEpochs}) ")
                + Invariant($"or less Dropout (now {training.Dropout}), and check that each label belongs to its sequence.");
        return Invariant($"The validation loss never fell: {first:F3} after the first epoch, {best:F3} at best, ")
            + Invariant($"{last:F3} after epoch {history.Epochs.Count}. ") + advice;
    }

    // The loss of a model that knows nothing but how frequent each class is among the validation rows.
    private static double ChanceLoss(TrainingHistory history, int classes)
    {
        if (history.ValidationClassRows.Count == 0)
            return Math.Log(classes);
        double loss = 0;
        foreach (int rows in history.ValidationClassRows)
        {
            double share = (double)rows / history.ValidationRows;
            loss -= rows == 0 ? 0 : share * Math.Log(share);
        }

        return loss;
    }
}
