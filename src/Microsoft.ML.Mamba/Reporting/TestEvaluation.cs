using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting;

/// <summary>How well a model classifies the rows of a view. Immutable.</summary>
/// <param name="Rows">Rows with a label and a score.</param>
/// <param name="Unlabelled">Rows without a label, left out.</param>
/// <param name="Unscored">Rows with a label that the model gave no score, such as empty sequences; left out.</param>
/// <param name="Accuracy">Share of the rows that were given their class.</param>
/// <param name="Loss">Mean cross-entropy in nats.</param>
/// <param name="Confusion">Numbers of rows by label and prediction; null where there are too many classes.</param>
internal sealed record TestEvaluation(long Rows, long Unlabelled, long Unscored, double Accuracy, double Loss, ClassConfusion? Confusion)
{
    // As the evaluators of ML.NET: a probability of 0 must not make the mean infinite.
    private const double SmallestProbability = 1e-15;

    /// <param name="model">The model.</param>
    /// <param name="scored">Rows that went through it; what follows it may have changed the predicted label, but not the scores.</param>
    public static TestEvaluation Of(MambaTransformer model, IDataView scored)
    {
        int classes = model.Labels.Count;
        DataViewSchema.Column label = ColumnOf(scored, model.LabelColumnName), score = ColumnOf(scored, model.ScoreColumnName);
        if (LabelReader.ClassesOf(label) is var found && found != classes)
        {
            throw new ArgumentException(
                $"Label column '{label.Name}' of the test set has {found} key values; the model has {classes} classes.");
        }

        using DataViewRowCursor cursor = scored.GetRowCursor([label, score]);
        Func<int> labelGetter = LabelReader.Create(cursor, label, classes);
        ValueGetter<VBuffer<float>> scoreGetter = cursor.GetGetter<VBuffer<float>>(score);
        var counts = new int[classes <= ClassConfusion.MaxClasses ? classes * classes : 0];
        var scores = default(VBuffer<float>);
        var dense = new float[classes];
        long rows = 0, unlabelled = 0, unscored = 0, right = 0;
        double loss = 0;
        while (cursor.MoveNext())
        {
            int target = labelGetter();
            if (target < 0)
            {
                unlabelled++;
                continue;
            }

            scoreGetter(ref scores);
            scores.CopyTo(dense);
            int predicted = (int)Scorer.KeyOf(dense) - 1;
            if (predicted < 0)
            {
                unscored++;
                continue;
            }

            rows++;
            right += predicted == target ? 1 : 0;
            loss -= Math.Log(Math.Max(dense[target], SmallestProbability));
            if (counts.Length > 0)
                counts[target * classes + predicted]++;
        }

        if (rows == 0)
            throw new InvalidOperationException($"No row of the test set has both a label in column '{label.Name}' and a score.");
        ClassConfusion? confusion = counts.Length > 0 ? new ClassConfusion { Classes = classes, Counts = counts } : null;
        return new TestEvaluation(rows, unlabelled, unscored, (double)right / rows, loss / rows, confusion);
    }

    private static DataViewSchema.Column ColumnOf(IDataView view, string name) =>
        view.Schema.GetColumnOrNull(name)
            ?? throw new ArgumentException($"The test set, transformed by the model, has no column '{name}'.");
}
