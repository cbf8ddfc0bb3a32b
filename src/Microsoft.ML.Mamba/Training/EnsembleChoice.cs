using static System.FormattableString;

namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// How many models are trained whose probabilities are averaged. What single models learn from few rows differs from one to the next by
/// chance; many rows leave them less to disagree on.
/// </summary>
internal static class EnsembleChoice
{
    /// <param name="asked">The option.</param>
    /// <param name="preset">How many there are for few rows; fewer where all of them would read more than its tokens.</param>
    /// <param name="rows">The training rows; not empty.</param>
    /// <param name="training">How often the rows are passed over.</param>
    /// <param name="config">The model: where it reads patches, they are its tokens.</param>
    /// <param name="reason">What was chosen and why, for the log.</param>
    public static int Of(int? asked, Preset preset, SequenceDataset rows, MambaTrainingOptions training, MambaConfig config, out string reason)
    {
        if (asked is { } models)
        {
            reason = $"{Describe(models)}, as asked for.";
            return models;
        }

        int usual = preset.EnsembleSizeFor(rows.Count);
        long affordable = Math.Max(1, preset.MostEnsembleTokens / Math.Max(1, training.MaxEpochs * EpochChoice.TokensOf(rows, config)));
        int chosen = (int)Math.Min(usual, affordable);
        string why = chosen == usual ? "the preset's number" : Invariant($"for at most {preset.MostEnsembleTokens} tokens of all together");
        reason = Invariant($"{Describe(chosen)}, for {rows.Count} rows, {why}.");
        return chosen;
    }

    private static string Describe(int models) => models == 1 ? "One model" : Invariant($"{models} models whose probabilities are averaged");
}
