namespace Microsoft.ML.Mamba.Safetensors;

/// <summary>Loads and saves <see cref="MambaWeights"/> as safetensors, and reads published checkpoints into this library's parameter names.</summary>
public static class MambaWeightsFile
{
    /// <summary>Saves weights as float32. An existing file is replaced only after everything is written.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="path">The file's path.</param>
    /// <param name="metadata">Texts to keep with the weights, or null.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(MambaWeights weights, string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Save(path, weights, metadata);

    /// <summary>Saves weights as float32. The stream stays open.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="stream">Where to write.</param>
    /// <param name="metadata">Texts to keep with the weights, or null.</param>
    public static void Save(MambaWeights weights, Stream stream, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(stream, weights, metadata);

    /// <summary>Loads exactly the parameters of a configuration, whatever type they are stored in, from a file of this library or a published checkpoint.</summary>
    /// <remarks>
    /// Names may lack the prefix <c>backbone.</c>, and the embedding may be called <c>backbone.embedding.weight</c>, as in the original state-spaces checkpoints.
    /// A <c>lm_head.weight</c> that a tied language model repeats is dropped after its equality with the embedding is checked; models
    /// without a language-model head drop it too.
    /// </remarks>
    /// <param name="path">The file's path.</param>
    /// <param name="config">A valid configuration.</param>
    /// <exception cref="ArgumentException">The configuration is invalid.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not valid, or a parameter is missing, superfluous, of another shape, or present under two names.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static MambaWeights Load(string path, MambaConfig config)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return Load(file, config);
    }

    /// <summary>Loads as <see cref="Load(string, MambaConfig)"/> does. The stream need not seek and stays open.</summary>
    /// <param name="stream">The stream; it must end with the file.</param>
    /// <param name="config">A valid configuration.</param>
    /// <exception cref="ArgumentException">The configuration is invalid.</exception>
    /// <exception cref="InvalidDataException">As for <see cref="Load(string, MambaConfig)"/>.</exception>
    public static MambaWeights Load(Stream stream, MambaConfig config)
    {
        using SafetensorsFile file = SafetensorsFile.Read(stream);
        return Load(file, config);
    }

    /// <summary>Loads as <see cref="Load(string, MambaConfig)"/> does, from an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="config">A valid configuration.</param>
    /// <exception cref="ArgumentException">The configuration is invalid.</exception>
    /// <exception cref="InvalidDataException">As for <see cref="Load(string, MambaConfig)"/>.</exception>
    public static MambaWeights Load(SafetensorsFile file, MambaConfig config)
    {
        ArgumentNullException.ThrowIfNull(file);
        IReadOnlyList<MambaParameter> parameters = MambaParameters.List(config);
        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (SafetensorsEntry entry in file.Entries)
        {
            string name = CheckpointNames.ToParameterName(entry.Name);
            if (!stored.TryAdd(name, entry.Name))
                throw new InvalidDataException($"The checkpoint holds '{name}' twice, as '{stored[name]}' and as '{entry.Name}'.");
        }

        var weights = new MambaWeights();
        foreach (MambaParameter parameter in parameters)
        {
            if (!stored.Remove(parameter.Name, out string? storedName))
                throw new InvalidDataException($"The checkpoint lacks '{parameter.Name}' of shape [{string.Join(", ", parameter.Shape)}].");
            CheckShape(file[storedName], parameter);
            weights.Add(new MambaTensor(parameter.Name, parameter.Shape.ToArray(), file.ReadSingle(storedName)));
        }

        if (config.Head != MambaHead.LanguageModel)
            stored.Remove(CheckpointNames.LanguageModelHead);
        else if (stored.Remove(CheckpointNames.LanguageModelHead, out string? head))
            CheckTied(file.ReadSingle(head), weights[CheckpointNames.Embedding].Values);
        if (stored.Count != 0)
            throw new InvalidDataException($"The model has no parameter for '{stored.Values.Min(StringComparer.Ordinal)}' of the checkpoint.");
        return weights;
    }

    private static void CheckShape(SafetensorsEntry entry, MambaParameter parameter)
    {
        bool same = entry.Shape.Length == parameter.Shape.Count;
        for (int i = 0; same && i < parameter.Shape.Count; i++)
            same = entry.Shape[i] == parameter.Shape[i];
        if (!same)
            throw new InvalidDataException(
                $"'{entry.Name}' must have shape [{string.Join(", ", parameter.Shape)}]; "
                + $"the file has [{string.Join(", ", entry.Shape.ToArray())}].");
    }

    private static void CheckTied(float[] head, float[] embedding)
    {
        if (!head.AsSpan().SequenceEqual(embedding))
            throw new InvalidDataException(
                "The configuration ties the language model's head to the embedding, "
                + $"but the checkpoint's '{CheckpointNames.LanguageModelHead}' differs from it.");
    }
}

/// <summary>Maps names of published checkpoints to those of <see cref="MambaParameters"/>.</summary>
internal static class CheckpointNames
{
    public const string Embedding = "backbone.embeddings.weight";
    public const string LanguageModelHead = "lm_head.weight";
    private const string Prefix = "backbone.";

    public static string ToParameterName(string name)
    {
        if (name.StartsWith("embedding", StringComparison.Ordinal) || name.StartsWith("layers.", StringComparison.Ordinal)
            || name.StartsWith("norm_f.", StringComparison.Ordinal) || name.StartsWith("input_projection.", StringComparison.Ordinal)
            || name.StartsWith("position_embeddings.", StringComparison.Ordinal))
            name = Prefix + name;
        return name == "backbone.embedding.weight" ? Embedding : name;
    }
}
