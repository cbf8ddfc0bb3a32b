using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>From token ids or frames to the residual stream [T, DModel], float32, and back.</summary>
internal sealed class InputPass
{
    private readonly ModelCore _model;
    private readonly int[] _tokens = [];
    private readonly Tensor? _inputs;
    private readonly PositionRows _positions;
    private Tensor? _kept;

    /// <param name="model">The model.</param>
    /// <param name="batch">The whole batch.</param>
    /// <param name="blockOffsets">The whole batch's <see cref="BlockOffsets"/>.</param>
    /// <param name="piece">The part of it that is computed.</param>
    /// <param name="rows">The packed sequences of this piece.</param>
    /// <param name="firstPositions">The position of each sequence's first token; empty where all begin at 0.</param>
    public InputPass(
        ModelCore model, SequenceBatch batch, ReadOnlySpan<int> blockOffsets, in SequencePiece piece, PackedRows rows, ReadOnlySpan<long> firstPositions)
    {
        _model = model;
        if (batch.IsTokens)
            _tokens = batch.Tokens.Slice(piece.FirstToken, piece.Tokens).ToArray();
        else
            _inputs = DeviceData.Floats(InputsOf(model.Config, batch, blockOffsets, piece, rows), model.Device).view(rows.Tokens, model.Config.InputWidth);
        _positions = PositionRows.Of(rows, firstPositions, model.Config.MaxPositions);
    }

    /// <summary>Hides whole tokens with a probability: their embedding, frame or patch becomes zero.</summary>
    public void Hide(float probability, DropoutKey key)
    {
        if (probability == 0)
            return;
        int tokens = _inputs is null ? _tokens.Length : (int)_inputs.shape[0];
        var mask = new float[tokens];
        Array.Fill(mask, 1f);
        Dropout.HideRows(tokens, 1, mask, 1, probability, key);
        _kept = DeviceData.Floats(mask, _model.Device).view(tokens, 1);
        _inputs?.mul_(_kept);
    }

    /// <summary>What each token contributes to the first block's input but for its position: its embedding, or its frame's or patch's projection.</summary>
    public Tensor Contribution()
    {
        if (_inputs is not null)
            return nn.functional.linear(_inputs, _model.Network.Backbone.InputProjection!.Weight.Value, _model.Network.Backbone.InputProjection.Bias!.Value);
        Tensor embedded = _model.Network.Backbone.Embeddings!.Weight.Value.index_select(0, DeviceData.Indices(_tokens, _model.Device));
        return _kept is null ? embedded : embedded.mul_(_kept);
    }

    /// <summary>Adds the embeddings of the tokens' positions; after hiding: a hidden token keeps its place.</summary>
    public void AddPositions(Tensor residual)
    {
        if (_positions.Count > 0)
            _positions.AddTo(residual, _model.Network.Backbone.Positions!.Weight.Value);
    }

    /// <summary>Adds the gradients of the parameters of this layer.</summary>
    /// <param name="gradient">dL/dresidual, [T, DModel], float32, contiguous.</param>
    public void Backward(Tensor gradient)
    {
        if (_positions.Count > 0)
            _model.Kernels.AddRows(_model.Network.Backbone.Positions!.Weight.Gradient!, _positions.Positions, _positions.Select(gradient));
        if (_inputs is not null)
        {
            _model.Network.Backbone.InputProjection!.Weight.Gradient!.addmm_(gradient.t(), _inputs);
            _model.Network.Backbone.InputProjection.Bias!.Gradient!.add_(gradient.sum(0L, keepdim: false));
            return;
        }

        _model.Kernels.AddRows(_model.Network.Backbone.Embeddings!.Weight.Gradient!, _tokens, _kept is null ? gradient : gradient * _kept);
    }

    private static ReadOnlySpan<float> InputsOf(
        MambaConfig config, SequenceBatch batch, ReadOnlySpan<int> blockOffsets, in SequencePiece piece, PackedRows rows)
    {
        int channels = batch.Channels;
        if (!config.HasPatches)
            return batch.Frames.Slice(piece.FirstToken * channels, piece.Tokens * channels);
        ReadOnlySpan<int> frameOffsets = batch.Offsets.Slice(piece.FirstSequence, piece.Sequences + 1);
        if (piece.IsStretch)
            frameOffsets = new[] { frameOffsets[0] + (piece.FirstToken - blockOffsets[piece.FirstSequence]) * config.EffectivePatchStride, frameOffsets[1] };
        var patches = new float[checked(rows.Tokens * config.InputWidth)];
        Patches.Gather(channels, config.EffectivePatchLength, config.EffectivePatchStride, batch.Frames, frameOffsets, rows.Offsets, patches, CpuParallel.Shared);
        return patches;
    }
}
