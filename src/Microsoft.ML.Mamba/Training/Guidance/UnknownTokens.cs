using Microsoft.ML.Mamba.Tokenization;
using static System.FormattableString;

namespace Microsoft.ML.Mamba.Training;

/// <summary>A validation set whose tokens are mostly not in the vocabulary that was learned from the training rows.</summary>
internal static class UnknownTokens
{
    private const double SmallestShare = 0.5;

    /// <returns>A warning, or null.</returns>
    public static string? Of(SequenceDataset rows, SequenceDataset validation, SequenceTokenizer? tokenizer)
    {
        if (tokenizer?.UnknownTokenId is not { } unknown)
            return null;
        double trained = ShareOf(unknown, rows), validated = ShareOf(unknown, validation);
        if (validated < SmallestShare || validated < 2 * trained)
            return null;
        return Invariant($"{validated * 100:F0} % of the validation set's tokens are not in the vocabulary of {tokenizer.VocabularySize} ids, ")
            + Invariant($"against {trained * 100:F0} % of the training rows': ")
            + "the two do not seem to be of one kind. Check ValidationSet, or take a Tokenizer of Kind Character or Byte, which knows parts of new words.";
    }

    private static double ShareOf(int unknown, SequenceDataset data)
    {
        long count = 0;
        for (int i = 0; i < data.Count; i++)
            count += data.TokensOf(i).Count(unknown);
        return (double)count / data.TokenCount;
    }
}
