using System.Buffers;
using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Uses any tokenizer of Microsoft.ML.Tokenizers, such as a BPE or WordPiece tokenizer of a published model.</summary>
/// <remarks>
/// A saved model holds this tokenizer's name, its vocabulary size and a fingerprint of what it does to a few texts, but not the tokenizer
/// itself, which often cannot be saved. Who loads the model makes the same tokenizer known first, by
/// <see cref="MambaTokenizers.Register(string, Func{Tokenizer})"/>; loading fails with an error that names it where that was forgotten, and
/// where the registered tokenizer gives other ids. Thread-safe as far as the wrapped tokenizer is; those of Microsoft.ML.Tokenizers are.
/// </remarks>
public sealed class MicrosoftTokenizer : SequenceTokenizer
{
    internal const string KindName = "microsoft.ml.tokenizers";

    private static readonly string[] Probes =
        ["The quick brown fox jumps over the lazy dog.", "ACGTNacgtn", "0123456789 +-*/=()[]{}",
            "Größe, naïve, señor; Ελλάδα, Москва, 東京", "  two  spaces\tand\nlines"];

    /// <summary>Wraps a tokenizer.</summary>
    /// <param name="name">The name by which it will be registered where the model is loaded; not empty.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabularySize">Number of its ids, which must lie in 0 to <paramref name="vocabularySize"/> - 1. 1 to 16,777,216.</param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public MicrosoftTokenizer(string name, Tokenizer tokenizer, int vocabularySize)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (vocabularySize is < 1 or > 1 << 24)
            throw new ArgumentOutOfRangeException(nameof(vocabularySize), vocabularySize, $"vocabularySize must be 1 to {1 << 24}; got {vocabularySize}.");
        Name = name;
        Tokenizer = tokenizer;
        VocabularySize = vocabularySize;
    }

    /// <summary>The name by which it is registered where a model is loaded.</summary>
    public string Name { get; }

    /// <summary>The wrapped tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override int VocabularySize { get; }

    /// <inheritdoc/>
    public override int? UnknownTokenId => null;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The tokenizer gave an id that is not below <see cref="VocabularySize"/>.</exception>
    public override void Encode(ReadOnlySpan<char> text, IBufferWriter<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (text.IsEmpty)
            return;
        foreach (int id in Tokenizer.EncodeToIds(text))
        {
            if ((uint)id >= (uint)VocabularySize)
                throw new ArgumentException($"The tokenizer '{Name}' gave id {id}, but its vocabulary size was given as {VocabularySize}.", nameof(text));
            Append(ids, id);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">
    /// The tokenizer changes the text before it splits it, so that its tokens' places are not places in the text.
    /// </exception>
    public override void EncodeSpans(ReadOnlySpan<char> text, IBufferWriter<TokenSpan> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        if (text.IsEmpty)
            return;
        IReadOnlyList<EncodedToken> tokens = Tokenizer.EncodeToTokens(text, out string? normalized);
        if (normalized is not null && normalized.Length != text.Length)
            throw new NotSupportedException(
                $"The tokenizer '{Name}' normalises the text to another length before it splits it, "
                + "and does not say where its tokens stand in the text.");
        foreach (EncodedToken token in tokens)
        {
            (int start, int length) = token.Offset.GetOffsetAndLength(text.Length);
            Append(spans, start, length);
        }
    }

    /// <inheritdoc/>
    public override string GetToken(int id)
    {
        CheckId(id);
        return Tokenizer.Decode([id]) ?? "";
    }

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> ids) => Tokenizer.Decode(ids.ToArray()) ?? "";

    /// <inheritdoc/>
    protected override void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteString("name", Name);
        writer.WriteNumber("vocabulary_size", VocabularySize);
        writer.WriteString("fingerprint", Fingerprint());
    }

    internal static MicrosoftTokenizer ReadJson(JsonElement json)
    {
        if (!json.TryGetProperty("name", out JsonElement nameValue) || nameValue.ValueKind != JsonValueKind.String
            || nameValue.GetString() is not { Length: > 0 } name
            || !json.TryGetProperty("vocabulary_size", out JsonElement size) || size.ValueKind != JsonValueKind.Number
            || !size.TryGetInt32(out int vocabularySize) || vocabularySize is < 1 or > 1 << 24
            || !json.TryGetProperty("fingerprint", out JsonElement fingerprint) || fingerprint.ValueKind != JsonValueKind.String)
            throw new InvalidDataException("The tokenizer's JSON lacks a valid name, vocabulary_size or fingerprint.");
        var tokenizer = new MicrosoftTokenizer(name, MambaTokenizers.Resolve(name), vocabularySize);
        if (tokenizer.Fingerprint() != fingerprint.GetString())
            throw new InvalidOperationException(
                $"The tokenizer registered as '{name}' gives other token ids than the one that the model was trained with. "
                + "Register the same tokenizer, with the same vocabulary.");
        return tokenizer;
    }

    // FNV-1a over the ids of the probe texts: enough to notice another vocabulary.
    private string Fingerprint()
    {
        ulong hash = 14695981039346656037;
        foreach (string probe in Probes)
        {
            foreach (int id in Tokenizer.EncodeToIds(probe))
                hash = unchecked((hash ^ (uint)id) * 1099511628211);
            hash = unchecked((hash ^ uint.MaxValue) * 1099511628211);
        }

        return hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
    }
}
