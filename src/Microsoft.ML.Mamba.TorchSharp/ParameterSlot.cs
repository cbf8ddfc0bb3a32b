namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>One parameter of a model on the device: views of the flat buffers that hold all of them.</summary>
internal sealed class ParameterSlot(Parameter value, Tensor compute)
{
    /// <summary>The float32 weights in the parameter's own shape.</summary>
    public Parameter Value { get; } = value;

    /// <summary>A matrix as the products read it, [outputs, inputs], in the engine's precision; other parameters are the weights themselves.</summary>
    public Tensor Compute { get; } = compute;

    /// <summary>Where gradients are added, float32 in the parameter's shape; null while nobody trains.</summary>
    public Tensor? Gradient { get; set; }
}
