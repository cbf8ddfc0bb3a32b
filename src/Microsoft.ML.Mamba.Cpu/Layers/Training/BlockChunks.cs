using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>
/// Blocks run chunk by chunk: a chunk is some whole sequences or a stretch of a longer one. Stretches carry the state of each direction on;
/// what it was before each stretch is kept for the backward pass, which recomputes a chunk from it and takes it as constant. Only the
/// states are kept: a chunk's activations live while it is worked on.
/// </summary>
/// <param name="model">The model. Its packed weights are used, so that a row's result does not depend on where sequences are cut.</param>
/// <param name="gradients">Added to (+=); null where only the input's gradient is wanted.</param>
internal sealed class BlockChunks(ModelCore model, ModelParameters? gradients)
{
    private readonly NativeBuffer<float>[] _states = new NativeBuffer<float>[model.Config.NumLayers];
    private int _tokens;
    private int _stretches;

    /// <summary>Floats of a direction's state.</summary>
    public static int StateSize(MambaConfig config) => checked(config.DInner * (config.DConv - 1 + config.DState));

    /// <summary>Stretches of sequences that are cut.</summary>
    public static long CountStretches(ReadOnlySpan<int> offsets, int chunkTokens)
    {
        long count = 0;
        for (int i = 1; i < offsets.Length; i++)
        {
            int length = offsets[i] - offsets[i - 1];
            count += length > chunkTokens ? RowBlocks.CountOf(length, chunkTokens) : 0;
        }

        return count;
    }

    /// <summary>Prepares for the layers' forward passes over the sequences of a context.</summary>
    public void Begin(in LayerContext context, int chunkTokens)
    {
        model.EnsurePacked();
        _tokens = chunkTokens;
        _stretches = checked((int)CountStretches(context.Offsets, chunkTokens));
        for (int k = 0; k < _states.Length; k++)
            _states[k] = context.Arena.Allocate<float>(checked(Directions * _stretches * StateSize(model.Config)));
    }

    /// <param name="whole">The pass over all tokens.</param>
    /// <param name="layer">The block's number.</param>
    /// <param name="residual">[T, DModel].</param>
    /// <param name="output">[T, DModel], overwritten.</param>
    /// <param name="cancellationToken">Looked at between chunks.</param>
    public void Forward(in LayerContext whole, int layer, NativeBuffer<float> residual, NativeBuffer<float> output, CancellationToken cancellationToken)
    {
        int width = model.Config.DModel, stretch = 0;
        NativeArena.Mark start = whole.Arena.GetMark();
        if (Directions == 2)
            CarryBackwards(whole, layer, residual, cancellationToken);
        NativeBuffer<float> carried = whole.Arena.Allocate<float>(StateSize(model.Config)), scratch = whole.Arena.Allocate<float>(carried.Length);
        var reader = new PieceReader(whole.Offsets, _tokens, splitsSequences: true);
        while (reader.TryRead(out SequencePiece piece))
        {
            cancellationToken.ThrowIfCancellationRequested();
            NativeArena.Mark mark = whole.Arena.GetMark();
            BlockStates states = default;
            if (piece.IsStretch)
            {
                if (piece.Begins)
                    carried.Span.Clear();
                carried.Span.CopyTo(Saved(layer, stretch, reversed: false));
                if (Directions == 2)
                    Saved(layer, stretch, reversed: true).Span.CopyTo(scratch);
                states = new BlockStates { Forward = View(carried), Reversed = Directions == 2 ? View(scratch) : default };
                stretch++;
            }

            LayerContext context = Of(whole, piece);
            MambaBlock.Forward(
                context, model.Parameters.Blocks[layer], model.Matrices, layer, Rows(residual, piece, width), BlockTape.Allocate(context, training: false),
                Rows(output, piece, width), accumulate: false, states);
            whole.Arena.Release(mark);
        }

        whole.Arena.Release(start);
    }

    /// <summary>Saved: the residual stream and the states before each stretch. Recomputed: a chunk's tape.</summary>
    /// <param name="whole">The pass over all tokens.</param>
    /// <param name="layer">The block's number.</param>
    /// <param name="residual">As in the forward pass.</param>
    /// <param name="gradOutput">dL/doutput, [T, DModel].</param>
    /// <param name="gradResidual">Added to (+=), [T, DModel]; may be the memory of <paramref name="gradOutput"/>.</param>
    /// <param name="cancellationToken">Looked at between chunks.</param>
    public void Backward(
        in LayerContext whole, int layer, NativeBuffer<float> residual, NativeBuffer<float> gradOutput, NativeBuffer<float> gradResidual,
        CancellationToken cancellationToken)
    {
        int width = model.Config.DModel, stretch = 0;
        var reader = new PieceReader(whole.Offsets, _tokens, splitsSequences: true);
        while (reader.TryRead(out SequencePiece piece))
        {
            cancellationToken.ThrowIfCancellationRequested();
            NativeArena.Mark mark = whole.Arena.GetMark();
            BlockStates initial = default, advanced = default;
            if (piece.IsStretch)
            {
                initial = new BlockStates
                {
                    Forward = View(Saved(layer, stretch, reversed: false)), Reversed = Directions == 2 ? View(Saved(layer, stretch, reversed: true)) : default,
                };
                NativeBuffer<float> copy = whole.Arena.Allocate<float>(Directions * StateSize(model.Config));
                StatesOf(layer, stretch).Span.CopyTo(copy);
                advanced = new BlockStates { Forward = View(Half(copy, reversed: false)), Reversed = Directions == 2 ? View(Half(copy, reversed: true)) : default };
                stretch++;
            }

            LayerContext context = Of(whole, piece);
            ReadOnlySpan<float> rows = Rows(residual, piece, width);
            BlockTape tape = BlockTape.Allocate(context, training: true);
            MambaBlock.Mix(context, model.Parameters.Blocks[layer], model.Matrices, layer, rows, tape, advanced);
            MambaBlock.Backward(
                context, model.Parameters.Blocks[layer], gradients?.Blocks[layer], model.Matrices, layer, rows, tape, initial, Rows(gradOutput, piece, width),
                Rows(gradResidual, piece, width));
            whole.Arena.Release(mark);
        }
    }

    private int Directions => model.Config.IsBidirectional ? 2 : 1;

    /// <summary>Runs the reversed direction alone through each sequence that is cut, from its end, and saves its state before each stretch.</summary>
    private void CarryBackwards(in LayerContext whole, int layer, NativeBuffer<float> residual, CancellationToken cancellationToken)
    {
        MambaConfig config = model.Config;
        BlockParameters parameters = model.Parameters.Blocks[layer];
        NativeArena.Mark start = whole.Arena.GetMark();
        NativeBuffer<float> carried = whole.Arena.Allocate<float>(StateSize(config));
        int first = 0;
        for (int i = 0; i < whole.Sequences; i++)
        {
            int length = whole.Offsets[i + 1] - whole.Offsets[i], count = length > _tokens ? RowBlocks.CountOf(length, _tokens) : 0;
            carried.Span.Clear();
            for (int stretch = count - 1; stretch >= 0; stretch--)
            {
                cancellationToken.ThrowIfCancellationRequested();
                carried.Span.CopyTo(Saved(layer, first + stretch, reversed: true));
                if (stretch == 0)
                    break;
                NativeArena.Mark mark = whole.Arena.GetMark();
                var piece = new SequencePiece(
                    i, 1, whole.Offsets[i] + stretch * _tokens, Math.Min(_tokens, length - stretch * _tokens), Begins: false, Ends: stretch == count - 1);
                LayerContext context = Of(whole, piece);
                NativeBuffer<float> xz = context.Rows(2 * config.DInner), y = context.Rows(config.DInner);
                MambaBlock.ProjectIn(context, parameters, parameters.InProjX, Rows(residual, piece, config.DModel), xz);
                MixerDirection.Forward(
                    context, parameters.Reversed!, model.Matrices.Get(layer, reversed: true), xz, DirectionTape.Allocate(context, training: false), y,
                    accumulate: false, View(carried), reverse: true);
                whole.Arena.Release(mark);
            }

            first += count;
        }

        whole.Arena.Release(start);
    }

    private static LayerContext Of(in LayerContext whole, in SequencePiece piece) => new()
    {
        Config = whole.Config,
        Arena = whole.Arena,
        Parallel = whole.Parallel,
        UsesPackedWeights = true,
        IsStretch = piece.IsStretch,
        Offsets = piece.Rebase(whole.Offsets, whole.Arena),
    };

    private static NativeBuffer<float> Rows(NativeBuffer<float> rows, in SequencePiece piece, int width) =>
        rows.Slice(piece.FirstToken * width, piece.Tokens * width);

    private NativeBuffer<float> StatesOf(int layer, int stretch)
    {
        int size = Directions * StateSize(model.Config);
        return _states[layer].Slice(stretch * size, size);
    }

    private NativeBuffer<float> Saved(int layer, int stretch, bool reversed) => Half(StatesOf(layer, stretch), reversed);

    private NativeBuffer<float> Half(NativeBuffer<float> states, bool reversed)
    {
        int size = StateSize(model.Config);
        return states.Slice(reversed ? size : 0, size);
    }

    private DirectionState View(NativeBuffer<float> state)
    {
        int inputs = (model.Config.DConv - 1) * model.Config.DInner;
        return new DirectionState { ConvInputs = state.Slice(0, inputs), ScanStates = state.Slice(inputs, state.Length - inputs) };
    }
}
