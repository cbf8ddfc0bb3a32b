using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Options as texts by name, in the order of their declaration and in the invariant culture: for a history, and to compare trainings by.</summary>
internal static class OptionTexts
{
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
                texts.Add(prefix + option.Name, option.Value.ValueKind == JsonValueKind.String ? option.Value.GetString()! : option.Value.GetRawText());
        }
    }
}

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MambaTrainingOptions))]
internal sealed partial class OptionJsonContext : JsonSerializerContext;
