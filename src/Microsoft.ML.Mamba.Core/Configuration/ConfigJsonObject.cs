using System.Text.Json;

namespace Microsoft.ML.Mamba;

/// <summary>Reads the members of a configuration's JSON object, under one of two names, and remembers which were asked for. null counts as missing.</summary>
internal sealed class ConfigJsonObject
{
    private readonly JsonElement? _element;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public ConfigJsonObject(JsonElement? element, string what)
    {
        if (element is { } given && given.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"The JSON of {what} must be an object; got {given.ValueKind}.");
        _element = element;
    }

    public bool Has(string name) => Find(name) is not null;

    public bool HasItems(string name) => Find(name) is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 0;

    public bool IsString(string name, string text) => Find(name) is { ValueKind: JsonValueKind.String } value && value.GetString() == text;

    public ConfigJsonObject Object(string name) => new(Find(name), $"'{name}'");

    public string? OptionalString(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Wrong(name, "a string", value);

    public bool? Boolean(string name) => Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(name, "true or false", value);

    public int? Int32(string name, string? alias = null) => Read<int>(name, alias, static (key, value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Wrong(key, "a whole number of 32 bits", value));

    public float? Single(string name, string? alias = null) => Read<float>(name, alias, static (key, value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) && float.IsFinite(number) ? number : throw Wrong(key, "a number", value));

    public T? Enum<T>(string name) where T : struct, Enum
    {
        if (OptionalString(name) is not string text)
            return null;
        foreach (T value in System.Enum.GetValues<T>())
        {
            if (value.ToString() == text)
                return value;
        }

        throw new InvalidDataException($"'{name}' of the configuration must be {string.Join(", ", System.Enum.GetNames<T>())}; got '{text}'.");
    }

    /// <summary>A member that is not understood might change what the model computes, so it is not passed over.</summary>
    public void RequireAllRead()
    {
        foreach (JsonProperty property in _element!.Value.EnumerateObject())
        {
            if (!_read.Contains(property.Name))
                throw new InvalidDataException($"The configuration has an unknown member '{property.Name}'.");
        }
    }

    private T? Read<T>(string name, string? alias, Func<string, JsonElement, T> convert) where T : struct, IEquatable<T>
    {
        T? value = Find(name) is { } element ? convert(name, element) : null;
        if (alias is null || Find(alias) is not { } other)
            return value;
        T aliased = convert(alias, other);
        if (value is { } own && !own.Equals(aliased))
            throw new InvalidDataException($"'{name}' and '{alias}' of the configuration contradict each other: {own} and {aliased}.");
        return aliased;
    }

    private JsonElement? Find(string name)
    {
        _read.Add(name);
        return _element is { } element && element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
    }

    private static InvalidDataException Wrong(string name, string expected, JsonElement value)
    {
        string text = value.GetRawText();
        return new InvalidDataException($"'{name}' of the configuration must be {expected}; got {(text.Length <= 40 ? text : text[..40] + "...")}.");
    }
}
