namespace Microsoft.ML.Transforms;

public sealed class ColumnCopyingEstimator : TrivialEstimator<ColumnCopyingTransformer>
{
    internal ColumnCopyingEstimator(IHostEnvironment env, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(ColumnCopyingEstimator)), new ColumnCopyingTransformer(env, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Guard.Value(inputSchema, nameof(inputSchema));
        var result = new ShapeEditor(inputSchema);
        foreach ((string output, string input) in Transformer.ColumnPairs)
        {
            SchemaShape.Column source = result.Find(input);
            result.Set(new SchemaShape.Column(output, source.Kind, source.ItemType, source.IsKey, source.Annotations));
        }
        return result.ToShape();
    }
}
