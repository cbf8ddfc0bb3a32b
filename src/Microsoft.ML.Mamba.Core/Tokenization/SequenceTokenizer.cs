using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Turns text into token ids from 0 to <see cref="VocabularySize"/> - 1. Immutable and thread-safe.</summary>
public abstract class SequenceTokenizer
{
    private const int MaxJsonDepth = 8;

    /// <summary>The tokenizer's kind as its JSON names it, such as <c>word</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Number of token ids; at least 1.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The id that stands for whatever the vocabulary lacks, or null where nothing can be unknown.</summary>
    public abstract int? UnknownTokenId { get; }

    /// <summary>Version of the kind's JSON, from 1.</summary>
    protected virtual int JsonVersion => 1;

    /// <summary>Appends a text's token ids. An empty text gives none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Where the ids go.</param>
    /// <exception cref="ArgumentException">The text holds something that this tokenizer is set to reject; the message names position and letter.</exception>
    public abstract void Encode(ReadOnlySpan<char> text, IBufferWriter<int> ids);

    /// <summary>
    /// Appends where each token of a text stands in it: as many spans as <see cref="Encode"/> gives ids, in the same order. Tokens may
    /// overlap or share a character.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="spans">Where the spans go.</param>
    /// <exception cref="ArgumentException">As for <see cref="Encode"/>.</exception>
    /// <exception cref="NotSupportedException">The tokenizer does not know; this is what a derived class does unless it overrides this method.</exception>
    public virtual void EncodeSpans(ReadOnlySpan<char> text, IBufferWriter<TokenSpan> spans) =>
        throw new NotSupportedException($"The tokenizer '{Kind}' does not say where its tokens stand in a text.");

    /// <summary>The text of one token, for display.</summary>
    /// <param name="id">0 to <see cref="VocabularySize"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No token has this id.</exception>
    public abstract string GetToken(int id);

    /// <summary>A text's token ids.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="ArgumentException">As for <see cref="Encode"/>.</exception>
    public int[] EncodeToIds(ReadOnlySpan<char> text)
    {
        var writer = new ArrayBufferWriter<int>(Math.Max(16, text.Length));
        Encode(text, writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Where each of a text's tokens stands in it.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="ArgumentException">As for <see cref="Encode"/>.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="EncodeSpans"/>.</exception>
    public TokenSpan[] EncodeToSpans(ReadOnlySpan<char> text)
    {
        var writer = new ArrayBufferWriter<TokenSpan>(Math.Max(16, text.Length));
        EncodeSpans(text, writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>A text that the ids may have come from; what the vocabulary lacks is lost.</summary>
    /// <param name="ids">Token ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">No token has one of the ids.</exception>
    public virtual string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder(ids.Length);
        foreach (int id in ids)
            text.Append(GetToken(id));
        return text.ToString();
    }

    /// <summary>
    /// Everything that <see cref="FromJson(string, IReadOnlyDictionary{string, Func{JsonElement, SequenceTokenizer}}?)"/> needs to make
    /// this tokenizer again.
    /// </summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", Kind);
            writer.WriteNumber("version", JsonVersion);
            WriteJson(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Makes a tokenizer from its JSON.</summary>
    /// <param name="json">What <see cref="ToJson"/> gave.</param>
    /// <param name="others">
    /// Readers of kinds that this assembly does not know, by kind; they get the whole JSON object and may throw
    /// <see cref="InvalidDataException"/>.
    /// </param>
    /// <exception cref="InvalidDataException">The JSON is malformed, of an unknown kind or newer version, or holds values out of range or twice.</exception>
    public static SequenceTokenizer FromJson(string json, IReadOnlyDictionary<string, Func<JsonElement, SequenceTokenizer>>? others = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxJsonDepth, AllowDuplicateProperties = false });
            var members = new TokenizerJson(document.RootElement);
            string kind = members.GetString("kind");
            if (others is not null && others.TryGetValue(kind, out Func<JsonElement, SequenceTokenizer>? read))
                return read(document.RootElement);
            int version = members.GetInt32("version", 1, int.MaxValue);
            if (version != 1)
                throw new InvalidDataException(
                    $"The tokenizer '{kind}' was written in version {version} of its format by a newer release; this one reads version 1.");
            SequenceTokenizer tokenizer = kind switch
            {
                NucleotideTokenizer.KindName => NucleotideTokenizer.ReadJson(members),
                ByteTokenizer.KindName => new ByteTokenizer(),
                CharacterTokenizer.KindName => CharacterTokenizer.ReadJson(members),
                WordTokenizer.KindName => WordTokenizer.ReadJson(members),
                _ => throw new InvalidDataException($"Unknown tokenizer kind '{kind}'; expected nucleotide, byte, character or word."),
            };
            members.RequireAllRead();
            return tokenizer;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"The tokenizer's JSON is not valid: {exception.Message}", exception);
        }
    }

    /// <summary>Writes the members of the JSON object beyond <c>kind</c> and <c>version</c>.</summary>
    /// <param name="writer">The writer, inside the object.</param>
    protected abstract void WriteJson(Utf8JsonWriter writer);

    /// <summary>Checks an id.</summary>
    /// <param name="id">The id.</param>
    /// <exception cref="ArgumentOutOfRangeException">No token has this id.</exception>
    protected void CheckId(int id)
    {
        if ((uint)id >= (uint)VocabularySize)
            throw new ArgumentOutOfRangeException(nameof(id), id, $"Token ids are 0 to {VocabularySize - 1}; got {id}.");
    }

    /// <summary>Appends one id.</summary>
    /// <param name="ids">Where the id goes.</param>
    /// <param name="id">The id.</param>
    protected static void Append(IBufferWriter<int> ids, int id)
    {
        ids.GetSpan(1)[0] = id;
        ids.Advance(1);
    }

    /// <summary>Appends one span.</summary>
    /// <param name="spans">Where the span goes.</param>
    /// <param name="start">The token's first character.</param>
    /// <param name="length">Its characters.</param>
    protected static void Append(IBufferWriter<TokenSpan> spans, int start, int length)
    {
        spans.GetSpan(1)[0] = new TokenSpan(start, length);
        spans.Advance(1);
    }
}
