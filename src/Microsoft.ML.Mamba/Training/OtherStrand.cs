using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Training;

/// <summary>What an augmentation by reverse complements needs to know of the tokens.</summary>
internal static class OtherStrand
{
    /// <returns>Each token's complement; none where nothing is reversed.</returns>
    /// <exception cref="ArgumentException">Rows are to be reversed, but are no nucleotides.</exception>
    public static int[] Of(SequenceAugmentation augmentation, SequenceTokenizer? tokenizer, TrainingColumns columns)
    {
        if (augmentation.ReverseComplement == 0)
            return [];
        if (tokenizer is NucleotideTokenizer nucleotides)
            return [.. Enumerable.Range(0, nucleotides.VocabularySize).Select(nucleotides.ComplementOf)];
        string tokens = tokenizer is null ? $"of kind {columns.Format.Kind}" : $"read by a {tokenizer.Kind} tokenizer";
        throw new ArgumentException(
            $"Augmentation.ReverseComplement needs nucleotides, but the sequences of column '{columns.Sequence.Name}' are {tokens}.", "Augmentation");
    }
}
