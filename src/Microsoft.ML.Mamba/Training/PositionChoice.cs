using static System.FormattableString;

namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// How many positions of a sequence get an embedding. Rows of one length are mostly windows aligned on an event, where a place tells much;
/// where they are not, embeddings of places only help to learn the rows by heart, so tokens are asked for evidence.
/// </summary>
internal static class PositionChoice
{
    private const int FewestRows = 100;
    private const int LongestByDefault = 4_096;

    /// <param name="asked">The option.</param>
    /// <param name="rows">The training rows, after truncation; not empty.</param>
    /// <param name="config">The model, but for its positions; where it reads patches of frames, each has one.</param>
    /// <param name="column">The sequences' column, for messages.</param>
    /// <param name="reason">What was chosen and why, for the log.</param>
    /// <returns>The value for <see cref="MambaConfig.MaxPositions"/>.</returns>
    /// <exception cref="ArgumentException">Embeddings were asked for, and a row is too long for them.</exception>
    public static int Of(bool? asked, SequenceDataset rows, MambaConfig config, string column, out string reason)
    {
        int shortest = int.MaxValue, longest = 0, longestRow = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            int length = rows.LengthOf(i);
            shortest = Math.Min(shortest, length);
            if (length > longest)
                (longest, longestRow) = (length, i);
        }

        int tokens = config.TokensOf(longest);
        if (asked == true && tokens > MambaConfig.MostPositions)
        {
            throw new ArgumentException(
                Invariant($"PositionEmbedding = true needs training rows of at most {MambaConfig.MostPositions} tokens; ")
                + Invariant($"training row {longestRow} has {tokens} in column '{column}'. ")
                + "Set MaxLength with a Truncation, or leave PositionEmbedding null or false.");
        }

        bool windows = shortest == longest && tokens is >= 2 and <= LongestByDefault && rows.Count >= FewestRows;
        string evidence = "";
        if (asked is null && windows && config.IsTokenModel && PositionEvidence.CanJudge(config.VocabSize, config.NumClasses, longest))
        {
            (double gain, double error) = PositionEvidence.Measure(rows, config.VocabSize, config.NumClasses);
            windows = gain > 0;
            evidence = Invariant($"; where a token stands tells {gain:F3} +- {error:F3} nats a row more of the class than that it occurs");
        }

        bool embeds = asked ?? windows;
        string unit = config.HasPatches ? "frames" : "tokens";
        string lengths = shortest == longest ? $"are of {longest} {unit}" : $"have {shortest} to {longest} {unit}";
        string chosen = asked is null ? Invariant($"chosen by the {rows.Count} training rows, which {lengths}{evidence}") : "as asked for";
        reason = Invariant($"Position embedding {(embeds ? $"of {tokens} positions" : "off")}, {chosen}.");
        return embeds ? tokens : 0;
    }
}
