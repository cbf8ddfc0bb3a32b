using Microsoft.ML.Mamba.TorchSharp.Autograd;
using Microsoft.ML.Mamba.TorchSharp.Modules;
using MambaBlock = Microsoft.ML.Mamba.TorchSharp.Modules.MambaBlock;

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>
/// A bidirectional block over one long sequence, stretch by stretch: first from its end, for the reversed direction, then from its start. Only the residual
/// stream and the reversed direction's output are as long as the sequence; in_proj is computed twice.
/// </summary>
internal static class LongBidirectionalBlock
{
    /// <summary>Adds the block's output to <paramref name="residual"/>, [T, DModel], float32.</summary>
    public static void Forward(
        ModelCore model, MambaBlock block, IReadOnlyList<ChunkPlan.Chunk> stretches, Tensor residual, CancellationToken cancellationToken)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = empty(residual.shape[0], model.Config.DInner, dtype: model.Kernels.ElementType, device: model.Device);
        DirectionState state = DirectionState.Zero(model.Config, model.Device);
        for (int i = stretches.Count - 1; i >= 0; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope inner = NewDisposeScope();
            ChunkPlan.Chunk stretch = stretches[i];
            block.Mixer.MixReversed(stretch.Rows, model.AddNorm(null, stretch.Of(residual), block.Norm), stretch.Of(y), state);
        }

        state.Clear();
        foreach (ChunkPlan.Chunk stretch in stretches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope inner = NewDisposeScope();
            Tensor rows = stretch.Of(residual);
            rows.add_(block.Mixer.CompleteForward(stretch.Rows, model.AddNorm(null, rows, block.Norm), stretch.Of(y), state));
        }
    }
}
