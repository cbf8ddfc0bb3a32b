using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>The bytes of a text's UTF-8 form as tokens 0 to 255; half a surrogate pair becomes U+FFFD. Immutable and thread-safe.</summary>
public sealed class ByteTokenizer : SequenceTokenizer
{
    internal const string KindName = "byte";
    private const int ChunkChars = 256;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override int VocabularySize => 256;

    /// <inheritdoc/>
    public override int? UnknownTokenId => null;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, IBufferWriter<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Span<byte> bytes = stackalloc byte[ChunkChars * 3];
        while (!text.IsEmpty)
        {
            int count = Math.Min(ChunkChars, text.Length);
            if (count < text.Length && char.IsHighSurrogate(text[count - 1]))
                count--;
            int written = Encoding.UTF8.GetBytes(text[..count], bytes);
            Span<int> target = ids.GetSpan(written);
            for (int i = 0; i < written; i++)
                target[i] = bytes[i];
            ids.Advance(written);
            text = text[count..];
        }
    }

    /// <summary>Each byte's span is the character, or the surrogate pair, that it is part of.</summary>
    /// <inheritdoc/>
    public override void EncodeSpans(ReadOnlySpan<char> text, IBufferWriter<TokenSpan> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        for (int at = 0; at < text.Length;)
        {
            // Half a surrogate pair is decoded as U+FFFD, of one character and three bytes, as it is encoded.
            Rune.DecodeFromUtf16(text[at..], out Rune rune, out int length);
            for (int i = 0; i < rune.Utf8SequenceLength; i++)
                Append(spans, at, length);
            at += length;
        }
    }

    /// <summary>The byte's character where it is printable ASCII, otherwise <c>&lt;0xNN&gt;</c>.</summary>
    /// <inheritdoc/>
    public override string GetToken(int id)
    {
        CheckId(id);
        return id is >= 0x20 and < 0x7F ? ((char)id).ToString() : $"<0x{id:X2}>";
    }

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new byte[ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            CheckId(ids[i]);
            bytes[i] = (byte)ids[i];
        }

        return Encoding.UTF8.GetString(bytes);
    }

    /// <inheritdoc/>
    protected override void WriteJson(Utf8JsonWriter writer)
    {
    }
}
