using System.Text.Json.Serialization;

namespace Microsoft.ML.Mamba.Training;

/// <summary>How often rows of each class were given each class. Immutable.</summary>
public sealed record ClassConfusion
{
    /// <summary>The most classes for which a training records its confusion matrix.</summary>
    public const int MaxClasses = 512;

    /// <summary>Number of classes; at least 1.</summary>
    public required int Classes { get; init; }

    /// <summary>Numbers of rows <c>[Classes, Classes]</c>, row-major: those labelled i and predicted as j at i * <see cref="Classes"/> + j.</summary>
    public required IReadOnlyList<int> Counts { get; init; }

    /// <summary>Number of all rows.</summary>
    [JsonIgnore]
    public long Total => Counts.Sum(count => (long)count);

    /// <summary>Rows of one class that were given one class.</summary>
    /// <param name="label">0 to <see cref="Classes"/> - 1.</param>
    /// <param name="predicted">0 to <see cref="Classes"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such class.</exception>
    public int this[int label, int predicted]
    {
        get
        {
            Check(label, nameof(label));
            Check(predicted, nameof(predicted));
            return Counts[label * Classes + predicted];
        }
    }

    /// <summary>Rows of a class.</summary>
    /// <param name="label">0 to <see cref="Classes"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such class.</exception>
    public long RowsOf(int label)
    {
        Check(label, nameof(label));
        return Counts.Skip(label * Classes).Take(Classes).Sum(count => (long)count);
    }

    /// <summary>Rows that were given a class.</summary>
    /// <param name="predicted">0 to <see cref="Classes"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such class.</exception>
    public long RowsPredictedAs(int predicted)
    {
        Check(predicted, nameof(predicted));
        long rows = 0;
        for (int label = 0; label < Classes; label++)
            rows += Counts[label * Classes + predicted];
        return rows;
    }

    /// <summary>Share of the rows that were given a class that are of it, 0 to 1; null where none was given it.</summary>
    /// <param name="class">0 to <see cref="Classes"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such class.</exception>
    public double? Precision(int @class) => Share(@class, RowsPredictedAs(@class));

    /// <summary>Share of a class's rows that were given it, 0 to 1; null where it has no rows.</summary>
    /// <param name="class">0 to <see cref="Classes"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such class.</exception>
    public double? Recall(int @class) => Share(@class, RowsOf(@class));

    internal bool IsValid => Classes is >= 1 and <= MaxClasses && Counts is not null && Counts.Count == Classes * Classes && Counts.All(count => count >= 0);

    private double? Share(int @class, long of) => of == 0 ? null : (double)this[@class, @class] / of;

    private void Check(int @class, string name)
    {
        if ((uint)@class >= (uint)Classes)
            throw new ArgumentOutOfRangeException(name, @class, $"The classes are 0 to {Classes - 1}; got {@class}.");
    }
}
