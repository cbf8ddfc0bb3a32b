using static System.FormattableString;

namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// How many passes over the training rows. A few rows give few steps an epoch, and a model that has made too few steps has not learned what
/// even a few rows can teach it; many long rows need not be passed over often.
/// </summary>
internal static class EpochChoice
{
    /// <param name="asked">The option.</param>
    /// <param name="preset">
    /// Its epochs; more where they are fewer than its steps; fewer where they read more than its tokens, but not fewer than its steps need.
    /// </param>
    /// <param name="rows">The training rows; not empty.</param>
    /// <param name="training">How large a batch may be.</param>
    /// <param name="config">The model: where it reads patches, they are its tokens.</param>
    /// <param name="reason">What was chosen and why, for the log.</param>
    public static int Of(int? asked, Preset preset, SequenceDataset rows, MambaTrainingOptions training, MambaConfig config, out string reason)
    {
        if (asked is { } epochs)
        {
            reason = Invariant($"{epochs} epochs, as asked for.");
            return epochs;
        }

        long tokens = TokensOf(rows, config);
        int usual = preset.Training.MaxEpochs;
        long steps = Math.Max((rows.Count + training.BatchSize - 1L) / training.BatchSize, tokens / training.MaxBatchTokens);
        long needed = (preset.FewestSteps + steps - 1) / steps, affordable = Math.Max(1, preset.MostTokens / tokens);
        int chosen = (int)Math.Min(Math.Max(usual, needed), Math.Max(affordable, Math.Min(usual, needed)));
        string why = chosen == usual ? "the preset's number"
            : chosen == needed ? Invariant($"for at least {preset.FewestSteps} steps")
            : Invariant($"for at most {preset.MostTokens} tokens");
        reason = Invariant($"{chosen} epochs of {rows.Count} rows, {why}.");
        return chosen;
    }

    /// <summary>What a model reads in one pass over the rows.</summary>
    public static long TokensOf(SequenceDataset rows, MambaConfig config)
    {
        long tokens = 0;
        for (int i = 0; i < rows.Count; i++)
            tokens += config.TokensOf(rows.LengthOf(i));
        return tokens;
    }
}
