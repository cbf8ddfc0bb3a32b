using Microsoft.ML.Mamba.Data;
using static System.FormattableString;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Training rows most of which lose a part to <see cref="MambaClassificationOptions.MaxLength"/>.</summary>
internal static class CutSequences
{
    /// <returns>A warning, or null.</returns>
    public static string? Of(TrainingRows rows, MambaClassificationOptions options)
    {
        if (options.Truncation is not (MambaTruncation.Head or MambaTruncation.Tail) || rows.LongSequences * 2 <= rows.Data.Count)
            return null;
        string kept = options.Truncation == MambaTruncation.Head ? "first" : "last";
        return Invariant($"{rows.LongSequences} of {rows.Data.Count} training sequences are longer than MaxLength = {options.MaxLength}, ")
            + $"and only their {kept} part is read. "
            + "If the rest matters, raise MaxLength, or leave it null for no limit.";
    }
}
