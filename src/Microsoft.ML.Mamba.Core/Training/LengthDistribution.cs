namespace Microsoft.ML.Mamba.Training;

/// <summary>How long sequences are, in tokens or frames. Immutable.</summary>
public sealed record LengthDistribution
{
    private const int MostBins = 40;

    /// <summary>The shortest length.</summary>
    public required int Shortest { get; init; }

    /// <summary>The longest length.</summary>
    public required int Longest { get; init; }

    /// <summary>The mean length.</summary>
    public required double Mean { get; init; }

    /// <summary>The length of the middle row; of an even number of rows, the shorter of the two.</summary>
    public required int Median { get; init; }

    /// <summary>Lengths that one of <see cref="Counts"/> takes together; at least 1.</summary>
    public required int BinWidth { get; init; }

    /// <summary>Numbers of rows: bin i holds the lengths from <see cref="Shortest"/> + i * <see cref="BinWidth"/> on. 1 to 40 bins; the last is not empty.</summary>
    public required IReadOnlyList<int> Counts { get; init; }

    internal bool IsValid => Shortest >= 1 && Longest >= Shortest && Median >= Shortest && Median <= Longest && Mean >= Shortest && Mean <= Longest && BinWidth >= 1
        && Counts is not null && Counts.Count is >= 1 and <= MostBins && Counts.All(count => count >= 0);

    /// <param name="data">Rows; not empty.</param>
    internal static LengthDistribution Of(SequenceDataset data)
    {
        var lengths = new int[data.Count];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = data.LengthOf(i);
        Array.Sort(lengths);
        int shortest = lengths[0], range = lengths[^1] - shortest;
        int width = range / MostBins + 1;
        var counts = new int[range / width + 1];
        foreach (int length in lengths)
            counts[(length - shortest) / width]++;
        return new LengthDistribution
        {
            Shortest = shortest,
            Longest = lengths[^1],
            Mean = (double)data.TokenCount / data.Count,
            Median = lengths[(lengths.Length - 1) / 2],
            BinWidth = width,
            Counts = counts,
        };
    }
}
