using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>An input schema with the predicted label and the scores behind it. Input columns keep their indices.</summary>
internal sealed class ScoringSchema
{
    public ScoringSchema(DataViewSchema input, ModelDefinition model)
    {
        Input = input;
        Sequence = input.GetColumnOrNull(model.SequenceColumn)
            ?? throw new ArgumentOutOfRangeException(nameof(input), model.SequenceColumn, $"The data has no column '{model.SequenceColumn}', which this model reads its sequences from.");
        model.CheckFormat(Sequence);
        LabelIndex = input.Count;
        ScoreIndex = input.Count + 1;
        Output = Build(input, model);
    }

    public DataViewSchema Input { get; }

    public DataViewSchema Output { get; }

    public DataViewSchema.Column Sequence { get; }

    public int LabelIndex { get; }

    public int ScoreIndex { get; }

    /// <summary>Which output columns are wanted, and the input columns that they need.</summary>
    public (bool[] Active, DataViewSchema.Column[] Dependencies) Dependencies(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[Output.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            if (column.Index >= active.Length)
                throw new ArgumentException($"Column '{column.Name}' with index {column.Index} does not belong to this view of {active.Length} columns.", nameof(columns));
            active[column.Index] = true;
        }

        bool scores = active[LabelIndex] || active[ScoreIndex];
        return (active, [.. Input.Where(column => active[column.Index] || (scores && column.Index == Sequence.Index))]);
    }

    private static DataViewSchema Build(DataViewSchema input, ModelDefinition model)
    {
        int classes = model.Labels.Count;
        uint set = NextScoreColumnSet(input);
        var label = new DataViewSchema.Annotations.Builder();
        model.Labels.AddTo(label, AnnotationNames.KeyValues);
        AddKinds(label, AnnotationNames.PredictedLabel, set);
        var score = new DataViewSchema.Annotations.Builder();
        model.Labels.AddNamesTo(score, AnnotationNames.SlotNames);
        model.Labels.AddTo(score, AnnotationNames.TrainingLabelValues);
        AddKinds(score, AnnotationNames.Score, set);

        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumn(model.OutputColumn, new KeyDataViewType(typeof(uint), classes), label.ToAnnotations());
        builder.AddColumn(model.ScoreColumn, new VectorDataViewType(NumberDataViewType.Single, classes), score.ToAnnotations());
        return builder.ToSchema();
    }

    private static void AddKinds(DataViewSchema.Annotations.Builder annotations, string valueKind, uint set)
    {
        annotations.AddPrimitiveValue(AnnotationNames.ScoreColumnKind, TextDataViewType.Instance, AnnotationNames.MulticlassClassification.AsMemory());
        annotations.AddPrimitiveValue(AnnotationNames.ScoreValueKind, TextDataViewType.Instance, valueKind.AsMemory());
        annotations.AddPrimitiveValue(AnnotationNames.ScoreColumnSetId, new KeyDataViewType(typeof(uint), int.MaxValue), set);
    }

    // Evaluators find the columns that belong together by this id, so each scorer of a pipeline needs its own.
    private static uint NextScoreColumnSet(DataViewSchema input)
    {
        uint last = 0;
        foreach (DataViewSchema.Column column in input)
        {
            if (column.Annotations.Schema.GetColumnOrNull(AnnotationNames.ScoreColumnSetId) is { Type: KeyDataViewType type } && type.RawType == typeof(uint))
            {
                uint set = 0;
                column.Annotations.GetValue(AnnotationNames.ScoreColumnSetId, ref set);
                last = Math.Max(last, set);
            }
        }

        return last + 1;
    }
}
