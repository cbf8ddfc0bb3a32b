using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Mamba.Training;

/// <summary>What a training's result depends on, as texts by name: two trainings with the same ones give the same weights.</summary>
internal static class CheckpointIdentity
{
    private const string Option = "option ";
    private const string Config = "config ";
    private const string Hash = "hash ";
    private const string Number = "number ";
    private const string Seed = Option + nameof(MambaTrainingOptions.Seed);
    private const string InitialWeights = Hash + "the initial weights";
    private const int MostDifferencesNamed = 6;

    // They change memory and speed only.
    private static readonly HashSet<string> s_free = [nameof(MambaTrainingOptions.ValidationBatchSize)];

    public static Dictionary<string, string> Of(MambaEnsemble model, SequenceDataset train, SequenceDataset? validation, MambaTrainingOptions options)
    {
        var identity = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in OptionTexts.Of(options))
        {
            if (!s_free.Contains(name))
                identity.Add(Option + name, value);
        }

        using (var json = JsonDocument.Parse(model.Config.ToJson()))
        {
            foreach (JsonProperty property in json.RootElement.EnumerateObject())
                identity.Add(Config + property.Name, property.Value.ToString());
        }

        identity.Add(Config + "ensemble_size", model.Members.Count.ToString(CultureInfo.InvariantCulture));
        identity.Add(InitialWeights, HashOf(EnsembleWeights.Join(model.ExportWeights())));
        AddData(identity, "training rows", train);
        if (validation is not null)
            AddData(identity, "validation rows", validation);
        foreach ((string name, string value) in options.Checkpoints!.Identity)
            identity.Add(Hash + name, value);
        return identity;
    }

    /// <summary>The seed that a checkpoint was made with, or null.</summary>
    public static int? SeedOf(IReadOnlyDictionary<string, string> identity) =>
        identity.TryGetValue(Seed, out string? text) && int.TryParse(text, CultureInfo.InvariantCulture, out int seed) ? seed : null;

    /// <summary>
    /// The identity of a training that may go on from a checkpoint: where the model has weights that the checkpoint holds, as after a
    /// training that was cancelled or has ended, these are as good as those that it began with.
    /// </summary>
    public static IReadOnlyDictionary<string, string> WithWeightsOf(Checkpoint checkpoint, IReadOnlyDictionary<string, string> now)
    {
        string? then = checkpoint.State.Identity.GetValueOrDefault(InitialWeights);
        string[] held = [CheckpointFile.Weights, CheckpointFile.Best, CheckpointFile.Average];
        if (then is null || then == now[InitialWeights]
            || !held.Any(section => checkpoint.Sections.TryGetValue(section, out MambaWeights? weights) && HashOf(weights) == now[InitialWeights]))
            return now;
        return new Dictionary<string, string>(now, StringComparer.Ordinal) { [InitialWeights] = then };
    }

    /// <summary>Says in what two differ, or null.</summary>
    public static string? Difference(IReadOnlyDictionary<string, string> then, IReadOnlyDictionary<string, string> now)
    {
        string[] names = [.. then.Keys.Concat(now.Keys).Distinct().Where(name => then.GetValueOrDefault(name) != now.GetValueOrDefault(name))];
        // Weights that are drawn follow from seed and shape, which then say it better.
        bool drawnAnew = Array.Exists(names, name => name == Seed || name.StartsWith(Config, StringComparison.Ordinal));
        string[] differences = [.. names.Where(name => name != InitialWeights || !drawnAnew)
            .Select(name => Describe(name, then.GetValueOrDefault(name), now.GetValueOrDefault(name)))];
        if (differences.Length == 0)
            return null;
        string more = differences.Length > MostDifferencesNamed ? $"; and {differences.Length - MostDifferencesNamed} more" : "";
        return string.Join("; ", differences.Take(MostDifferencesNamed)) + more;
    }

    private static void AddData(Dictionary<string, string> identity, string what, SequenceDataset data)
    {
        using var hash = new ContentHash();
        hash.Add(data.Labels);
        identity.Add($"{Number}{what}", data.Count.ToString(CultureInfo.InvariantCulture));
        identity.Add($"{Hash}the labels of the {what}", hash.ToText());
        for (int i = 0; i < data.Count; i++)
        {
            if (data.IsTokens)
                hash.Add(data.TokensOf(i));
            else
                hash.Add(data.FramesOf(i));
        }

        identity.Add($"{Hash}the sequences of the {what}", hash.ToText());
    }

    private static string HashOf(MambaWeights weights)
    {
        using var hash = new ContentHash();
        // By name: engines may keep them in orders of their own.
        hash.Add(weights.OrderBy(tensor => tensor.Name, StringComparer.Ordinal));
        return hash.ToText();
    }

    private static string Describe(string name, string? then, string? now)
    {
        if (name.StartsWith(Hash, StringComparison.Ordinal))
            return $"{name[Hash.Length..]} changed";
        if (name.StartsWith(Number, StringComparison.Ordinal))
            return $"there were {then ?? "no"} {name[Number.Length..]} and are {now ?? "none"}";
        string what = name.StartsWith(Config, StringComparison.Ordinal) ? $"the model's {name[Config.Length..]}" : name[Option.Length..];
        return $"{what} was {then ?? "unknown"} and is {now ?? "unknown"}";
    }
}
