namespace Microsoft.ML.Data;

/// <summary>Consecutive fields; the end is not included, and lies at the end of the line for a variable segment.</summary>
internal readonly record struct TextSegment(int Min, int Lim, bool ForceVector)
{
    public const int EndOfLine = int.MaxValue;

    public bool IsVariable => Lim == EndOfLine;
}

/// <summary>A column with its fields settled.</summary>
internal sealed class TextColumn
{
    public TextColumn(string name, PrimitiveDataViewType itemType, TextSegment[] segments)
    {
        Name = name;
        Segments = segments;
        TextSegment[] ordered = segments.OrderBy(segment => segment.Min).ToArray();
        for (int i = 1; i < ordered.Length; i++)
            Contracts.CheckParam(ordered[i - 1].Lim <= ordered[i].Min, "Source", $"Intervals specified for column '{name}' overlap");
        FixedSize = segments.Where(segment => !segment.IsVariable).Sum(segment => segment.Lim - segment.Min);
        bool isVariable = segments.Any(segment => segment.IsVariable);
        Type = isVariable ? new VectorDataViewType(itemType)
            : FixedSize > 1 || segments[0].ForceVector ? new VectorDataViewType(itemType, FixedSize)
            : itemType;
    }

    public string Name { get; }

    public DataViewType Type { get; }

    public TextSegment[] Segments { get; }

    /// <summary>Slots outside the variable segment.</summary>
    public int FixedSize { get; }
}
