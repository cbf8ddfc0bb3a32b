using System.Text.Json;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Tokens with ids from 1; 0 stands for all others. Immutable and thread-safe.</summary>
internal sealed class Vocabulary
{
    public const int UnknownId = 0;
    public const string UnknownText = "<unk>";
    public const int MaxSize = 1 << 24;
    public const int MaxTokenLength = 1 << 16;

    private readonly string[] _tokens;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <param name="tokens">The tokens in the order of their ids.</param>
    /// <exception cref="ArgumentException">A token is empty, too long, or occurs twice.</exception>
    public Vocabulary(IEnumerable<string> tokens)
    {
        _tokens = [UnknownText, .. tokens];
        if (_tokens.Length > MaxSize)
            throw new ArgumentException($"A vocabulary has at most {MaxSize - 1} tokens; got {_tokens.Length - 1}.", nameof(tokens));
        _ids = new Dictionary<string, int>(_tokens.Length, StringComparer.Ordinal);
        for (int id = 1; id < _tokens.Length; id++)
        {
            string token = _tokens[id] ?? throw new ArgumentException($"Token {id} is null.", nameof(tokens));
            if (token.Length is 0 or > MaxTokenLength)
                throw new ArgumentException($"Token {id} has {token.Length} characters; expected 1 to {MaxTokenLength}.", nameof(tokens));
            if (!_ids.TryAdd(token, id))
                throw new ArgumentException($"Token '{token}' occurs twice, as {_ids[token]} and {id}.", nameof(tokens));
        }

        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Size => _tokens.Length;

    public string this[int id] => _tokens[id];

    /// <summary>The tokens with ids from 1.</summary>
    public IReadOnlyList<string> Tokens => new ArraySegment<string>(_tokens, 1, _tokens.Length - 1);

    public int IdOf(ReadOnlySpan<char> token) => _lookup.TryGetValue(token, out int id) ? id : UnknownId;

    public void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("tokens");
        foreach (string token in Tokens)
            writer.WriteStringValue(token);
        writer.WriteEndArray();
    }

    public static Vocabulary ReadJson(TokenizerJson json) => new(json.GetStrings("tokens", MaxSize - 1));
}
