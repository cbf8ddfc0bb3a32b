using System.Text;
using System.Text.Json;
using Microsoft.ML.Mamba.Safetensors;

namespace Microsoft.ML.Mamba.Training;

/// <summary>What a checkpoint holds.</summary>
/// <param name="Path">The file.</param>
/// <param name="State">Everything but tensors.</param>
/// <param name="Sections">Tensors by what they are for, <see cref="CheckpointFile"/>'s names.</param>
internal sealed record Checkpoint(string Path, CheckpointState State, IReadOnlyDictionary<string, MambaWeights> Sections);

/// <summary>
/// Writes and reads a checkpoint: a safetensors file whose tensors are called SECTION/NAME, with the state as JSON and a SHA-256 over both in its metadata.
/// The hash tells a file that a power failure left with the right length and wrong bytes.
/// </summary>
internal static class CheckpointFile
{
    public const string Weights = "weights";
    public const string Optimizer = "optimizer";
    public const string Average = "average";
    public const string Best = "best";
    public const string KnownGood = "known_good";
    public const string GoodCandidate = "good_candidate";

    private const string StateKey = "checkpoint";
    private const string HashKey = "sha256";

    private static readonly HashSet<string> s_sections = [Weights, Optimizer, Average, Best, KnownGood, GoodCandidate];

    public static void Write(Checkpoint checkpoint)
    {
        string state = JsonSerializer.Serialize(checkpoint.State, CheckpointJsonContext.Default.CheckpointState);
        var tensors = new List<MambaTensor>();
        foreach ((string section, MambaWeights weights) in checkpoint.Sections)
        {
            foreach (MambaTensor tensor in weights)
                tensors.Add(new MambaTensor($"{section}/{tensor.Name}", tensor.Shape, tensor.Values));
        }

        SafetensorsWriter.Save(checkpoint.Path, tensors, new Dictionary<string, string> { [StateKey] = state, [HashKey] = HashOf(state, tensors) });
    }

    /// <exception cref="InvalidDataException">The file is incomplete, damaged or none of ours; the message names it and says what is wrong.</exception>
    public static Checkpoint Read(string path)
    {
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            string json = TextOf(file, StateKey), hash = TextOf(file, HashKey);
            CheckpointState state = Parse(json);
            // No more is read than the file is long: the header has been checked against it.
            MambaWeights all = file.ReadAll();
            if (!string.Equals(HashOf(json, all), hash, StringComparison.Ordinal))
                throw new InvalidDataException("its content does not have the SHA-256 that it states.");
            return new Checkpoint(path, state, Divide(all));
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The checkpoint '{path}' is damaged: {exception.Message}", exception);
        }
    }

    private static CheckpointState Parse(string json)
    {
        CheckpointState state = JsonSerializer.Deserialize(json, CheckpointJsonContext.Default.CheckpointState) ?? throw new InvalidDataException(
            "it holds no state.");
        if (state.Version != CheckpointState.CurrentVersion)
            throw new InvalidDataException($"it has version {state.Version} of its format; this release reads version {CheckpointState.CurrentVersion}.");
        return state;
    }

    private static string TextOf(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out string? text) ? text : throw new InvalidDataException($"it has no metadata '{key}'.");

    private static Dictionary<string, MambaWeights> Divide(MambaWeights all)
    {
        var sections = new Dictionary<string, MambaWeights>(StringComparer.Ordinal);
        foreach (MambaTensor tensor in all)
        {
            int slash = tensor.Name.IndexOf('/');
            string section = slash < 0 ? "" : tensor.Name[..slash];
            if (!s_sections.Contains(section))
                throw new InvalidDataException($"its tensor '{tensor.Name}' belongs to nothing known.");
            if (!sections.TryGetValue(section, out MambaWeights? weights))
                sections.Add(section, weights = []);
            weights.Add(new MambaTensor(tensor.Name[(slash + 1)..], tensor.Shape, tensor.Values));
        }

        return sections;
    }

    private static string HashOf(string state, IEnumerable<MambaTensor> tensors)
    {
        using var hash = new ContentHash();
        hash.Add(Encoding.UTF8.GetBytes(state));
        hash.Add(tensors);
        return hash.ToText();
    }
}
