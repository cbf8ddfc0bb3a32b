using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>From token ids or frames to the residual stream, [T, DModel].</summary>
internal static class InputLayer
{
    /// <summary>A piece of a batch, without positions.</summary>
    /// <param name="context">The piece's pass.</param>
    /// <param name="parameters">The model's.</param>
    /// <param name="batch">The whole batch.</param>
    /// <param name="tokenOffsets">The whole batch's <see cref="TokenOffsets"/>.</param>
    /// <param name="piece">The piece.</param>
    /// <param name="residual">Overwritten.</param>
    public static void Forward(
        in LayerContext context, ModelParameters parameters, SequenceBatch batch, ReadOnlySpan<int> tokenOffsets, in SequencePiece piece, Span<float> residual)
    {
        if (batch.IsTokens)
        {
            ForwardTokens(context, parameters, batch.Tokens.Slice(piece.FirstToken, piece.Tokens), residual);
        }
        else if (context.Config.HasPatches)
        {
            NativeArena.Mark mark = context.Arena.GetMark();
            ForwardFrames(context, parameters, GatherPatches(context, batch, tokenOffsets, piece), residual);
            context.Arena.Release(mark);
        }
        else
        {
            ForwardFrames(context, parameters, batch.Frames.Slice(piece.FirstToken * batch.Channels, piece.Tokens * batch.Channels), residual);
        }
    }

    public static void ForwardTokens(in LayerContext context, ModelParameters parameters, ReadOnlySpan<int> tokens, Span<float> residual) =>
        Embedding.Forward(context.Config.DModel, tokens, parameters.Embedding, residual, context.Config.DModel, context.Parallel);

    /// <param name="context">The pass.</param>
    /// <param name="parameters">The model's.</param>
    /// <param name="frames">Frames or patches, [T, InputWidth].</param>
    /// <param name="residual">Overwritten.</param>
    public static void ForwardFrames(in LayerContext context, ModelParameters parameters, ReadOnlySpan<float> frames, Span<float> residual)
    {
        int width = context.Config.DModel, inputs = context.Config.InputWidth;
        Linear.Forward(context, context.Tokens, frames, inputs, parameters.InputWeight, parameters.InputBias, residual, width);
    }

    /// <summary>The patches of a piece, [T, InputWidth], in new memory.</summary>
    public static NativeBuffer<float> GatherPatches(in LayerContext context, SequenceBatch batch, ReadOnlySpan<int> tokenOffsets, in SequencePiece piece)
    {
        MambaConfig config = context.Config;
        NativeBuffer<float> patches = context.Rows(config.InputWidth);
        ReadOnlySpan<int> frameOffsets = batch.Offsets.Slice(piece.FirstSequence, piece.Sequences + 1);
        if (piece.IsStretch)
        {
            NativeBuffer<int> stretch = context.Arena.Allocate<int>(2);
            stretch.Span[0] = frameOffsets[0] + (piece.FirstToken - tokenOffsets[piece.FirstSequence]) * config.EffectivePatchStride;
            stretch.Span[1] = frameOffsets[1];
            frameOffsets = stretch;
        }

        Patches.Gather(
            config.InputChannels, config.EffectivePatchLength, config.EffectivePatchStride, batch.Frames, frameOffsets, context.Offsets, patches, context.Parallel);
        return patches;
    }

    /// <summary>Adds the embeddings of the tokens' positions, where the model has any.</summary>
    /// <param name="context">The pass.</param>
    /// <param name="parameters">The model's.</param>
    /// <param name="firstPositions">The position of each sequence's first token, [sequences]; empty where all begin at 0.</param>
    /// <param name="residual">Accumulated.</param>
    public static void AddPositions(in LayerContext context, ModelParameters parameters, ReadOnlySpan<long> firstPositions, Span<float> residual)
    {
        int width = context.Config.DModel;
        if (context.Config.MaxPositions > 0)
            PositionEmbedding.Forward(width, context.Offsets, firstPositions, parameters.Positions, residual, width, context.Parallel);
    }
}
