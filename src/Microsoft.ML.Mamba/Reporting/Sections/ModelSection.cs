using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Microsoft.ML.Mamba.Reporting.Sections;

/// <summary>The model's shape and the options of its training.</summary>
internal static class ModelSection
{
    private static readonly string[] Always =
    [
        nameof(MambaConfig.DModel), nameof(MambaConfig.NumLayers), nameof(MambaConfig.DState), nameof(MambaConfig.Direction),
        nameof(MambaConfig.Pooling),
    ];

    public static void Write(Markup page, ReportData data)
    {
        page.Open("section");
        page.Leaf("h2", "Model");
        string models = data.EnsembleSize == 1 ? "" : $" in {Figures.Count(data.EnsembleSize)} models of this shape, whose probabilities are averaged";
        page.Leaf("p", $"{Figures.Count(data.Parameters)} parameters{models}; what is not listed has its default.", ("class", "soft"));
        Tables.Pairs(page, Shape(data.Config));
        page.Close();
        if (data.History.Options.Count == 0)
            return;
        page.Open("section");
        page.Leaf("h2", "Options");
        Tables.Pairs(page, data.History.Options.SelectMany(option => Flatten(option.Key, option.Value)));
        page.Close();
    }

    // Options that consist of options are JSON.
    private static IEnumerable<(string Name, string Value)> Flatten(string name, string value)
    {
        JsonElement json;
        try
        {
            json = value.StartsWith('{') || value.StartsWith('[') ? JsonSerializer.Deserialize<JsonElement>(value) : default;
        }
        catch (JsonException)
        {
            json = default;
        }

        return json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject().SelectMany(part => Flatten($"{name}.{part.Name}", part.Value.ToString())),
            JsonValueKind.Array => [(name, json.GetArrayLength() == 0 ? "none" : string.Join(", ", json.EnumerateArray()))],
            _ => [(name, value)],
        };
    }

    // Read from the record itself, so that a new property of the shape is never forgotten here.
    private static IEnumerable<(string Name, string Value)> Shape(MambaConfig config)
    {
        var usual = new MambaConfig();
        foreach (PropertyInfo property in typeof(MambaConfig).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            object? value = property.GetValue(config);
            if (property.CanWrite && (Always.Contains(property.Name) || !Equals(value, property.GetValue(usual))))
                yield return (property.Name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        }
    }
}
