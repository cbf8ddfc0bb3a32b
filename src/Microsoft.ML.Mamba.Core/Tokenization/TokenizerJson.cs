using System.Text.Json;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Reads the members of a tokenizer's JSON object and remembers which were asked for.</summary>
internal sealed class TokenizerJson
{
    private readonly JsonElement _element;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public TokenizerJson(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"The tokenizer's JSON must be an object; got {element.ValueKind}.");
        _element = element;
    }

    public string GetString(string name) => Get(name, JsonValueKind.String).GetString()!;

    public bool GetBoolean(string name)
    {
        JsonElement value = Get(name);
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false", value);
    }

    public int GetInt32(string name, int min, int max)
    {
        JsonElement value = Get(name, JsonValueKind.Number);
        return value.TryGetInt32(out int number) && number >= min && number <= max ? number : throw Wrong(name, $"{min} to {max}", value);
    }

    public T GetEnum<T>(string name) where T : struct, Enum
    {
        string text = GetString(name);
        foreach (T value in Enum.GetValues<T>())
        {
            if (value.ToString() == text)
                return value;
        }

        throw new InvalidDataException($"'{name}' of the tokenizer must be {string.Join(", ", Enum.GetNames<T>())}; got '{text}'.");
    }

    public string[] GetStrings(string name, int maxCount)
    {
        JsonElement array = Get(name, JsonValueKind.Array);
        if (array.GetArrayLength() > maxCount)
            throw new InvalidDataException($"'{name}' of the tokenizer has {array.GetArrayLength()} values; at most {maxCount} are allowed.");
        var strings = new string[array.GetArrayLength()];
        int i = 0;
        foreach (JsonElement item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
                throw new InvalidDataException($"'{name}' of the tokenizer must hold strings; value {i} is {item.ValueKind}.");
            strings[i++] = item.GetString()!;
        }

        return strings;
    }

    /// <summary>A member that is not understood might change the tokens, so it is not passed over.</summary>
    public void RequireAllRead()
    {
        foreach (JsonProperty property in _element.EnumerateObject())
        {
            if (!_read.Contains(property.Name))
                throw new InvalidDataException($"The tokenizer's JSON has an unknown member '{property.Name}'.");
        }
    }

    private JsonElement Get(string name)
    {
        _read.Add(name);
        return _element.TryGetProperty(name, out JsonElement value) ? value : throw new InvalidDataException($"The tokenizer's JSON lacks '{name}'.");
    }

    private JsonElement Get(string name, JsonValueKind kind)
    {
        JsonElement value = Get(name);
        return value.ValueKind == kind ? value : throw Wrong(name, $"a {kind}", value);
    }

    private static InvalidDataException Wrong(string name, string expected, JsonElement value)
    {
        string text = value.GetRawText();
        return new InvalidDataException($"'{name}' of the tokenizer must be {expected}; got {(text.Length <= 40 ? text : text[..40] + "...")}.");
    }
}
