namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Inputs of the causal depthwise convolution. T tokens of all sequences lie end to end, token-major. A stride is the distance of
/// two rows in floats (0: rows are dense). An empty span means that an optional input is absent.
/// </summary>
internal readonly ref struct CausalConv1dArguments
{
    /// <summary>Number of channels; at least 1.</summary>
    public required int Channels { get; init; }

    /// <summary>Kernel size k (DConv), 1 to 64.</summary>
    public required int KernelSize { get; init; }

    /// <summary>Where sequences begin and end, [sequences + 1].</summary>
    public required ReadOnlySpan<int> Offsets { get; init; }

    /// <summary>Input x, [T, channels].</summary>
    public required ReadOnlySpan<float> X { get; init; }

    public int XStride { get; init; }

    /// <summary>Weights, [channels, k]; the last one meets the current token.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>Bias, [channels]; optional.</summary>
    public ReadOnlySpan<float> Bias { get; init; }

    /// <summary>Whether SiLU follows the convolution.</summary>
    public bool Silu { get; init; }

    /// <summary>Inputs read before the first token, oldest first, [sequences, k - 1, channels]; optional, zero without them.</summary>
    public ReadOnlySpan<float> InitialInputs { get; init; }

    /// <summary>Whether each sequence is read from its last token to its first.</summary>
    public bool Reverse { get; init; }
}
