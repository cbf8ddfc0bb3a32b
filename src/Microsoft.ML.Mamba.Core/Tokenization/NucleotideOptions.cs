namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>What becomes of a letter that is no nucleotide.</summary>
public enum LetterPolicy
{
    /// <summary>The text is refused; the message names position and letter.</summary>
    Reject = 0,

    /// <summary>The letter counts as N.</summary>
    Unknown = 1,

    /// <summary>The letter is passed over as if it were not there.</summary>
    Skip = 2,
}

/// <summary>What lower-case nucleotides mean.</summary>
public enum NucleotideCase
{
    /// <summary>The same as upper-case ones.</summary>
    Ignore = 0,

    /// <summary>Soft-masked repeats: they count as N.</summary>
    Mask = 1,

    /// <summary>They are treated as other letters are, by <see cref="NucleotideOptions.OtherLetters"/>.</summary>
    Sensitive = 2,
}

/// <summary>How a <see cref="NucleotideTokenizer"/> reads DNA or RNA. Immutable.</summary>
public sealed record NucleotideOptions
{
    internal const int LongestKmer = 10;

    /// <summary>Letters of a token, k. 1 to 10; default 1. There are 4^k tokens and one for k-mers with an ambiguous letter.</summary>
    public int KmerLength { get; init; } = 1;

    /// <summary>Letters from the start of one k-mer to the start of the next. 1 to 1,024; default 1. Letters after the last whole k-mer give no token.</summary>
    public int KmerStride { get; init; } = 1;

    /// <summary>
    /// Whether the IUPAC codes of several nucleotides (R Y S W K M B D H V) are tokens of their own rather than N. Default false; needs <see cref="KmerLength"/> 1.
    /// </summary>
    public bool DistinguishAmbiguityCodes { get; init; }

    /// <summary>What lower-case letters mean. Default <see cref="NucleotideCase.Ignore"/>.</summary>
    public NucleotideCase LowerCase { get; init; }

    /// <summary>What becomes of gaps: <c>-</c> and <c>.</c>. Default <see cref="LetterPolicy.Skip"/>.</summary>
    public LetterPolicy Gaps { get; init; } = LetterPolicy.Skip;

    /// <summary>What becomes of white space. Default <see cref="LetterPolicy.Skip"/>.</summary>
    public LetterPolicy WhiteSpace { get; init; } = LetterPolicy.Skip;

    /// <summary>What becomes of everything else. Default <see cref="LetterPolicy.Reject"/>.</summary>
    public LetterPolicy OtherLetters { get; init; } = LetterPolicy.Reject;

    /// <summary>Checks every value against its documented range.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        if (KmerLength is < 1 or > LongestKmer)
            throw new ArgumentOutOfRangeException(nameof(KmerLength), KmerLength, $"KmerLength must be 1 to 10; got {KmerLength}.");
        if (KmerStride is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(KmerStride), KmerStride, $"KmerStride must be 1 to 1024; got {KmerStride}.");
        if (DistinguishAmbiguityCodes && KmerLength != 1)
            throw new ArgumentException($"DistinguishAmbiguityCodes needs KmerLength 1; got {KmerLength}.", nameof(DistinguishAmbiguityCodes));
        if (!Enum.IsDefined(LowerCase))
            throw new ArgumentOutOfRangeException(nameof(LowerCase), LowerCase, "LowerCase must be Ignore, Mask or Sensitive.");
        Require(Gaps, nameof(Gaps));
        Require(WhiteSpace, nameof(WhiteSpace));
        Require(OtherLetters, nameof(OtherLetters));
    }

    private static void Require(LetterPolicy policy, string name)
    {
        if (!Enum.IsDefined(policy))
            throw new ArgumentOutOfRangeException(name, policy, $"{name} must be Reject, Unknown or Skip.");
    }
}
