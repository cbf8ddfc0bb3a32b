namespace Microsoft.ML.Data;

/// <summary>Views and rows over objects.</summary>
internal static class DataViewConstructionUtils
{
    public static IDataView CreateFromEnumerable<TRow>(
        IHostEnvironment env, IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null)
        where TRow : class
        => new EnumerableDataView<TRow>(data, RowLayout.Create(typeof(TRow), schemaDefinition, SchemaDefinition.Direction.Read));

    /// <summary>The columns of the schema, with its types and annotations; each must have a member.</summary>
    public static IDataView CreateFromEnumerable<TRow>(IHostEnvironment env, IEnumerable<TRow> data, DataViewSchema schema)
        where TRow : class
        => CreateFromEnumerable(env, data, GetSchemaDefinition<TRow>(env, schema));

    public static SchemaDefinition GetSchemaDefinition<TRow>(IHostEnvironment env, DataViewSchema schema)
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read);
        foreach (DataViewSchema.Column column in schema)
        {
            SchemaDefinition.Column member = definition[column.Name];
            Contracts.Check(member != null, $"Type should contain a member named {column.Name}");
            member.ColumnType = column.Type;
            foreach (DataViewSchema.Column annotation in column.Annotations.Schema)
            {
                Delegate getter = (Delegate)Generic.Call(
                    typeof(DataViewConstructionUtils),
                    nameof(AnnotationGetter),
                    null,
                    annotation.Type.RawType,
                    column.Annotations,
                    annotation);
                member.MemberAnnotations.Add(new MemberAnnotation(annotation.Name, annotation.Type, getter));
            }
        }
        return definition;
    }

    public static InputRow<TRow> CreateInputRow<TRow>(IHostEnvironment env, SchemaDefinition schemaDefinition = null)
        where TRow : class
        => new(RowLayout.Create(typeof(TRow), schemaDefinition, SchemaDefinition.Direction.Read));

    private static Delegate AnnotationGetter<T>(DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
        => annotations.GetGetter<T>(annotation);
}
