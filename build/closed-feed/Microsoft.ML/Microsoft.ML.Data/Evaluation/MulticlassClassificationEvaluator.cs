namespace Microsoft.ML.Data;

/// <summary>Reads labels and scores of a scored view and computes the metrics.</summary>
internal static class MulticlassClassificationEvaluator
{
    public static MulticlassClassificationMetrics Evaluate(IDataView data, string label, string score, string predictedLabel, int topK)
    {
        DataViewSchema.Column labelColumn = Find(data.Schema, label, "Label");
        DataViewSchema.Column scoreColumn = Find(data.Schema, score, "Score");
        Find(data.Schema, predictedLabel, "PredictedLabel");
        CheckTypes(labelColumn, scoreColumn);
        int classes = scoreColumn.Type.GetVectorSize();

        var tally = new MulticlassTally(classes);
        Count(data, labelColumn, scoreColumn, tally);
        return new MulticlassClassificationMetrics(tally, topK, new ConfusionMatrix(tally.Confusion, ClassNames(scoreColumn, classes)));
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name, string role)
        => schema.GetColumnOrNull(name) ?? throw Contracts.ExceptParam(nameof(schema), $"{name} column '{role}' not found");

    private static void CheckTypes(DataViewSchema.Column label, DataViewSchema.Column score)
    {
        bool scored = score.Type is VectorDataViewType { Size: >= 2 } vector && vector.ItemType == NumberDataViewType.Single;
        if (!scored)
            throw Contracts.ExceptSchemaMismatch(
                "schema", "score", score.Name, "vector of two or more items of type Single", score.Type.ToString());
        if (label.Type != NumberDataViewType.Single && label.Type is not KeyDataViewType)
            throw Contracts.ExceptSchemaMismatch("schema", "label", label.Name, "Single or Key", label.Type.ToString());
    }

    private static void Count(IDataView data, DataViewSchema.Column label, DataViewSchema.Column score, MulticlassTally tally)
    {
        int classes = score.Type.GetVectorSize();
        using DataViewRowCursor cursor = data.GetRowCursor(
            data.Schema.Where(column => column.Index == label.Index || column.Index == score.Index).ToArray());
        Func<float> readLabel = LabelReader(cursor, label);
        ValueGetter<VBuffer<float>> readScores = cursor.GetGetter<VBuffer<float>>(score);
        VBuffer<float> buffer = default;
        float[] scores = new float[classes];
        while (cursor.MoveNext())
        {
            // Rows without a label, with a label that is no class number, and with scores that are no numbers do not count.
            float value = readLabel();
            if (float.IsNaN(value) || value < 0 || value != (int)value)
                continue;
            readScores(ref buffer);
            Contracts.Check(buffer.Length == classes, $"Column '{score.Name}' has {classes} slots, but a row has {buffer.Length}");
            buffer.CopyTo(scores);
            if (Array.TrueForAll(scores, float.IsFinite))
                tally.Add((int)value, scores);
        }
    }

    /// <summary>Class numbers from zero; NaN for a missing label.</summary>
    private static Func<float> LabelReader(DataViewRow row, DataViewSchema.Column label)
    {
        if (label.Type == NumberDataViewType.Single)
        {
            ValueGetter<float> getter = row.GetGetter<float>(label);
            return () =>
            {
                float value = float.NaN;
                getter(ref value);
                return value;
            };
        }
        Func<ulong> key = KeyIndex.Getter(row, label);
        ulong count = label.Type.GetKeyCount();
        return () =>
        {
            ulong value = key();
            return value == 0 || value > count ? float.NaN : value - 1;
        };
    }

    private static string[] ClassNames(DataViewSchema.Column score, int classes)
    {
        if (!score.HasSlotNames())
            return Enumerable.Range(0, classes).Select(c => c.ToString()).ToArray();
        VBuffer<ReadOnlyMemory<char>> names = default;
        score.GetSlotNames(ref names);
        return names.DenseValues().Select(name => name.ToString()).ToArray();
    }
}
