namespace Microsoft.ML.Mamba.Training;

/// <summary>A checkpoint's tensors, checked against the model's before they are used.</summary>
/// <param name="sections">Tensors by what they are for.</param>
/// <param name="model">The model's parameters: names and shapes.</param>
internal sealed class CheckpointSections(IReadOnlyDictionary<string, MambaWeights> sections, MambaWeights model)
{
    /// <summary>A section with exactly the model's parameters.</summary>
    /// <exception cref="InvalidDataException">It is missing, or a parameter is missing, superfluous or of another shape.</exception>
    public MambaWeights Take(string section)
    {
        MambaWeights weights = TakeAny(section);
        foreach (MambaTensor expected in model)
        {
            if (!weights.TryGet(expected.Name, out MambaTensor? tensor))
                throw new InvalidDataException($"its {section} lack '{expected.Name}'.");
            if (!tensor.Shape.SequenceEqual(expected.Shape))
            {
                throw new InvalidDataException(
                    $"its {section} have '{tensor.Name}' of shape [{string.Join(", ", tensor.Shape.ToArray())}]; "
                    + $"the model has [{string.Join(", ", expected.Shape.ToArray())}].");
            }
        }

        return weights.Count == model.Count ? weights : throw new InvalidDataException($"its {section} have {weights.Count} tensors; the model has {model.Count}.");
    }

    /// <summary>A section as it is.</summary>
    /// <exception cref="InvalidDataException">It is missing.</exception>
    public MambaWeights TakeAny(string section) => sections.TryGetValue(section, out MambaWeights? weights) ? weights : throw new InvalidDataException(
        $"it has no {section}.");
}
