using System.Collections.Immutable;

namespace Microsoft.ML.Data;

/// <summary>Rows by true class (first index) and predicted class (second index).</summary>
public sealed class ConfusionMatrix
{
    private readonly string[] _classNames;
    private string _table;

    internal ConfusionMatrix(double[][] counts, string[] classNames)
    {
        _classNames = classNames;
        NumberOfClasses = counts.Length;
        Counts = counts.Select(IReadOnlyList<double> (row) => row.ToArray().AsReadOnly()).ToList().AsReadOnly();
        PerClassPrecision = Ratios(c => counts.Sum(row => row[c]));
        PerClassRecall = Ratios(c => counts[c].Sum());
    }

    /// <summary>The share of a class's predictions that are right; 0 if it was never predicted.</summary>
    public IReadOnlyList<double> PerClassPrecision { get; }

    /// <summary>The share of a class's rows that are right; 0 if it never occurs.</summary>
    public IReadOnlyList<double> PerClassRecall { get; }

    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }

    public int NumberOfClasses { get; }

    public string GetFormattedConfusionTable() => _table ??= ConfusionTable.Format(this, _classNames);

    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        const string Message = "Invalid index. Should be non-negative, less than the number of classes.";
        Contracts.CheckParam(
            predictedClassIndicatorIndex >= 0 && predictedClassIndicatorIndex < NumberOfClasses,
            nameof(predictedClassIndicatorIndex),
            Message);
        Contracts.CheckParam(
            actualClassIndicatorIndex >= 0 && actualClassIndicatorIndex < NumberOfClasses, nameof(actualClassIndicatorIndex), Message);
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    private ImmutableArray<double> Ratios(Func<int, double> total) => Enumerable.Range(0, NumberOfClasses).Select(c =>
    {
        double rows = total(c);
        return rows > 0 ? Counts[c][c] / rows : 0;
    }).ToImmutableArray();
}
