using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>What one direction of a mixer computes on the way and its backward pass needs again; the rest is recomputed.</summary>
internal readonly struct DirectionTape
{
    /// <summary>Output of the convolution, [T, DInner].</summary>
    public NativeBuffer<float> U { get; init; }

    /// <summary>Output of x_proj, before any norm: dt of low rank, B and C in one row, [T, DtRank + 2 DState].</summary>
    public NativeBuffer<float> DtBC { get; init; }

    /// <summary>The scan's states at chunk borders; empty in inference.</summary>
    public NativeBuffer<float> BorderStates { get; init; }

    /// <summary>Buffers for the tokens of a pass.</summary>
    public static DirectionTape Allocate(in LayerContext context, bool training)
    {
        MambaConfig config = context.Config;
        return new DirectionTape
        {
            U = context.Rows(config.DInner),
            DtBC = context.Rows(config.EffectiveDtRank + 2 * config.DState),
            BorderStates = training
                ? context.Arena.Allocate<float>(SelectiveScan.BorderStateSize(context.Tokens, config.DInner, config.DState, 1))
                : default,
        };
    }
}
