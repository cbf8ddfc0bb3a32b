namespace Microsoft.ML.Mamba.Safetensors;

/// <summary>One tensor of a safetensors file: what the header says of it, checked against the file. Immutable.</summary>
public sealed class SafetensorsEntry
{
    private readonly long[] _shape;

    internal SafetensorsEntry(string name, SafetensorsType type, long[] shape, long elementCount, long begin, long end)
    {
        Name = name;
        Type = type;
        _shape = shape;
        ElementCount = elementCount;
        Begin = begin;
        End = end;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>Type of the elements as stored.</summary>
    public SafetensorsType Type { get; }

    /// <summary>Sizes of the dimensions, row-major; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>Number of elements: the product of <see cref="Shape"/>.</summary>
    public long ElementCount { get; }

    /// <summary>First byte, counted from the start of the data (after the header).</summary>
    public long Begin { get; }

    /// <summary>Byte after the last one, counted as <see cref="Begin"/>.</summary>
    public long End { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Type}[{string.Join(", ", _shape)}]";
}
