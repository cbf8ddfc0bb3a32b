namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>What a text's tokens are.</summary>
public enum TokenizerKind
{
    /// <summary>Nucleotides or k-mers of them: <see cref="NucleotideTokenizer"/>.</summary>
    Nucleotide = 0,

    /// <summary>Bytes of the UTF-8 form: <see cref="ByteTokenizer"/>.</summary>
    Byte = 1,

    /// <summary>Unicode characters: <see cref="CharacterTokenizer"/>.</summary>
    Character = 2,

    /// <summary>Words and punctuation marks: <see cref="WordTokenizer"/>.</summary>
    Word = 3,
}

/// <summary>Which tokenizer to make and how. An option that its kind does not know must be left out. Immutable.</summary>
public sealed record TokenizerOptions
{
    /// <summary>The kind. Default <see cref="TokenizerKind.Word"/>.</summary>
    public TokenizerKind Kind { get; init; } = TokenizerKind.Word;

    /// <summary>Characters and words: whether text is brought to lower case (invariant culture). Default null: true for words, false for characters.</summary>
    public bool? LowerCase { get; init; }

    /// <summary>
    /// Characters and words: how often a token must occur in the training texts to be in the vocabulary. At least 1. Default null: 2,
    /// so that the rarest tokens teach the model what an unknown token means.
    /// </summary>
    public int? MinimumCount { get; init; }

    /// <summary>
    /// Characters and words: the largest vocabulary, the unknown token included; the most frequent tokens stay, and of equally frequent
    /// ones those that come first in ordinal order. 2 to 16,777,216. Default null: 20,000.
    /// </summary>
    public int? MaximumVocabularySize { get; init; }

    /// <summary>Nucleotides: how to read them. Default null: the defaults of <see cref="NucleotideOptions"/>.</summary>
    public NucleotideOptions? Nucleotide { get; init; }

    internal bool LearnsVocabulary => Kind is TokenizerKind.Character or TokenizerKind.Word;

    internal bool EffectiveLowerCase => LowerCase ?? Kind == TokenizerKind.Word;

    internal int EffectiveMinimumCount => MinimumCount ?? 2;

    internal int EffectiveMaximumVocabularySize => MaximumVocabularySize ?? 20_000;

    /// <summary>Checks every value against its documented range.</summary>
    /// <exception cref="ArgumentException">A value is out of range or does not belong to the kind; the message names it.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Kind))
            throw new ArgumentOutOfRangeException(nameof(Kind), Kind, "Kind must be Nucleotide, Byte, Character or Word.");
        if (MinimumCount < 1)
            throw new ArgumentOutOfRangeException(nameof(MinimumCount), MinimumCount, $"MinimumCount must be at least 1; got {MinimumCount}.");
        if (MaximumVocabularySize is < 2 or > Vocabulary.MaxSize)
            throw new ArgumentOutOfRangeException(nameof(MaximumVocabularySize), MaximumVocabularySize,
                $"MaximumVocabularySize must be 2 to {Vocabulary.MaxSize}; got {MaximumVocabularySize}.");
        if (!LearnsVocabulary)
        {
            RequireAbsent(LowerCase, nameof(LowerCase));
            RequireAbsent(MinimumCount, nameof(MinimumCount));
            RequireAbsent(MaximumVocabularySize, nameof(MaximumVocabularySize));
        }

        if (Kind != TokenizerKind.Nucleotide)
            RequireAbsent(Nucleotide, nameof(Nucleotide));
        Nucleotide?.Validate();
    }

    private void RequireAbsent(object? value, string name)
    {
        if (value is not null)
            throw new ArgumentException($"{name} does not apply to the {Kind} tokenizer; leave it null.", name);
    }
}
