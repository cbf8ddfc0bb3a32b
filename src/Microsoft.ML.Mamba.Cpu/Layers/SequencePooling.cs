using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>Pooling of whole sequences, with what its backward pass needs.</summary>
internal readonly struct SequencePooling
{
    private readonly NativeBuffer<int> _argMax;
    private readonly NativeBuffer<float> _weights;

    private SequencePooling(in LayerContext context)
    {
        MambaConfig config = context.Config;
        _argMax = context.Arena.Allocate<int>(config.Pooling == MambaPooling.Max ? checked(context.Sequences * config.DModel) : 0);
        _weights = context.Arena.Allocate<float>(config.Pooling == MambaPooling.Attention ? context.Tokens : 0);
        Pooled = context.Arena.Allocate<float>(checked(context.Sequences * config.DModel));
    }

    /// <summary>[sequences, DModel].</summary>
    public NativeBuffer<float> Pooled { get; }

    /// <param name="context">The pass.</param>
    /// <param name="query">[DModel] for attention, else empty.</param>
    /// <param name="hidden">[T, DModel].</param>
    public static SequencePooling Forward(in LayerContext context, ReadOnlySpan<float> query, ReadOnlySpan<float> hidden)
    {
        var result = new SequencePooling(context);
        int width = context.Config.DModel;
        Pooling.Forward(context.Config.Pooling, width, hidden, width, context.Offsets, query, result.Pooled, result._argMax, result._weights, context.Parallel);
        return result;
    }

    /// <param name="context">The pass.</param>
    /// <param name="query">As in the forward pass.</param>
    /// <param name="hidden">As in the forward pass.</param>
    /// <param name="gradPooled">[sequences, DModel].</param>
    /// <param name="gradHidden">Overwritten, [T, DModel].</param>
    /// <param name="gradQuery">Added to (+=).</param>
    public void Backward(
        in LayerContext context, ReadOnlySpan<float> query, ReadOnlySpan<float> hidden, ReadOnlySpan<float> gradPooled, Span<float> gradHidden,
        Span<float> gradQuery)
    {
        MambaPooling kind = context.Config.Pooling;
        int width = context.Config.DModel;
        Pooling.Backward(
            kind, width, hidden, width, context.Offsets, query, _argMax, _weights, gradPooled, gradHidden, width, gradQuery,
            context.Arena.Allocate<float>(Pooling.BackwardWorkspaceSize(kind, context.Tokens)), context.Parallel);
    }
}
