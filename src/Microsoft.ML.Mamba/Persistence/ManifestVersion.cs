using System.Text.Json;

namespace Microsoft.ML.Mamba.Persistence;

/// <summary>Looks at a manifest's format and version before anything else of it is believed.</summary>
internal static class ManifestVersion
{
    /// <exception cref="InvalidDataException">It says another format, or a version that this library does not read.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static void Check(string json, string expected, int oldest, int newest)
    {
        using var document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("format", out JsonElement format) || format.ValueKind != JsonValueKind.String || format.GetString() != expected
            || !root.TryGetProperty("format_version", out JsonElement number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out int version))
            throw new InvalidDataException($"The model's manifest.json does not say format '{expected}' and its version.");
        if (version >= oldest && version <= newest)
            return;
        bool isNamed = root.TryGetProperty("library_version", out JsonElement library) && library.ValueKind == JsonValueKind.String;
        string writer = isNamed ? library.GetString()! : "unknown";
        throw new InvalidDataException(
            $"The model was saved in format version {version} by Microsoft.ML.Mamba {writer}; this library reads versions {oldest} to {newest}."
            + (version > newest ? " Update the package Microsoft.ML.Mamba." : ""));
    }
}
