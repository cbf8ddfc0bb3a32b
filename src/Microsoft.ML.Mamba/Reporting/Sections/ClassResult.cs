using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting.Sections;

/// <summary>How well one class is found.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Precision">Share of the rows given it that are of it; null where none was given it.</param>
/// <param name="Recall">Share of its rows that were given it; null where it has none.</param>
/// <param name="F1">The harmonic mean of both; null where the class has no rows.</param>
internal readonly record struct ClassResult(long Rows, double? Precision, double? Recall, double? F1)
{
    public static ClassResult Of(ClassConfusion matrix, int label)
    {
        long rows = matrix.RowsOf(label), given = matrix.RowsPredictedAs(label);
        double? f1 = rows == 0 ? null : 2.0 * matrix[label, label] / (rows + given);
        return new ClassResult(rows, matrix.Precision(label), matrix.Recall(label), f1);
    }
}
