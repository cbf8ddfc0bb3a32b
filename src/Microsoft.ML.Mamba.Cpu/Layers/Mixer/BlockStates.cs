namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>What both directions of a block carry from one piece of a sequence to the next. Empty where sequences begin, or where there is one direction.</summary>
internal readonly ref struct BlockStates
{
    public DirectionState Forward { get; init; }

    public DirectionState Reversed { get; init; }
}
