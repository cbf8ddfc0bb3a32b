using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Options as texts by name, in the order of their declaration and in the invariant culture: for a history, and to compare trainings by.</summary>
internal static class OptionTexts
{
    private const int MostValuesListed = 32;

    public static Dictionary<string, string> Of(MambaTrainingOptions options)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(texts, "", JsonSerializer.SerializeToElement(options, OptionJsonContext.Default.MambaTrainingOptions));
        return texts;
    }

    private static void Add(Dictionary<string, string> texts, string prefix, JsonElement options)
    {
        foreach (JsonProperty option in options.EnumerateObject())
        {
            if (option.Value.ValueKind == JsonValueKind.Object)
                Add(texts, $"{prefix}{option.Name}.", option.Value);
            else
                texts.Add(prefix + option.Name, TextOf(option.Value));
        }
    }

    // A long list, such as one of token ids, is told by its number and a hash.
    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array when value.GetArrayLength() > MostValuesListed =>
            string.Create(CultureInfo.InvariantCulture,
                $"{value.GetArrayLength()} values, "
                + $"SHA-256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value.GetRawText())))}"),
        _ => value.GetRawText(),
    };
}

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MambaTrainingOptions))]
internal sealed partial class OptionJsonContext : JsonSerializerContext;
