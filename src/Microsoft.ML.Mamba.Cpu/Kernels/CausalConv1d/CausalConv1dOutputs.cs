namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Outputs of the causal convolution's forward pass.</summary>
internal readonly ref struct CausalConv1dOutputs
{
    /// <summary>Output y, [T, channels]; overwritten.</summary>
    public required Span<float> Y { get; init; }

    public int YStride { get; init; }

    /// <summary>
    /// Inputs that the next token will need, oldest first, [sequences, k - 1, channels]; optional; overwritten; may be the memory of the
    /// initial inputs.
    /// </summary>
    public Span<float> FinalInputs { get; init; }
}
