namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Incoming and outgoing gradients of the causal convolution: that of X is overwritten (=) or added, those of parameters are
/// always added (+=).
/// </summary>
internal readonly ref struct CausalConv1dGradients
{
    /// <summary>Incoming dL/dY, [T, channels].</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    public int GradYStride { get; init; }

    /// <summary>= dL/dX, [T, channels].</summary>
    public required Span<float> GradX { get; init; }

    public int GradXStride { get; init; }

    /// <summary>Whether dL/dX is added to what <see cref="GradX"/> holds (the second direction of a bidirectional layer).</summary>
    public bool AccumulateX { get; init; }

    /// <summary>+= dL/dWeight, [channels, k].</summary>
    public required Span<float> GradWeight { get; init; }

    /// <summary>+= dL/dBias, [channels]; needed with a bias.</summary>
    public Span<float> GradBias { get; init; }
}
