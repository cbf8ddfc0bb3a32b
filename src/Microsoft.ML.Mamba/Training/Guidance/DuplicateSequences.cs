using Microsoft.ML.Mamba.Data;
using static System.FormattableString;

namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// Sequences that occur more than once: with labels that contradict each other, or in the training and in the validation rows. As the model
/// sees them, after truncation.
/// </summary>
internal static class DuplicateSequences
{
    private const double SmallestShare = 0.01;
    private const int FewestRows = 2;

    /// <returns>A warning about training rows with the same sequence and different labels, or null.</returns>
    public static string? Contradictions(SequenceDataset rows, LabelValues labels)
    {
        // By sequence: its rows, the first one's label, and the first other label, or -1.
        var groups = new Dictionary<SequenceKey, (int Rows, int Label, int Other)>();
        for (int i = 0; i < rows.Count; i++)
        {
            var key = new SequenceKey(rows, i);
            int label = rows.Labels[i];
            groups[key] = !groups.TryGetValue(key, out (int Rows, int Label, int Other) group) ? (1, label, -1)
                : (group.Rows + 1, group.Label, group.Other < 0 && label != group.Label ? label : group.Other);
        }

        (int Rows, int Label, int Other)[] contradicting = [.. groups.Values.Where(group => group.Other >= 0)];
        long count = contradicting.Sum(group => (long)group.Rows);
        if (count < FewestRows || count < SmallestShare * rows.Count)
            return null;
        (int first, int other) = (contradicting[0].Label, contradicting[0].Other);
        return Invariant($"{count} of {rows.Count} training rows have a sequence that occurs with another label as well, ")
            + $"such as '{labels.Names[first]}' and '{labels.Names[other]}': "
            + "no model can get all of them right. Check the labels, and whether MaxLength or Tokenizer takes away what tells the rows apart.";
    }

    /// <param name="rows">The rows trained on.</param>
    /// <param name="validation">The rows validated with.</param>
    /// <param name="option">Where they come from: the option's name.</param>
    /// <returns>A warning about validation rows whose sequence is trained on, or null.</returns>
    public static string? Leak(SequenceDataset rows, SequenceDataset validation, string option)
    {
        var trained = new HashSet<SequenceKey>(rows.Count);
        for (int i = 0; i < rows.Count; i++)
            trained.Add(new SequenceKey(rows, i));
        int count = 0;
        for (int i = 0; i < validation.Count; i++)
            count += trained.Contains(new SequenceKey(validation, i)) ? 1 : 0;
        return Warning(count, validation.Count, $"validation rows ({option})", "is trained on", "validation");
    }

    /// <param name="known">Rows whose sequence is known from elsewhere.</param>
    /// <param name="count">All rows.</param>
    /// <param name="rows">What they are.</param>
    /// <param name="where">Where their sequences are known from.</param>
    /// <param name="measure">What is measured by them.</param>
    /// <returns>A warning, or null where they are few.</returns>
    public static string? Warning(long known, long count, string rows, string where, string measure) =>
        known < FewestRows || known < SmallestShare * count ? null
        : Invariant($"{known} of {count} {rows} have a sequence that {where} as well: ")
            + $"{measure} looks better than new data will. Remove duplicates, and keep what belongs together, "
            + "such as parts of one recording, on one side of the split.";
}
