namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>
/// What one direction of a mixer carries from one piece of a sequence to the next; read and then overwritten. Empty spans: sequences begin here.
/// </summary>
internal readonly ref struct DirectionState
{
    /// <summary>[sequences, DConv - 1, DInner].</summary>
    public Span<float> ConvInputs { get; init; }

    /// <summary>[sequences, DInner, DState].</summary>
    public Span<float> ScanStates { get; init; }
}
