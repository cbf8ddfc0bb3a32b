using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Tokenizers that models need when they are loaded, because the model's file does not hold them. Thread-safe; one registry a process.</summary>
public static class MambaTokenizers
{
    private static readonly ConcurrentDictionary<string, Func<Tokenizer>> Named = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, Func<JsonElement, SequenceTokenizer>> Kinds = new(StringComparer.Ordinal);

    /// <summary>Makes a tokenizer of Microsoft.ML.Tokenizers known, for models that were trained with a <see cref="MicrosoftTokenizer"/> of this name.</summary>
    /// <param name="name">The name given when the model was trained.</param>
    /// <param name="factory">Makes the tokenizer; called for each model that is loaded.</param>
    /// <remarks>Registering a name again replaces what it stood for.</remarks>
    /// <exception cref="ArgumentException">The name is empty, or an argument null.</exception>
    public static void Register(string name, Func<Tokenizer> factory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(factory);
        Named[name] = factory;
    }

    /// <summary>Makes a class derived from <see cref="SequenceTokenizer"/> known, for models that were trained with it.</summary>
    /// <param name="kind">Its <see cref="SequenceTokenizer.Kind"/>.</param>
    /// <param name="reader">Makes the tokenizer from its JSON object; called for each model that is loaded.</param>
    /// <remarks>Registering a kind again replaces what it stood for. The built-in kinds cannot be replaced.</remarks>
    /// <exception cref="ArgumentException">The kind is empty or built in, or an argument null.</exception>
    public static void RegisterKind(string kind, Func<JsonElement, SequenceTokenizer> reader)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(kind);
        ArgumentNullException.ThrowIfNull(reader);
        if (kind is MicrosoftTokenizer.KindName or "nucleotide" or "byte" or "character" or "word")
            throw new ArgumentException($"The tokenizer kind '{kind}' is built in and cannot be replaced.", nameof(kind));
        Kinds[kind] = reader;
    }

    internal static Tokenizer Resolve(string name)
    {
        if (!Named.TryGetValue(name, out Func<Tokenizer>? factory))
        {
            throw new InvalidOperationException(
                $"The model was trained with the tokenizer '{name}', which its file does not hold. "
                + $"Call MambaTokenizers.Register(\"{name}\", () => ...) before loading the model.");
        }

        return factory() ?? throw new InvalidOperationException($"The factory of the tokenizer '{name}' gave null.");
    }

    /// <exception cref="InvalidDataException">The JSON is malformed.</exception>
    /// <exception cref="InvalidOperationException">Nothing, or another tokenizer, is registered for it.</exception>
    internal static SequenceTokenizer Read(string json)
    {
        JsonElement root;
        string? kind;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            root = document.RootElement.Clone();
            kind = root.GetProperty("kind").GetString();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"The tokenizer's JSON is not valid: {exception.Message}", exception);
        }

        if (kind == MicrosoftTokenizer.KindName)
            return MicrosoftTokenizer.ReadJson(root);
        if (kind is "nucleotide" or "byte" or "character" or "word")
            return SequenceTokenizer.FromJson(json);
        if (kind is null || !Kinds.TryGetValue(kind, out Func<JsonElement, SequenceTokenizer>? reader))
            throw new InvalidOperationException(
                $"The model was trained with a tokenizer of kind '{kind}'. Call MambaTokenizers.RegisterKind(\"{kind}\", "
                + "json => ...) before loading the model.");
        return reader(root) ?? throw new InvalidOperationException($"The reader of the tokenizer kind '{kind}' gave null.");
    }
}
