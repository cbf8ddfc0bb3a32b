using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Unicode characters (scalar values, so that a surrogate pair is one) as tokens; 0 is the unknown character. Immutable and thread-safe.</summary>
/// <remarks>Text is not normalised: a letter with an accent and its decomposed form are different tokens. Half a surrogate pair becomes U+FFFD.</remarks>
public sealed class CharacterTokenizer : SequenceTokenizer
{
    internal const string KindName = "character";
    private readonly Vocabulary _vocabulary;
    private readonly Dictionary<int, int> _ids;
    private readonly int[] _asciiIds = new int[128];

    /// <summary>Makes a tokenizer of a given vocabulary; <see cref="TokenizerBuilder"/> learns one.</summary>
    /// <param name="characters">One character each; they get the ids from 1 in this order.</param>
    /// <param name="lowerCase">Whether text is brought to lower case (invariant culture) before it is looked up.</param>
    /// <exception cref="ArgumentException">An entry is not one character, or occurs twice.</exception>
    public CharacterTokenizer(IEnumerable<string> characters, bool lowerCase = false)
        : this(new Vocabulary(characters ?? throw new ArgumentNullException(nameof(characters))), lowerCase)
    {
    }

    private CharacterTokenizer(Vocabulary vocabulary, bool lowerCase)
    {
        _vocabulary = vocabulary;
        LowerCase = lowerCase;
        _ids = new Dictionary<int, int>(vocabulary.Size);
        for (int id = 1; id < vocabulary.Size; id++)
        {
            OperationStatus status = Rune.DecodeFromUtf16(vocabulary[id], out Rune rune, out int length);
            if (status != OperationStatus.Done || length != vocabulary[id].Length)
                throw new ArgumentException($"Token {id} must be one Unicode character; got {vocabulary[id].Length} UTF-16 units.", "characters");
            _ids.Add(rune.Value, id);
        }

        for (int c = 0; c < _asciiIds.Length; c++)
            _asciiIds[c] = _ids.GetValueOrDefault(Fold(new Rune(c), lowerCase).Value, Vocabulary.UnknownId);
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
        foreach (Rune rune in text.EnumerateRunes())
            Append(ids, rune.IsAscii ? _asciiIds[rune.Value] : _ids.GetValueOrDefault(Fold(rune, LowerCase).Value, Vocabulary.UnknownId));
    }

    /// <inheritdoc/>
    public override void EncodeSpans(ReadOnlySpan<char> text, IBufferWriter<TokenSpan> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            Append(spans, at, rune.Utf16SequenceLength);
            at += rune.Utf16SequenceLength;
        }
    }

    /// <inheritdoc/>
    public override string GetToken(int id)
    {
        CheckId(id);
        return _vocabulary[id];
    }

    /// <summary>The characters; unknown ones are U+FFFD.</summary>
    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder(ids.Length);
        foreach (int id in ids)
            text.Append(id == Vocabulary.UnknownId ? "\uFFFD" : GetToken(id));
        return text.ToString();
    }

    internal static Rune Fold(Rune rune, bool lowerCase) => lowerCase ? Rune.ToLowerInvariant(rune) : rune;

    internal static CharacterTokenizer ReadJson(TokenizerJson json) => new(Vocabulary.ReadJson(json), json.GetBoolean("lower_case"));

    /// <inheritdoc/>
    protected override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteBoolean("lower_case", LowerCase);
        _vocabulary.WriteJson(writer);
    }
}
