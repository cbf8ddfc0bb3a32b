using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>The schema shape that scoring gives, before anything is trained.</summary>
internal static class OutputShape
{
    /// <exception cref="ArgumentException">A column is missing or of a type that does not do.</exception>
    public static SchemaShape Of(SchemaShape input, MambaClassificationOptions options)
    {
        SchemaShape.Column label = Find(input, options.LabelColumnName, "label");
        SchemaShape.Column sequence = Find(input, options.SequenceColumnName, "sequence");
        if (!label.IsKey || label.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw LabelReader.NotAKey(label.Name, Describe(label));
        SequenceKind kind = SequenceFormat.KindOf(sequence) ?? throw SequenceFormat.Unsupported(sequence.Name, Describe(sequence));
        TrainingColumns.CheckOptions(kind, Describe(sequence), options);

        var labelAnnotations = new List<SchemaShape.Column>();
        var scoreAnnotations = new List<SchemaShape.Column>();
        foreach (SchemaShape.Column values in label.Annotations)
        {
            if (values.Name != AnnotationNames.KeyValues || values.Kind != SchemaShape.Column.VectorKind.Vector)
                continue;
            labelAnnotations.Add(values);
            scoreAnnotations.Add(new SchemaShape.Column(AnnotationNames.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false));
            scoreAnnotations.Add(new SchemaShape.Column(AnnotationNames.TrainingLabelValues, SchemaShape.Column.VectorKind.Vector, values.ItemType, values.IsKey));
        }

        return With(input, [
            new SchemaShape.Column(options.OutputColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true,
                new SchemaShape([.. labelAnnotations, .. Kinds()])),
            new SchemaShape.Column(options.ScoreColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
                new SchemaShape([.. scoreAnnotations, .. Kinds()])),
            .. Extra(options.FeatureColumnName, options.SaliencyColumnName),
        ]);
    }

    /// <summary>The shape that a trained model gives with what it adds besides label and scores.</summary>
    /// <exception cref="ArgumentException">The sequence column is missing or of a kind that does not do.</exception>
    public static SchemaShape Of(SchemaShape input, ModelDefinition model)
    {
        SchemaShape.Column sequence = Find(input, model.SequenceColumn, "sequence");
        SequenceKind kind = SequenceFormat.KindOf(sequence) ?? throw SequenceFormat.Unsupported(sequence.Name, Describe(sequence));
        if (kind != model.Kind)
            throw ModelDefinition.OtherKind(sequence.Name, Describe(sequence), model.Kind);
        return With(input, [.. Extra(model.FeatureColumn, model.SaliencyColumn)]);
    }

    private static SchemaShape With(SchemaShape input, SchemaShape.Column[] added) =>
        new([.. input.Where(column => !Array.Exists(added, other => other.Name == column.Name)), .. added]);

    private static IEnumerable<SchemaShape.Column> Extra(string? features, string? saliency)
    {
        if (features is not null)
            yield return new SchemaShape.Column(features, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false);
        if (saliency is not null)
            yield return new SchemaShape.Column(saliency, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, false);
    }

    private static SchemaShape.Column Find(SchemaShape input, string name, string role)
    {
        foreach (SchemaShape.Column column in input)
        {
            if (column.Name == name)
                return column;
        }

        throw TrainingColumns.Missing(name, role);
    }

    private static IEnumerable<SchemaShape.Column> Kinds() =>
    [
        new SchemaShape.Column(AnnotationNames.ScoreColumnSetId, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true),
        new SchemaShape.Column(AnnotationNames.ScoreColumnKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false),
        new SchemaShape.Column(AnnotationNames.ScoreValueKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false),
    ];

    private static string Describe(SchemaShape.Column column)
    {
        string item = column.IsKey ? $"Key<{column.ItemType}>" : $"{column.ItemType}";
        return column.Kind switch
        {
            SchemaShape.Column.VectorKind.Vector => $"Vector<{item}>",
            SchemaShape.Column.VectorKind.VariableVector => $"VarVector<{item}>",
            _ => item,
        };
    }
}
