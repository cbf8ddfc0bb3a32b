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
        Contracts.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        Contracts.CheckValue(inputColumnNames, nameof(inputColumnNames));
        Contracts.CheckParam(inputColumnNames.Length > 0, nameof(inputColumnNames), "Input columns not specified");
        Contracts.CheckParam(!inputColumnNames.Any(string.IsNullOrEmpty), nameof(inputColumnNames), "Contained some null or empty items");
        _name = outputColumnName;
        _sources = inputColumnNames;
    }

    public ColumnConcatenatingTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new ColumnConcatenatingTransformer(_host, _name, _sources);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        var result = new ShapeEditor(inputSchema);
        SchemaShape.Column[] sources = _sources.Select(result.Find).ToArray();
        DataViewType itemType = sources[0].ItemType;
        foreach (SchemaShape.Column source in sources)
        {
            Contracts.Check(!source.IsKey, $"Column '{source.Name}' is key. Concatenation of keys is unsupported.");
            Contracts.Check(
                source.ItemType.Equals(itemType),
                $"Concatenated columns should have the same type. Column '{source.Name}' has type of {source.ItemType}, "
                    + $"but expected column type is {itemType}.");
        }
        var annotations = new List<SchemaShape.Column>();
        if (sources.All(source => source.IsNormalized()))
            annotations.Add(ShapeEditor.Flag(AnnotationUtils.Kinds.IsNormalized));
        if (sources.Any(HasCategoricals))
            annotations.Add(ShapeEditor.Vector(AnnotationUtils.Kinds.CategoricalSlotRanges, NumberDataViewType.Int32));
        if (sources.Any(
            source => source.Kind == VectorKind.Scalar || ShapeEditor.HasTextAnnotation(source, AnnotationUtils.Kinds.SlotNames)))
            annotations.Add(ShapeEditor.Vector(AnnotationUtils.Kinds.SlotNames, TextDataViewType.Instance));
        VectorKind kind = sources.Any(source => source.Kind == VectorKind.VariableVector) ? VectorKind.VariableVector : VectorKind.Vector;
        result.Set(new SchemaShape.Column(_name, kind, itemType, false, new SchemaShape(annotations)));
        return result.ToShape();
    }

    private static bool HasCategoricals(SchemaShape.Column column)
        => column.Annotations.TryFindColumn(AnnotationUtils.Kinds.CategoricalSlotRanges, out SchemaShape.Column ranges)
            && ranges.Kind == VectorKind.Vector && ranges.ItemType == NumberDataViewType.Int32;
}
