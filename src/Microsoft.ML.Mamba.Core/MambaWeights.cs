using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.Mamba;

/// <summary>Named float32 tensors in a fixed order: a model's parameters, or an optimizer's state. They belong to no engine.</summary>
/// <remarks>Adding is not thread-safe; reading is, while nobody adds or writes values.</remarks>
public sealed class MambaWeights : IReadOnlyCollection<MambaTensor>
{
    private readonly List<MambaTensor> _tensors = [];
    private readonly Dictionary<string, MambaTensor> _byName = new(StringComparer.Ordinal);

    /// <summary>Number of tensors.</summary>
    public int Count => _tensors.Count;

    /// <summary>Number of values in all tensors together.</summary>
    public long ValueCount => _tensors.Sum(tensor => (long)tensor.Values.Length);

    /// <summary>The tensor of a name.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="KeyNotFoundException">No tensor has this name.</exception>
    public MambaTensor this[string name] =>
        _byName.TryGetValue(name, out MambaTensor? tensor) ? tensor : throw new KeyNotFoundException($"There is no tensor '{name}'.");

    /// <summary>Adds a tensor at the end.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="ArgumentException">A tensor of this name exists.</exception>
    public void Add(MambaTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!_byName.TryAdd(tensor.Name, tensor))
            throw new ArgumentException($"There is a tensor '{tensor.Name}' already.", nameof(tensor));
        _tensors.Add(tensor);
    }

    /// <summary>Looks a tensor up.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="tensor">The tensor, where there is one.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(string name, [NotNullWhen(true)] out MambaTensor? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>Copies all tensors with their values.</summary>
    public MambaWeights Clone()
    {
        var copy = new MambaWeights();
        foreach (MambaTensor tensor in _tensors)
            copy.Add(new MambaTensor(tensor.Name, tensor.Shape, (float[])tensor.Values.Clone()));
        return copy;
    }

    /// <inheritdoc/>
    public IEnumerator<MambaTensor> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
