namespace Microsoft.ML.Mamba.Training;

/// <summary>Chooses rows to hold out, class by class.</summary>
internal static class StratifiedSplit
{
    /// <summary>Marks about <paramref name="fraction"/> of the rows; every class keeps at least one unmarked.</summary>
    public static bool[] HoldOut(ReadOnlySpan<int> labels, double fraction, int seed)
    {
        var byClass = new SortedDictionary<int, List<int>>();
        for (int i = 0; i < labels.Length; i++)
        {
            if (!byClass.TryGetValue(labels[i], out List<int>? rows))
                byClass.Add(labels[i], rows = []);
            rows.Add(i);
        }

        int wanted = Math.Max(1, (int)Math.Round(fraction * labels.Length));
        Dictionary<int, int> quota = byClass.ToDictionary(
            pair => pair.Key,
            pair => Math.Min((int)(fraction * pair.Value.Count), pair.Value.Count - 1));
        int left = wanted - quota.Values.Sum();
        // What rounding down has left goes to the classes that lost most by it.
        foreach (int label in byClass.Keys.OrderByDescending(label => fraction * byClass[label].Count - quota[label]).ThenBy(label => label))
        {
            if (left > 0 && quota[label] < byClass[label].Count - 1)
            {
                quota[label]++;
                left--;
            }
        }

        if (quota.Values.Sum() == 0)
            throw new InvalidOperationException("No row can be held out: every class has a single row. Add rows, or give a validation set.");
        var heldOut = new bool[labels.Length];
        foreach ((int label, List<int> rows) in byClass)
        {
            new MambaRandom(seed, "split", label).Shuffle(rows);
            for (int i = 0; i < quota[label]; i++)
                heldOut[rows[i]] = true;
        }

        return heldOut;
    }
}
