namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Inputs of the selective scan. T tokens of all sequences lie end to end, token-major. A stride is the distance of two rows in
/// floats (0: rows are dense), so that a row may be a slice of a wider one. An empty span means that an optional input is absent.
/// </summary>
internal readonly ref struct SelectiveScanArguments
{
    public SelectiveScanArguments()
    {
    }

    /// <summary>Number of channels, DInner; at least 1.</summary>
    public required int Channels { get; init; }

    /// <summary>State size N, 1 to 256.</summary>
    public required int StateSize { get; init; }

    /// <summary>Groups of B and C; divides the channels, and channel c uses group c / (Channels / Groups).</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Where sequences begin and end, [sequences + 1].</summary>
    public required ReadOnlySpan<int> Offsets { get; init; }

    /// <summary>Input x, [T, channels].</summary>
    public required ReadOnlySpan<float> X { get; init; }

    public int XStride { get; init; }

    /// <summary>Step size dt before bias and softplus, [T, channels].</summary>
    public required ReadOnlySpan<float> Dt { get; init; }

    public int DtStride { get; init; }

    /// <summary>Bias of dt, [channels]; optional.</summary>
    public ReadOnlySpan<float> DtBias { get; init; }

    /// <summary>Whether delta = softplus(dt + bias) rather than dt + bias.</summary>
    public bool Softplus { get; init; }

    /// <summary>State matrix's diagonal A = -exp(ALog), [channels, state].</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>Input projections B, [T, groups, state].</summary>
    public required ReadOnlySpan<float> B { get; init; }

    public int BStride { get; init; }

    /// <summary>Output projections C, [T, groups, state].</summary>
    public required ReadOnlySpan<float> C { get; init; }

    public int CStride { get; init; }

    /// <summary>Skip connection D, [channels]; optional.</summary>
    public ReadOnlySpan<float> D { get; init; }

    /// <summary>Gate z, [T, channels]; optional.</summary>
    public ReadOnlySpan<float> Z { get; init; }

    public int ZStride { get; init; }

    /// <summary>State before the first token read, [sequences, channels, state]; optional, zero without it.</summary>
    public ReadOnlySpan<float> InitialState { get; init; }

    /// <summary>Whether each sequence is read from its last token to its first.</summary>
    public bool Reverse { get; init; }

    /// <summary>
    /// Whether the sequences are stretches of longer ones. A stretch of a single token is then summed in the order of longer ones, so that
    /// cutting changes no bit; otherwise it is taken as a stream's step, which is faster.
    /// </summary>
    public bool Stretches { get; init; }
}
