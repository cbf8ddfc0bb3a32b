namespace Microsoft.ML.Mamba;

/// <summary>Makes models that run on one kind of hardware. Thread-safe.</summary>
public interface IMambaEngine
{
    /// <summary>A short name for logs, such as <c>cpu</c>.</summary>
    string Name { get; }

    /// <summary>Creates a model from a configuration and its weights.</summary>
    /// <param name="config">The configuration; validated here.</param>
    /// <param name="weights">Exactly the parameters that <see cref="MambaParameters.List"/> names for <paramref name="config"/>; copied.</param>
    /// <returns>A model that owns its copy of the weights.</returns>
    /// <exception cref="ArgumentException">The configuration is invalid, or a parameter is missing, superfluous or of another shape.</exception>
    IMambaModel CreateModel(MambaConfig config, MambaWeights weights);
}
