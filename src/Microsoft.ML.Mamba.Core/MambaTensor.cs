namespace Microsoft.ML.Mamba;

/// <summary>A named float32 tensor in row-major order.</summary>
public sealed class MambaTensor
{
    private readonly int[] _shape;

    /// <summary>Wraps values; nothing is copied.</summary>
    /// <param name="name">The tensor's name, not empty.</param>
    /// <param name="shape">Sizes of its dimensions, each at least 0; empty for a scalar.</param>
    /// <param name="values">The values; as many as the product of <paramref name="shape"/>.</param>
    /// <exception cref="ArgumentException">The number of values is not the product of the shape.</exception>
    public MambaTensor(string name, ReadOnlySpan<int> shape, float[] values)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        long expected = 1;
        foreach (int size in shape)
            expected = checked(expected * size);
        if (expected != values.Length)
            throw new ArgumentException(
                $"Tensor '{name}' of shape [{string.Join(", ", shape.ToArray())}] must have {expected} values; got {values.Length}.",
                nameof(values));
        Name = name;
        _shape = shape.ToArray();
        Values = values;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>Sizes of the dimensions; empty for a scalar.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The values, row-major.</summary>
    public float[] Values { get; }
}
