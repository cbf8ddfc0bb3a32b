namespace Microsoft.ML.Mamba.Tests.Support;

/// <summary>An estimator that remembers the schema shape that the estimators before it promise; it copies the scores as <c>Probe</c>.</summary>
internal sealed class ShapeProbe(MLContext ml) : IEstimator<ITransformer>
{
    public SchemaShape? Shape { get; private set; }

    public ITransformer Fit(IDataView input) => ml.Transforms.CopyColumns("Probe", "Score").Fit(input);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Shape = inputSchema;
        return inputSchema;
    }
}
