namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Outputs of the selective scan's forward pass.</summary>
internal readonly ref struct SelectiveScanOutputs
{
    /// <summary>Output y, [T, channels]; overwritten, or added to with <see cref="AccumulateY"/>.</summary>
    public required Span<float> Y { get; init; }

    public int YStride { get; init; }

    /// <summary>Whether the output is added to what <see cref="Y"/> holds (the second direction of a bidirectional layer).</summary>
    public bool AccumulateY { get; init; }

    /// <summary>State after the last token read, [sequences, channels, state]; optional; overwritten; may be the memory of the initial state.</summary>
    public Span<float> FinalState { get; init; }

    /// <summary>States at chunk borders for the backward pass, <see cref="SelectiveScan.BorderStateSize"/> floats; optional; overwritten.</summary>
    public Span<float> BorderStates { get; init; }
}
