using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>An input schema with what a model adds behind it. Input columns keep their indices.</summary>
internal sealed class ScoringSchema
{
    private readonly Outputs[] _added;

    public ScoringSchema(DataViewSchema input, ModelDefinition model, OutputColumns columns)
    {
        Input = input;
        Sequence = input.GetColumnOrNull(model.SequenceColumn)
            ?? throw new ArgumentOutOfRangeException(nameof(input), model.SequenceColumn,
                $"The data has no column '{model.SequenceColumn}', which this model reads its sequences from.");
        model.CheckFormat(Sequence);
        _added = [.. columns.Added.Select(column => column.Kind)];
        Output = Build(input, model, columns);
    }

    public DataViewSchema Input { get; }

    public DataViewSchema Output { get; }

    public DataViewSchema.Column Sequence { get; }

    /// <summary>What the model adds at an index of the output; <see cref="Outputs.None"/> for columns of the input.</summary>
    public Outputs OutputAt(int index) => index < Input.Count ? Outputs.None : _added[index - Input.Count];

    /// <summary>What is to be computed where these columns of the output are wanted.</summary>
    public Outputs Wanted(bool[] active)
    {
        Outputs wanted = Outputs.None;
        for (int i = 0; i < _added.Length; i++)
            wanted |= active[Input.Count + i] ? _added[i] : Outputs.None;
        return wanted;
    }

    /// <summary>Which output columns are wanted, and the input columns that they need.</summary>
    public (bool[] Active, DataViewSchema.Column[] Dependencies) Dependencies(IEnumerable<DataViewSchema.Column> columns)
    {
        bool[] active = ActiveColumns.Of(Output, columns);
        bool computes = Wanted(active) != Outputs.None;
        return (active, [.. Input.Where(column => active[column.Index] || (computes && column.Index == Sequence.Index))]);
    }

    private static DataViewSchema Build(DataViewSchema input, ModelDefinition model, OutputColumns columns)
    {
        uint set = NextScoreColumnSet(input);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        foreach ((Outputs kind, string name) in columns.Added)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            DataViewType type = kind switch
            {
                Outputs.Label => new KeyDataViewType(typeof(uint), model.Labels.Count),
                Outputs.Score => new VectorDataViewType(NumberDataViewType.Single, model.Labels.Count),
                Outputs.Features => new VectorDataViewType(NumberDataViewType.Single, model.FeatureWidth),
                _ => new VectorDataViewType(NumberDataViewType.Single),
            };
            if (kind == Outputs.Label)
            {
                model.Labels.AddTo(annotations, AnnotationNames.KeyValues);
                AddKinds(annotations, AnnotationNames.PredictedLabel, set);
            }
            else if (kind == Outputs.Score)
            {
                model.Labels.AddNamesTo(annotations, AnnotationNames.SlotNames);
                model.Labels.AddTo(annotations, AnnotationNames.TrainingLabelValues);
                AddKinds(annotations, AnnotationNames.Score, set);
            }

            builder.AddColumn(name, type, annotations.ToAnnotations());
        }

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
