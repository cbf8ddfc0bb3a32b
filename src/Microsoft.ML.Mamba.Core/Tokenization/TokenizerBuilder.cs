using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Learns a tokenizer from training texts that are added one by one. Not thread-safe.</summary>
/// <remarks>The order of the texts makes no difference. Nucleotide and byte tokenizers have nothing to learn and need no texts.</remarks>
public sealed class TokenizerBuilder
{
    private readonly TokenizerOptions _options;
    private readonly Dictionary<string, long> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _wordLookup;
    private readonly Dictionary<Rune, long> _characters = [];

    /// <summary>Starts without texts.</summary>
    /// <param name="options">What to make.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public TokenizerBuilder(TokenizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _wordLookup = _words.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Counts a text's tokens.</summary>
    /// <param name="text">A training text.</param>
    public void Add(ReadOnlySpan<char> text)
    {
        if (_options.Kind == TokenizerKind.Word)
        {
            var words = new WordSplitter(text, _options.EffectiveLowerCase);
            while (words.MoveNext())
                CollectionsMarshal.GetValueRefOrAddDefault(_wordLookup, words.Current, out _)++;
        }
        else if (_options.Kind == TokenizerKind.Character)
        {
            foreach (Rune rune in text.EnumerateRunes())
            {
                Rune folded = CharacterTokenizer.Fold(rune, _options.EffectiveLowerCase);
                CollectionsMarshal.GetValueRefOrAddDefault(_characters, folded, out _)++;
            }
        }
    }

    /// <summary>Makes the tokenizer of the texts added so far.</summary>
    /// <exception cref="InvalidOperationException">No token occurs often enough to be in the vocabulary.</exception>
    public SequenceTokenizer Build() => _options.Kind switch
    {
        TokenizerKind.Nucleotide => new NucleotideTokenizer(_options.Nucleotide),
        TokenizerKind.Byte => new ByteTokenizer(),
        TokenizerKind.Character => new CharacterTokenizer(
            Choose(_characters.Select(pair => KeyValuePair.Create(pair.Key.ToString(), pair.Value))), _options.EffectiveLowerCase),
        _ => new WordTokenizer(Choose(_words), _options.EffectiveLowerCase),
    };

    /// <summary>Makes the tokenizer of some texts.</summary>
    /// <param name="options">What to make.</param>
    /// <param name="texts">The training texts; read once.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">No token occurs often enough to be in the vocabulary.</exception>
    public static SequenceTokenizer Learn(TokenizerOptions options, IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var builder = new TokenizerBuilder(options);
        foreach (string text in texts)
            builder.Add(text);
        return builder.Build();
    }

    /// <summary>Makes the tokenizer of some texts.</summary>
    /// <param name="options">What to make.</param>
    /// <param name="texts">The training texts; read once.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">No token occurs often enough to be in the vocabulary.</exception>
    public static SequenceTokenizer Learn(TokenizerOptions options, IEnumerable<ReadOnlyMemory<char>> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var builder = new TokenizerBuilder(options);
        foreach (ReadOnlyMemory<char> text in texts)
            builder.Add(text.Span);
        return builder.Build();
    }

    private IEnumerable<string> Choose(IEnumerable<KeyValuePair<string, long>> counts)
    {
        string[] chosen =
        [
            .. counts.Where(pair => pair.Value >= _options.EffectiveMinimumCount && pair.Key.Length <= Vocabulary.MaxTokenLength)
                .OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Take(_options.EffectiveMaximumVocabularySize - 1)
                .Select(pair => pair.Key),
        ];
        return chosen.Length > 0
            ? chosen
            : throw new InvalidOperationException(
                $"The training texts hold no {(_options.Kind == TokenizerKind.Word ? "word" : "token")} that occurs at least "
                + $"{_options.EffectiveMinimumCount} times, so there is nothing to learn from. "
                + "Add texts, lower MinimumCount of the tokenizer, or take one of another Kind: Nucleotide for DNA, "
                + "Character or Byte for other texts without words.");
    }
}
