namespace Microsoft.ML.Transforms;

public sealed class ColumnCopyingEstimator : TrivialEstimator<ColumnCopyingTransformer>
{
    internal ColumnCopyingEstimator(IHostEnvironment env, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(ColumnCopyingEstimator)), new ColumnCopyingTransformer(env, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        => ShapeEditor.Map(inputSchema, Transformer.ColumnPairs, (_, output, source)
            => new SchemaShape.Column(output, source.Kind, source.ItemType, source.IsKey, source.Annotations));
}
