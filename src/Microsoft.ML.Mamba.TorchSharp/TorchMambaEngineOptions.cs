namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>Options of <see cref="TorchMambaEngine"/>. Immutable.</summary>
public sealed record TorchMambaEngineOptions
{
    /// <summary>In which numbers the engine computes. Default <see cref="TorchPrecision.Float32"/>; weights are float32 in any case.</summary>
    public TorchPrecision Precision { get; init; }
}
