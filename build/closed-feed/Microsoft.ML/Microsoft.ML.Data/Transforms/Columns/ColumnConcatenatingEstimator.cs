using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace Microsoft.ML.Transforms;

public sealed class ColumnConcatenatingEstimator : IEstimator<ColumnConcatenatingTransformer>
{
    private readonly IHost _host;
    private readonly string _name;
    private readonly string[] _sources;

    internal ColumnConcatenatingEstimator(IHostEnvironment env, string outputColumnName, params string[] inputColumnNames)
    {
        _host = env.Register(nameof(ColumnConcatenatingEstimator));
        Guard.NonEmpty(outputColumnName, nameof(outputColumnName));
        Guard.Value(inputColumnNames, nameof(inputColumnNames));
        Guard.Param(inputColumnNames.Length > 0, nameof(inputColumnNames), "Input columns not specified");
        Guard.Param(!inputColumnNames.Any(string.IsNullOrEmpty), nameof(inputColumnNames), "Contained some null or empty items");
        _name = outputColumnName;
        _sources = inputColumnNames;
    }

    public ColumnConcatenatingTransformer Fit(IDataView input)
    {
        Guard.Value(input, nameof(input));
        return new ColumnConcatenatingTransformer(_host, _name, _sources);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Guard.Value(inputSchema, nameof(inputSchema));
        var result = new ShapeEditor(inputSchema);
        SchemaShape.Column[] sources = _sources.Select(result.Find).ToArray();
        DataViewType itemType = sources[0].ItemType;
        foreach (SchemaShape.Column source in sources)
        {
            Guard.State(!source.IsKey, $"Column '{source.Name}' is key. Concatenation of keys is unsupported.");
            Guard.State(
                source.ItemType.Equals(itemType),
                $"Concatenated columns should have the same type. Column '{source.Name}' has type of {source.ItemType}, but expected column type is {itemType}.");
        }
        var annotations = new List<SchemaShape.Column>();
        if (sources.All(IsNormalized))
            annotations.Add(ShapeEditor.Flag(AnnotationNames.IsNormalized));
        if (sources.Any(HasCategoricals))
            annotations.Add(ShapeEditor.Vector(AnnotationNames.CategoricalSlotRanges, NumberDataViewType.Int32));
        if (sources.Any(source => source.Kind == VectorKind.Scalar || ShapeEditor.HasTextAnnotation(source, AnnotationNames.SlotNames)))
            annotations.Add(ShapeEditor.Vector(AnnotationNames.SlotNames, TextDataViewType.Instance));
        VectorKind kind = sources.Any(source => source.Kind == VectorKind.VariableVector) ? VectorKind.VariableVector : VectorKind.Vector;
        result.Set(new SchemaShape.Column(_name, kind, itemType, false, new SchemaShape(annotations)));
        return result.ToShape();
    }

    private static bool IsNormalized(SchemaShape.Column column)
        => column.Annotations.TryFindColumn(AnnotationNames.IsNormalized, out SchemaShape.Column flag)
            && flag.Kind == VectorKind.Scalar && flag.ItemType is BooleanDataViewType;

    private static bool HasCategoricals(SchemaShape.Column column)
        => column.Annotations.TryFindColumn(AnnotationNames.CategoricalSlotRanges, out SchemaShape.Column ranges)
            && ranges.Kind == VectorKind.Vector && ranges.ItemType == NumberDataViewType.Int32;
}
