using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;

namespace Microsoft.ML.Mamba;

/// <summary>
/// Adds features or saliency of a trained classifier. Made by <c>mlContext.Transforms.MambaFeaturize</c> and <c>MambaSaliency</c>. It
/// trains nothing, so that it can stand before any trainer. Immutable and thread-safe.
/// </summary>
public sealed class MambaOutputEstimator : IEstimator<MambaOutputTransformer>
{
    private readonly MambaTransformer _model;
    private readonly ModelDefinition _definition;

    internal MambaOutputEstimator(MambaTransformer model, ModelDefinition definition)
    {
        _model = model;
        _definition = definition;
    }

    /// <summary>Checks the data's columns; reads no row.</summary>
    /// <param name="input">Rows with the sequence column.</param>
    /// <exception cref="ArgumentException">The sequence column is missing, of another kind than in training, or has another number of channels or keys.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public MambaOutputTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        MambaOutputTransformer transformer = _model.Derive(_definition);
        try
        {
            transformer.GetOutputSchema(input.Schema);
            return transformer;
        }
        catch
        {
            transformer.Dispose();
            throw;
        }
    }

    /// <summary>The shape of the schema that the transformer will give.</summary>
    /// <param name="inputSchema">The shape of the input's schema.</param>
    /// <exception cref="ArgumentException">The sequence column is missing or of another kind than in training.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return OutputShape.Of(inputSchema, _definition);
    }
}
