using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Words and single punctuation marks as tokens; 0 is the unknown word. Immutable and thread-safe.</summary>
/// <remarks>
/// A word is a run of letters, combining marks, digits and underscores, with apostrophes between letters (<c>don't</c>; the typographic
/// apostrophe counts as the plain one). Scripts written without spaces (Han, Kana, Thai, Lao, Khmer, Myanmar) give one token a letter with
/// its marks. Every other visible character is a token of its own; white space and control characters separate tokens. Text is not
/// normalised.
/// </remarks>
public sealed class WordTokenizer : SequenceTokenizer
{
    internal const string KindName = "word";
    private readonly Vocabulary _vocabulary;

    /// <summary>Makes a tokenizer of a given vocabulary; <see cref="TokenizerBuilder"/> learns one.</summary>
    /// <param name="words">The words; they get the ids from 1 in this order.</param>
    /// <param name="lowerCase">Whether text is brought to lower case (invariant culture) before it is looked up.</param>
    /// <exception cref="ArgumentException">A word is empty or occurs twice.</exception>
    public WordTokenizer(IEnumerable<string> words, bool lowerCase = true)
        : this(new Vocabulary(words ?? throw new ArgumentNullException(nameof(words))), lowerCase)
    {
    }

    private WordTokenizer(Vocabulary vocabulary, bool lowerCase)
    {
        _vocabulary = vocabulary;
        LowerCase = lowerCase;
    }

    /// <summary>Whether text is brought to lower case (invariant culture) before it is looked up.</summary>
    public bool LowerCase { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override int VocabularySize => _vocabulary.Size;

    /// <inheritdoc/>
    public override int? UnknownTokenId => Vocabulary.UnknownId;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, IBufferWriter<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var words = new WordSplitter(text, LowerCase);
        while (words.MoveNext())
            Append(ids, _vocabulary.IdOf(words.Current));
    }

    /// <inheritdoc/>
    public override void EncodeSpans(ReadOnlySpan<char> text, IBufferWriter<TokenSpan> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        var words = new WordSplitter(text, lowerCase: false);
        while (words.MoveNext())
            Append(spans, words.Start, words.Length);
    }

    /// <inheritdoc/>
    public override string GetToken(int id)
    {
        CheckId(id);
        return _vocabulary[id];
    }

    /// <summary>The words with a space between any two.</summary>
    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        foreach (int id in ids)
            text.Append(text.Length == 0 ? "" : " ").Append(GetToken(id));
        return text.ToString();
    }

    internal static WordTokenizer ReadJson(TokenizerJson json) => new(Vocabulary.ReadJson(json), json.GetBoolean("lower_case"));

    /// <inheritdoc/>
    protected override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteBoolean("lower_case", LowerCase);
        _vocabulary.WriteJson(writer);
    }
}
