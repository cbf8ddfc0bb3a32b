namespace Microsoft.ML.Transforms;

public sealed class KeyToValueMappingEstimator : TrivialEstimator<KeyToValueMappingTransformer>
{
    internal KeyToValueMappingEstimator(IHostEnvironment env, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(KeyToValueMappingEstimator)), new KeyToValueMappingTransformer(env, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        => ShapeEditor.Map(inputSchema, Transformer.ColumnPairs, (_, output, source) => MakeColumn(output, source));

    private static SchemaShape.Column MakeColumn(string output, SchemaShape.Column source)
    {
        if (!source.IsKey)
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", source.Name, "KeyType", source.GetTypeString());
        if (!source.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out SchemaShape.Column values))
            throw Contracts.ExceptParam("inputSchema", $"Input column '{source.Name}' doesn't contain key values metadata");
        SchemaShape annotations = null;
        if (source.Annotations.TryFindColumn(AnnotationUtils.Kinds.SlotNames, out SchemaShape.Column slotNames))
            annotations = new SchemaShape([slotNames]);
        return new SchemaShape.Column(output, source.Kind, values.ItemType, values.IsKey, annotations);
    }
}
