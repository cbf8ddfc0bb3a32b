using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>From token ids or frames to the residual stream, [T, DModel].</summary>
internal static class InputLayer
{
    /// <summary>A piece of a batch, without positions.</summary>
    public static void Forward(in LayerContext context, ModelParameters parameters, SequenceBatch batch, in SequencePiece piece, Span<float> residual)
    {
        if (batch.IsTokens)
            ForwardTokens(context, parameters, batch.Tokens.Slice(piece.FirstToken, piece.Tokens), residual);
        else
            ForwardFrames(context, parameters, batch.Frames.Slice(piece.FirstToken * batch.Channels, piece.Tokens * batch.Channels), residual);
    }

    public static void ForwardTokens(in LayerContext context, ModelParameters parameters, ReadOnlySpan<int> tokens, Span<float> residual) =>
        Embedding.Forward(context.Config.DModel, tokens, parameters.Embedding, residual, context.Config.DModel, context.Parallel);

    /// <param name="context">The pass.</param>
    /// <param name="parameters">The model's.</param>
    /// <param name="frames">[T, InputChannels].</param>
    /// <param name="residual">Overwritten.</param>
    public static void ForwardFrames(in LayerContext context, ModelParameters parameters, ReadOnlySpan<float> frames, Span<float> residual)
    {
        int width = context.Config.DModel, channels = context.Config.InputChannels;
        Linear.Forward(context, context.Tokens, frames, channels, parameters.InputWeight, parameters.InputBias, residual, width);
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
