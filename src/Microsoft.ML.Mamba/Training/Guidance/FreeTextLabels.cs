using Microsoft.ML.Mamba.Data;
using static System.FormattableString;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Labels that are nearly all different: free text or identifiers rather than classes.</summary>
internal static class FreeTextLabels
{
    private const int FewestClasses = 20;
    private const double LargestShare = 0.5;

    /// <returns>A warning, or null.</returns>
    public static string? Of(SequenceDataset rows, LabelValues labels, string column)
    {
        int[] counts = rows.CountClasses(labels.Count);
        int present = counts.Count(count => count > 0);
        if (present < FewestClasses || present <= LargestShare * rows.Count)
            return null;
        return Invariant($"Label column '{column}' has {present} different values in {rows.Count} training rows, ")
            + $"such as '{labels.Names[Array.FindIndex(counts, count => count > 0)]}': "
            + "that looks like free text or identifiers rather than classes, of which a model can learn only those with several rows. "
            + "Check LabelColumnName.";
    }
}
