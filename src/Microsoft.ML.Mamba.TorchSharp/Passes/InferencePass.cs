using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.TorchSharp.Kernels;
using Microsoft.ML.Mamba.TorchSharp.Modules;
using MambaBlock = Microsoft.ML.Mamba.TorchSharp.Modules.MambaBlock;

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>
/// A forward pass that keeps nothing for a backward pass. Each piece of the batch goes through all layers before the next begins, so that memory does not grow
/// with the batch; between the stretches of one long sequence a causal model carries its state, as in streaming.
/// </summary>
internal sealed class InferencePass(ModelCore model, SequenceBatch batch, int layer, StreamMemory? stream, CancellationToken cancellationToken)
{
    /// <summary>Asks for the head's output rather than a layer's.</summary>
    public const int Head = -2;

    /// <summary>Asks for the vectors that the classifier's head reads.</summary>
    public const int Pooled = -3;

    private readonly MambaConfig _config = model.Config;
    private readonly int[] _offsets = BlockOffsets.Of(model.Config, batch);

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
        var rows = new PackedRows(Rebase(piece, _offsets), model.Device, attends);
        Tensor residual = Embed(piece, rows, memory, firstStream);
        Tensor? hidden = null, normed = null;
        int blocks = layer < 0 ? _config.NumLayers : layer;
        for (int k = 0; k < blocks; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            MambaBlock block = model.Network.Backbone.Layers[k];
            normed = AddNorm(hidden, residual, block.Norm);
            hidden?.Dispose();
            hidden = block.Mixer.Forward(rows, normed, new MixerState(memory?.Get(k, firstStream, piece.Sequences), null), withTape: false, out _).MoveToOuterDisposeScope();
        }

        int start = piece.FirstToken * _config.DModel;
        if (layer >= 0)
        {
            if (hidden is not null)
                residual.add_(hidden);
            CopyOut(residual, output[start..]);
            return;
        }

        normed = AddNorm(hidden, residual, model.Network.Backbone.FinalNorm);
        if (layer == -1 || _config.Head == MambaHead.None)
            CopyOut(normed, output[start..]);
        if (layer != -1)
            WriteHead(piece, rows, normed, memory, firstStream, output);
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

    /// <summary>Adds a block's output to the residual stream in place, and norms it.</summary>
    private Tensor AddNorm(Tensor? hidden, Tensor residual, Norm norm)
    {
        Tensor normed = empty(residual.shape, dtype: model.Kernels.ElementType, device: model.Device);
        model.Kernels.NormForward(new NormInputs(hidden, residual, norm.Weight.Value, norm.Epsilon), normed, hidden is null ? null : residual, null);
        return normed;
    }

    private void WriteHead(in SequencePiece piece, PackedRows rows, Tensor hidden, StreamMemory? memory, int firstStream, Span<float> output)
    {
        if (_config.Head == MambaHead.LanguageModel)
            CopyOut(model.Network.LanguageHead!.Forward(hidden), output.Slice(checked(piece.FirstToken * _config.VocabSize), rows.Tokens * _config.VocabSize));
        if (_config.Head != MambaHead.Classification)
        {
            memory?.Pooling.Advance(firstStream, rows.Offsets);
            return;
        }

        Tensor pooled = memory is null ? model.Pool(hidden, rows) : Gather(piece, rows, hidden, memory.Pooling, firstStream);
        if (memory is not null && !piece.Ends)
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
