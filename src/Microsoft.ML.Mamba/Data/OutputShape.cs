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

        IEnumerable<SchemaShape.Column> kept = input.Where(column => column.Name != options.OutputColumnName && column.Name != options.ScoreColumnName);
        return new SchemaShape([
            .. kept,
            new SchemaShape.Column(options.OutputColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, new SchemaShape([.. labelAnnotations, .. Kinds()])),
            new SchemaShape.Column(options.ScoreColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, new SchemaShape([.. scoreAnnotations, .. Kinds()])),
        ]);
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
