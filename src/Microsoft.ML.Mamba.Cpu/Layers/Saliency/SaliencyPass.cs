using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>
/// Gradient x input: a forward and a backward pass that ends at the inputs. A batch goes through it in pieces of whole sequences, so that memory does not grow
/// with the number of sequences. Packed weights in one direction and row-wise products in the other: no sequence's result depends on its neighbours.
/// </summary>
internal static class SaliencyPass
{
    private static readonly MambaTrainingSettings s_withoutDropout = new();

    /// <param name="model">The model, its weights packed.</param>
    /// <param name="batch">Checked.</param>
    /// <param name="targets">Checked; -1 for the largest logit.</param>
    /// <param name="saliency">[batch.TokenCount], overwritten.</param>
    /// <param name="logits">[batch.Count, NumClasses], overwritten.</param>
    /// <param name="arena">Scratch memory.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    public static void Run(
        ModelCore model, SequenceBatch batch, ReadOnlySpan<int> targets, Span<float> saliency, Span<float> logits, NativeArena arena,
        CancellationToken cancellationToken)
    {
        var backbone = new BackbonePass(model, s_withoutDropout, gradients: null);
        ReadOnlySpan<int> tokenOffsets = TokenOffsets.Of(model.Config, batch, arena);
        var reader = new PieceReader(tokenOffsets, InferencePass.PieceTokens(model.Config), splitsSequences: false);
        int classes = model.Config.NumClasses;
        while (reader.TryRead(out SequencePiece piece))
        {
            NativeArena.Mark mark = arena.GetMark();
            NativeBuffer<int> offsets = piece.Rebase(tokenOffsets, arena);
            var context = new LayerContext { Config = model.Config, Arena = arena, Parallel = model.Parallel, UsesPackedWeights = true, Offsets = offsets };
            NativeBuffer<float> gradient = Gradient(
                context, model, backbone, batch, tokenOffsets, piece, targets.Slice(piece.FirstSequence, piece.Sequences),
                logits.Slice(piece.FirstSequence * classes, piece.Sequences * classes), cancellationToken);
            TimesInput(context, model, batch, tokenOffsets, piece, gradient, saliency);
            arena.Release(mark);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>The gradient of the targets' logits with respect to the first block's input, [T, DModel].</summary>
    private static NativeBuffer<float> Gradient(
        in LayerContext context, ModelCore model, BackbonePass backbone, SequenceBatch batch, ReadOnlySpan<int> tokenOffsets, in SequencePiece piece,
        ReadOnlySpan<int> targets, Span<float> logits, CancellationToken cancellationToken)
    {
        MambaConfig config = context.Config;
        int width = config.DModel, classes = config.NumClasses;
        NativeBuffer<float> input = context.Rows(width);
        InputLayer.Forward(context, model.Parameters, batch, tokenOffsets, piece, input);
        InputLayer.AddPositions(context, model.Parameters, default, input);
        // A long sequence's blocks are recomputed one by one, so that the insides of only one are held at a time.
        int chunkTokens = piece.Tokens > InferencePass.PieceTokens(config) ? int.MaxValue : 0;
        backbone.Forward(context, input, chunkTokens, 0, cancellationToken);

        SequencePooling pooling = SequencePooling.Forward(context, model.Parameters.Query, backbone.Hidden);
        Linear.Forward(
            context, context.Sequences, pooling.Pooled, width, model.Parameters.ClassifierWeight, model.Parameters.ClassifierBias, logits, classes);
        NativeBuffer<float> gradPooled = context.Arena.Allocate<float>(context.Sequences * width), gradient = context.Rows(width);
        for (int i = 0; i < targets.Length; i++)
        {
            int target = targets[i] >= 0 ? targets[i] : Logits.IndexOfLargest(logits.Slice(i * classes, classes));
            model.Parameters.ClassifierWeight.Values.Slice(target * width, width).Span.CopyTo(gradPooled.Span[(i * width)..]);
        }

        pooling.Backward(
            context, model.Parameters.Query, backbone.Hidden, gradPooled, gradient, context.Arena.AllocateZeroed<float>(model.Parameters.Query.Length));
        backbone.Backward(context, gradient, 0, cancellationToken);
        return gradient;
    }

    private static void TimesInput(
        in LayerContext context, ModelCore model, SequenceBatch batch, ReadOnlySpan<int> tokenOffsets, in SequencePiece piece, NativeBuffer<float> gradient,
        Span<float> saliency)
    {
        MambaConfig config = context.Config;
        int width = config.DModel, channels = batch.Channels;
        if (batch.IsTokens)
        {
            NativeBuffer<float> embedded = context.Rows(width);
            InputLayer.Forward(context, model.Parameters, batch, tokenOffsets, piece, embedded);
            RowProducts.Compute(
                context.Tokens, width, gradient, width, embedded, width, saliency.Slice(piece.FirstToken, piece.Tokens), context.Parallel);
            return;
        }

        NativeBuffer<float> gradInputs = context.Rows(config.InputWidth), gradFrames = gradInputs;
        Linear.BackwardInput(context, context.Tokens, gradient, width, model.Parameters.InputWeight, gradInputs, config.InputWidth);
        int first = batch.Offsets[piece.FirstSequence], frames = batch.Offsets[piece.FirstSequence + piece.Sequences] - first;
        if (config.HasPatches)
        {
            NativeBuffer<int> frameOffsets = context.Arena.Allocate<int>(piece.Sequences + 1);
            for (int i = 0; i <= piece.Sequences; i++)
                frameOffsets.Span[i] = batch.Offsets[piece.FirstSequence + i] - first;
            gradFrames = context.Arena.Allocate<float>(checked(frames * channels));
            Patches.Scatter(
                channels, config.EffectivePatchLength, config.EffectivePatchStride, gradInputs, frameOffsets, context.Offsets, gradFrames, context.Parallel);
        }

        RowProducts.Compute(
            frames, channels, gradFrames, channels, batch.Frames.Slice(first * channels, frames * channels), channels, saliency.Slice(first, frames),
            context.Parallel);
    }
}
