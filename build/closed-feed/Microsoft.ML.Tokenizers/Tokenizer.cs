using System.Buffers;

namespace Microsoft.ML.Tokenizers;

/// <summary>What a tokenizer implements: the core operations over a text or a span, with settings.</summary>
public abstract partial class Tokenizer
{
    protected Tokenizer()
    {
    }

    public virtual PreTokenizer? PreTokenizer => null;

    public virtual Normalizer? Normalizer => null;

    protected abstract EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings);

    protected virtual EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        EncodeResults<EncodedToken> results = EncodeToTokens(text, textSpan, settings);
        return new EncodeResults<int>
        {
            Tokens = results.Tokens.Select(token => token.Id).ToArray(),
            CharsConsumed = results.CharsConsumed,
            NormalizedText = results.NormalizedText,
        };
    }

    protected virtual int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        return EncodeToTokens(text, textSpan, settings).Tokens.Count;
    }

    protected virtual int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        int wanted = settings.MaxTokenCount;
        // From the end, the last tokens are known only once all are.
        if (fromEnd)
            settings.MaxTokenCount = int.MaxValue;
        EncodeResults<EncodedToken> results = EncodeToTokens(text, textSpan, settings);
        normalizedText = results.NormalizedText;
        tokenCount = Math.Min(wanted, results.Tokens.Count);
        if (tokenCount <= 0)
            return fromEnd ? normalizedText?.Length ?? textSpan.Length : 0;
        return fromEnd ? results.Tokens[^tokenCount].Offset.Start.Value : results.Tokens[tokenCount - 1].Offset.End.Value;
    }

    public abstract OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten);

    public virtual string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids is ICollection<int> { Count: 0 })
            return string.Empty;
        for (int room = 1024; ; room = checked(room * 2))
        {
            char[] letters = new char[room];
            OperationStatus status = Decode(ids, letters, out _, out int written);
            if (status == OperationStatus.Done)
                return new string(letters, 0, written);
            if (status != OperationStatus.DestinationTooSmall)
                throw new InvalidOperationException("The provided token IDs could not be decoded.");
        }
    }
}
