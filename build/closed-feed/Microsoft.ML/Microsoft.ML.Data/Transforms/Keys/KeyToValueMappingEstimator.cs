namespace Microsoft.ML.Transforms;

public sealed class KeyToValueMappingEstimator : TrivialEstimator<KeyToValueMappingTransformer>
{
    internal KeyToValueMappingEstimator(IHostEnvironment env, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(KeyToValueMappingEstimator)), new KeyToValueMappingTransformer(env, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Guard.Value(inputSchema, nameof(inputSchema));
        var result = new ShapeEditor(inputSchema);
        foreach ((string output, string input) in Transformer.ColumnPairs)
        {
            SchemaShape.Column source = result.Find(input);
            if (!source.IsKey)
                throw Guard.WrongType(nameof(inputSchema), "input", input, "KeyType", source.GetTypeString());
            if (!source.Annotations.TryFindColumn(AnnotationNames.KeyValues, out SchemaShape.Column values))
                throw Guard.ParamError(nameof(inputSchema), $"Input column '{input}' doesn't contain key values metadata");
            SchemaShape annotations = null;
            if (source.Annotations.TryFindColumn(AnnotationNames.SlotNames, out SchemaShape.Column slotNames))
                annotations = new SchemaShape([slotNames]);
            result.Set(new SchemaShape.Column(output, source.Kind, values.ItemType, values.IsKey, annotations));
        }
        return result.ToShape();
    }
}
