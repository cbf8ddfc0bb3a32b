namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Incoming and outgoing gradients of the selective scan. Gradients of per-token tensors are overwritten (=), or added (+=) where an
/// Accumulate flag says so; those of parameters (A, D, DtBias) are always added; that of the initial state is overwritten.
/// Optional destinations may be left empty; those of inputs that the call does not have must be.
/// </summary>
internal readonly ref struct SelectiveScanGradients
{
    /// <summary>Incoming dL/dY, [T, channels].</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    public int GradYStride { get; init; }

    /// <summary>Incoming dL/dFinalState, [sequences, channels, state]; optional, zero without it.</summary>
    public ReadOnlySpan<float> GradFinalState { get; init; }

    /// <summary>= dL/dX, [T, channels].</summary>
    public required Span<float> GradX { get; init; }

    public int GradXStride { get; init; }

    public bool AccumulateX { get; init; }

    /// <summary>= dL/dDt (before bias and softplus), [T, channels].</summary>
    public required Span<float> GradDt { get; init; }

    public int GradDtStride { get; init; }

    public bool AccumulateDt { get; init; }

    /// <summary>= dL/dB, [T, groups, state].</summary>
    public required Span<float> GradB { get; init; }

    public int GradBStride { get; init; }

    public bool AccumulateB { get; init; }

    /// <summary>= dL/dC, [T, groups, state].</summary>
    public required Span<float> GradC { get; init; }

    public int GradCStride { get; init; }

    public bool AccumulateC { get; init; }

    /// <summary>= dL/dZ, [T, channels]; needed with a gate.</summary>
    public Span<float> GradZ { get; init; }

    public int GradZStride { get; init; }

    public bool AccumulateZ { get; init; }

    /// <summary>+= dL/dA, [channels, state].</summary>
    public required Span<float> GradA { get; init; }

    /// <summary>+= dL/dD, [channels]; needed with D.</summary>
    public Span<float> GradD { get; init; }

    /// <summary>+= dL/dDtBias, [channels]; needed with the bias.</summary>
    public Span<float> GradDtBias { get; init; }

    /// <summary>= dL/dInitialState, [sequences, channels, state]; optional, also without an initial state.</summary>
    public Span<float> GradInitialState { get; init; }
}
