namespace Microsoft.ML.Mamba.Data;

/// <summary>What to do with long and with empty sequences of a column.</summary>
internal sealed record SequenceRules(string Column, int? MaxLength, MambaTruncation Truncation, MambaEmptySequence Empty)
{
    /// <summary>The part of a sequence that is used; Count is 0 for an empty sequence that the rules allow.</summary>
    /// <exception cref="InvalidDataException">The sequence is empty or too long, and that is an error.</exception>
    public (int Start, int Count) Window(long row, int length)
    {
        if (length == 0)
        {
            return Empty == MambaEmptySequence.Missing
                ? (0, 0)
                : throw new InvalidDataException(
                    $"Row {row}: the sequence in column '{Column}' is empty. Filter such rows out, or set EmptySequences = MambaEmptySequence.Missing.");
        }

        if (MaxLength is not { } limit || length <= limit)
            return (0, length);
        return Truncation switch
        {
            MambaTruncation.Head => (0, limit),
            MambaTruncation.Tail => (length - limit, limit),
            MambaTruncation.Keep => (0, length),
            _ => throw new InvalidDataException(
                $"Row {row}: the sequence in column '{Column}' has {length} tokens, more than MaxLength = {limit}. Set Truncation to Head, "
                + "Tail or Keep, or raise MaxLength."),
        };
    }
}
