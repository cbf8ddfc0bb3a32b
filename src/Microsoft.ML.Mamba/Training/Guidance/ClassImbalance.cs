using Microsoft.ML.Mamba.Data;
using static System.FormattableString;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Classes of very different numbers of rows, where nothing makes up for it.</summary>
internal static class ClassImbalance
{
    private const int FewestRows = 50;
    private const int Ratio = 10;

    /// <returns>A warning, or null.</returns>
    public static string? Of(SequenceDataset rows, LabelValues labels, MambaTrainingOptions training)
    {
        if (training.BalanceClasses || training.ClassWeights.Count != 0 || rows.Count < FewestRows)
            return null;
        int[] counts = rows.CountClasses(labels.Count);
        int largest = 0, smallest = -1;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] > counts[largest])
                largest = i;
            if (counts[i] > 0 && (smallest < 0 || counts[i] < counts[smallest]))
                smallest = i;
        }

        if (counts[largest] < Ratio * (long)counts[smallest])
            return null;
        return Invariant($"Class '{labels.Names[largest]}' has {counts[largest]} of {rows.Count} training rows, ")
            + Invariant($"class '{labels.Names[smallest]}' {counts[smallest]}: ")
            + "the model may neglect rare classes. If they matter, set BalanceClasses = true or ClassWeights, "
            + "and look at each class's recall rather than at accuracy.";
    }
}
