namespace Microsoft.ML.Data;

/// <summary>The shape of an input with columns set; sources are looked up in the input alone.</summary>
internal sealed class ShapeEditor
{
    private readonly SchemaShape _input;
    private readonly List<SchemaShape.Column> _columns;

    public ShapeEditor(SchemaShape input)
    {
        _input = input;
        _columns = input.ToList();
    }

    public SchemaShape.Column Find(string name)
    {
        if (!_input.TryFindColumn(name, out SchemaShape.Column column))
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", name);
        return column;
    }

    public void Set(SchemaShape.Column column)
    {
        int index = _columns.FindIndex(other => other.Name == column.Name);
        if (index < 0)
            _columns.Add(column);
        else
            _columns[index] = column;
    }

    public SchemaShape ToShape() => new(_columns);

    /// <summary>The shape of an input with a column for each pair, made of its source; a pair is also known by its number.</summary>
    public static SchemaShape Map(
        SchemaShape inputSchema,
        (string outputColumnName, string inputColumnName)[] pairs,
        Func<int, string, SchemaShape.Column, SchemaShape.Column> makeColumn)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        var result = new ShapeEditor(inputSchema);
        for (int i = 0; i < pairs.Length; i++)
            result.Set(makeColumn(i, pairs[i].outputColumnName, result.Find(pairs[i].inputColumnName)));
        return result.ToShape();
    }

    public static bool HasTextAnnotation(SchemaShape.Column column, string name)
        => column.Annotations.TryFindColumn(name, out SchemaShape.Column annotation)
            && annotation.Kind == SchemaShape.Column.VectorKind.Vector && !annotation.IsKey && annotation.ItemType is TextDataViewType;

    public static SchemaShape.Column Flag(string name)
        => new(name, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false);

    public static SchemaShape.Column Vector(string name, DataViewType itemType)
        => new(name, SchemaShape.Column.VectorKind.Vector, itemType, false);
}
