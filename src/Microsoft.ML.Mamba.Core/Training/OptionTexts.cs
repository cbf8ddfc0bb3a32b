using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Options as texts by name, in the order of their declaration and in the invariant culture: for a history, and to compare trainings by.</summary>
internal static class OptionTexts
{
    public static Dictionary<string, string> Of(MambaTrainingOptions options) =>
        JsonSerializer.SerializeToElement(options, OptionJsonContext.Default.MambaTrainingOptions).EnumerateObject().ToDictionary(
            property => property.Name,
            property => property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText(),
            StringComparer.Ordinal);
}

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MambaTrainingOptions))]
internal sealed partial class OptionJsonContext : JsonSerializerContext;
