using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.TorchSharp.Autograd;
using Microsoft.ML.Mamba.TorchSharp.Kernels;
using Microsoft.ML.Mamba.TorchSharp.Modules;
using MambaBlock = Microsoft.ML.Mamba.TorchSharp.Modules.MambaBlock;

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>
/// A forward pass that keeps nothing for a backward pass. Each piece of the batch goes through all layers before the next begins, so that memory does not grow
/// with the batch; between the stretches of one long sequence a causal model carries its state, as in streaming. In a bidirectional model each block goes over a
/// long sequence twice, stretch by stretch.
/// </summary>
internal sealed class InferencePass(ModelCore model, SequenceBatch batch, int layer, StreamMemory? stream, CancellationToken cancellationToken)
{
    /// <summary>Asks for the head's output rather than a layer's.</summary>
    public const int Head = -2;

    /// <summary>Asks for the vectors that the classifier's head reads.</summary>
    public const int Pooled = -3;

    private readonly MambaConfig _config = model.Config;
    private readonly int[] _offsets = BlockOffsets.Of(model.Config, batch);

    private int Blocks => layer < 0 ? _config.NumLayers : layer;

    public void Run(Span<float> output)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        StreamMemory? carried = null;
        try
        {
            var reader = new PieceReader(_offsets, model.PieceTokens, splitsSequences: !_config.IsBidirectional);
            while (reader.TryRead(out SequencePiece piece))
            {
                StreamMemory? memory = stream;
                if (stream is null && piece.IsStretch)
                {
                    memory = carried ??= new StreamMemory(_config, 1, model.Device);
                    if (piece.Begins)
                        memory.Clear();
                }

                using var pieceScope = NewDisposeScope();
                RunPiece(piece, memory, stream is null ? 0 : piece.FirstSequence, output);
            }
        }
        finally
        {
            carried?.Dispose();
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private void RunPiece(in SequencePiece piece, StreamMemory? memory, int firstStream, Span<float> output)
    {
        bool attends = _config is { Head: MambaHead.Classification, Pooling: MambaPooling.Attention };
        bool isLong = _config.IsBidirectional && piece.Tokens > model.PieceTokens;
        var rows = new PackedRows(Rebase(piece, _offsets), model.Device, attends && !isLong);
        Tensor residual = Embed(piece, rows, memory, firstStream);
        if (isLong)
        {
            RunStretches(piece, residual, ChunkPlan.Of(rows.Offsets, model.PieceTokens, model.Device, attends)!.Chunks, output);
            return;
        }

        Tensor? hidden = null;
        for (int k = 0; k < Blocks; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            MambaBlock block = model.Network.Backbone.Layers[k];
            Tensor normed = model.AddNorm(hidden, residual, block.Norm);
            hidden?.Dispose();
            var state = new MixerState(memory?.Get(k, firstStream, piece.Sequences), null);
            hidden = block.Mixer.Forward(rows, normed, state, withTape: false, out _).MoveToOuterDisposeScope();
        }

        Write(piece, rows, hidden, residual, memory?.Pooling, firstStream, output);
    }

    /// <summary>One long sequence of a bidirectional model: each block, and then the head, goes from stretch to stretch.</summary>
    private void RunStretches(in SequencePiece whole, Tensor residual, IReadOnlyList<ChunkPlan.Chunk> stretches, Span<float> output)
    {
        for (int k = 0; k < Blocks; k++)
            LongBidirectionalBlock.Forward(model, model.Network.Backbone.Layers[k], stretches, residual, cancellationToken);
        using var pooling = new PoolingMemory(_config, 1, model.Device);
        foreach (ChunkPlan.Chunk stretch in stretches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            SequencePiece piece = stretch.Piece with { FirstSequence = whole.FirstSequence, FirstToken = whole.FirstToken + stretch.Piece.FirstToken };
            Write(piece, stretch.Rows, null, stretch.Of(residual), pooling, 0, output);
        }
    }

    private void Write(in SequencePiece piece, PackedRows rows, Tensor? hidden, Tensor residual, PoolingMemory? pooling, int firstStream, Span<float> output)
    {
        int start = piece.FirstToken * _config.DModel;
        if (layer >= 0)
        {
            if (hidden is not null)
                residual.add_(hidden);
            CopyOut(residual, output[start..]);
            return;
        }

        Tensor normed = model.AddNorm(hidden, residual, model.Network.Backbone.FinalNorm);
        if (layer == -1 || _config.Head == MambaHead.None)
            CopyOut(normed, output[start..]);
        if (layer != -1)
            WriteHead(piece, rows, normed, pooling, firstStream, output);
    }

    private Tensor Embed(in SequencePiece piece, PackedRows rows, StreamMemory? memory, int firstStream)
    {
        // A stream counts from where it stands; otherwise only a later stretch of a sequence begins above 0.
        long start = piece.FirstToken - _offsets[piece.FirstSequence];
        ReadOnlySpan<long> positions = stream is not null ? memory!.Pooling.Positions.Slice(firstStream, piece.Sequences)
            : piece.IsStretch ? new ReadOnlySpan<long>(in start)
            : default;
        var input = new InputPass(model, batch, _offsets, piece, rows, positions);
        Tensor residual = input.Contribution();
        input.AddPositions(residual);
        return residual;
    }

    private void WriteHead(in SequencePiece piece, PackedRows rows, Tensor hidden, PoolingMemory? pooling, int firstStream, Span<float> output)
    {
        if (_config.Head == MambaHead.LanguageModel)
            CopyOut(model.Network.LanguageHead!.Forward(hidden), output.Slice(checked(piece.FirstToken * _config.VocabSize), rows.Tokens * _config.VocabSize));
        if (_config.Head != MambaHead.Classification)
        {
            pooling?.Advance(firstStream, rows.Offsets);
            return;
        }

        Tensor pooled = pooling is null ? model.Pool(hidden, rows) : Gather(piece, rows, hidden, pooling, firstStream);
        if (!piece.Ends)
            return;
        if (layer == Pooled)
        {
            CopyOut(pooled, output.Slice(piece.FirstSequence * _config.DModel, piece.Sequences * _config.DModel));
            return;
        }

        Tensor logits = Pooler.Classify(pooled, model);
        CopyOut(logits, output.Slice(piece.FirstSequence * _config.NumClasses, piece.Sequences * _config.NumClasses));
    }

    private Tensor Gather(in SequencePiece piece, PackedRows rows, Tensor hidden, PoolingMemory pooling, int firstStream)
    {
        if (_config.Pooling == MambaPooling.Attention)
            pooling.Read(firstStream, rows.Offsets, model.Attend(hidden, rows));
        else
            pooling.Read(firstStream, rows.Offsets, model.Pool(hidden, rows));
        pooling.Advance(firstStream, rows.Offsets);
        return pooling.Write(firstStream, piece.Sequences);
    }

    /// <summary>A piece's own offsets, from 0, of the batch's.</summary>
    public static int[] Rebase(in SequencePiece piece, ReadOnlySpan<int> offsets)
    {
        var rebased = new int[piece.Sequences + 1];
        for (int i = 0; i < rebased.Length; i++)
            rebased[i] = Math.Clamp(offsets[piece.FirstSequence + i] - piece.FirstToken, 0, piece.Tokens);
        return rebased;
    }

    /// <summary>Copies a tensor's values to main memory as float32.</summary>
    public static void CopyOut(Tensor values, Span<float> destination) =>
        TensorMemory.Elements<float>(values.to(ScalarType.Float32).cpu().contiguous()).CopyTo(destination);
}
