using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>
/// A forward pass that keeps nothing for a backward pass. Each piece of the batch goes through all layers before the next begins, so that memory does not grow
/// with the batch; between the stretches of one long sequence a causal model carries its state, as in streaming.
/// </summary>
internal static class InferencePass
{
    /// <summary>Asks for the head's output rather than a layer's.</summary>
    public const int Head = -2;

    /// <summary>Asks for the vectors that the classifier's head reads.</summary>
    public const int Pooled = -3;

    private const int FloatsPerPiece = 1 << 19;
    private const int FewestTokens = 256;
    private const int MostTokens = 2048;

    /// <param name="model">The model.</param>
    /// <param name="batch">Checked.</param>
    /// <param name="layer"><see cref="Head"/>, <see cref="Pooled"/>, or as for <see cref="IMambaModel.ForwardHidden"/>.</param>
    /// <param name="pieceTokens">Tokens of a piece, such as <see cref="PieceTokens"/>; no bit of the result depends on it, save that of a stream.</param>
    /// <param name="stream">What the sequences go on from, in and out; null where they begin.</param>
    /// <param name="output">Overwritten.</param>
    /// <param name="arena">Scratch memory.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    public static void Run(
        ModelCore model, SequenceBatch batch, int layer, int pieceTokens, StreamMemory? stream, Span<float> output, NativeArena arena,
        CancellationToken cancellationToken)
    {
        MambaConfig config = model.Config;
        ReadOnlySpan<int> tokenOffsets = TokenOffsets.Of(config, batch, arena);
        var reader = new PieceReader(tokenOffsets, pieceTokens, splitsSequences: !config.IsBidirectional);
        StreamMemory? carried = stream;
        while (reader.TryRead(out SequencePiece piece))
        {
            StreamMemory? memory = stream;
            if (stream is null && piece.IsStretch)
            {
                memory = carried ??= new StreamMemory(arena, config, 1);
                if (piece.Begins)
                    memory.Clear();
            }

            NativeArena.Mark mark = arena.GetMark();
            // A stream counts from where it stands; otherwise only a later stretch of a sequence begins above 0.
            long start = piece.FirstToken - tokenOffsets[piece.FirstSequence];
            ReadOnlySpan<long> positions = stream is not null ? stream.Pooling.Positions.Slice(piece.FirstSequence, piece.Sequences)
                : piece.IsStretch ? new ReadOnlySpan<long>(in start)
                : default;
            NativeBuffer<int> offsets = piece.Rebase(tokenOffsets, arena);
            var context = new LayerContext
            {
                Config = config, Arena = arena, Parallel = model.Parallel, UsesPackedWeights = true,
                IsStretch = stream is null && piece.IsStretch, Offsets = offsets,
            };
            NativeBuffer<float> residual = context.Rows(config.DModel);
            InputLayer.Forward(context, model.Parameters, batch, tokenOffsets, piece, residual);
            InputLayer.AddPositions(context, model.Parameters, positions, residual);
            int firstStream = stream is null ? 0 : piece.FirstSequence;
            RunBlocks(context, model, layer, pieceTokens, memory, firstStream, residual, cancellationToken);
            Write(context, model.Parameters, piece, layer, memory, firstStream, residual, output);
            arena.Release(mark);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Tokens of a piece: such that its activations stay in the cache, while the matrix products are still large.</summary>
    internal static int PieceTokens(MambaConfig config)
    {
        long floatsPerToken = 2L * config.DModel + 5L * config.DInner + DtBCSlices.WidthOf(config);
        return (int)Math.Clamp(FloatsPerPiece / floatsPerToken, FewestTokens, MostTokens);
    }

    private static void RunBlocks(
        in LayerContext context, ModelCore model, int layer, int pieceTokens, StreamMemory? memory, int firstStream, NativeBuffer<float> residual,
        CancellationToken cancellationToken)
    {
        MambaConfig config = context.Config;
        int blocks = layer < 0 ? config.NumLayers : layer;
        for (int k = 0; k < blocks; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            NativeArena.Mark mark = context.Arena.GetMark();
            if (config.IsBidirectional && context.Tokens > pieceTokens)
            {
                LongBidirectionalBlock.Forward(context, model.Parameters.Blocks[k], model.Matrices, k, pieceTokens, residual, cancellationToken);
            }
            else
            {
                DirectionState state = memory is null ? default : memory.Get(k, firstStream, context.Sequences);
                BlockTape tape = BlockTape.Allocate(context, training: false);
                MambaBlock.Forward(
                    context, model.Parameters.Blocks[k], model.Matrices, k, residual, tape, residual, accumulate: true,
                    new BlockStates { Forward = state });
            }

            context.Arena.Release(mark);
        }
    }

    private static void Write(
        in LayerContext context, ModelParameters parameters, in SequencePiece piece, int layer, StreamMemory? memory, int firstStream,
        NativeBuffer<float> residual, Span<float> output)
    {
        MambaConfig config = context.Config;
        int start = piece.FirstToken * config.DModel;
        if (layer >= 0)
        {
            residual.Span.CopyTo(output[start..]);
            return;
        }

        bool writesHidden = layer == -1 || config.Head == MambaHead.None;
        Span<float> hidden = writesHidden ? output.Slice(start, residual.Length) : residual;
        RmsNorm.Forward(
            context.Tokens, config.DModel, residual, config.DModel, parameters.FinalNorm, config.NormEpsilon, hidden, config.DModel, default, context.Parallel);
        if (layer != -1)
            WriteHead(context, parameters, piece, hidden, memory, firstStream, layer == Pooled, output);
    }

    private static void WriteHead(
        in LayerContext context, ModelParameters parameters, in SequencePiece piece, ReadOnlySpan<float> hidden, StreamMemory? memory, int firstStream,
        bool pooledOnly, Span<float> output)
    {
        MambaConfig config = context.Config;
        int width = config.DModel;
        if (config.Head == MambaHead.LanguageModel)
        {
            Span<float> logits = output.Slice(checked(piece.FirstToken * config.VocabSize), context.Tokens * config.VocabSize);
            Linear.Forward(context, context.Tokens, hidden, width, parameters.LanguageHead, default, logits, config.VocabSize);
        }

        if (memory is null && config.Head != MambaHead.Classification)
            return;

        // The same sums whether a sequence comes in one piece or in several, so that where it is cut changes no bit.
        PoolingState pooling = memory is null ? new PoolingState(context.Arena, config, piece.Sequences) : memory.Pooling.Slice(firstStream, piece.Sequences);
        if (memory is null)
            pooling.Clear(config.Pooling);
        pooling.Read(context, parameters.Query, hidden);
        if (config.Head != MambaHead.Classification || !piece.Ends)
            return;
        NativeBuffer<float> pooled = context.Arena.Allocate<float>(piece.Sequences * width);
        pooling.Write(config, pooled);
        if (pooledOnly)
        {
            pooled.Span.CopyTo(output[(piece.FirstSequence * width)..]);
            return;
        }

        Linear.Forward(
            context, piece.Sequences, pooled, width, parameters.ClassifierWeight, parameters.ClassifierBias,
            output.Slice(piece.FirstSequence * config.NumClasses, piece.Sequences * config.NumClasses), config.NumClasses);
    }
}
