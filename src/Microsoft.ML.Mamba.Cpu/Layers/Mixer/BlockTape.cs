using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>What a block computes on the way and its backward pass needs again.</summary>
internal readonly struct BlockTape
{
    /// <summary>Output of in_proj: x in the first half of each row, the gate z in the second, [T, 2 DInner].</summary>
    public NativeBuffer<float> XZ { get; init; }

    public DirectionTape Forward { get; init; }

    /// <summary>Empty where the model reads in one direction.</summary>
    public DirectionTape Reversed { get; init; }

    /// <summary>[T, DInner]: the gated output of the only direction, or the sum of both directions before the gate.</summary>
    public NativeBuffer<float> Y { get; init; }

    public static BlockTape Allocate(in LayerContext context, bool training) => new()
    {
        XZ = context.Rows(2 * context.Config.DInner),
        Forward = DirectionTape.Allocate(context, training),
        Reversed = context.Config.IsBidirectional ? DirectionTape.Allocate(context, training) : default,
        Y = context.Rows(context.Config.DInner),
    };
}
