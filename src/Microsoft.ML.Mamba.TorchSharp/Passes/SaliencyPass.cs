using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.TorchSharp.Autograd;
using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>
/// Gradient x input: a forward and a backward pass that ends at the inputs. A batch goes through it in pieces of whole sequences, so that memory does not grow
/// with the number of sequences.
/// </summary>
internal sealed class SaliencyPass(ModelCore model, SequenceBatch batch, CancellationToken cancellationToken)
{
    private readonly int[] _offsets = BlockOffsets.Of(model.Config, batch);

    /// <param name="targets">Checked; -1 for the largest logit.</param>
    /// <param name="saliency">[batch.TokenCount], overwritten.</param>
    /// <param name="logits">[batch.Count, NumClasses], overwritten.</param>
    public void Run(ReadOnlySpan<int> targets, Span<float> saliency, Span<float> logits)
    {
        int classes = model.Config.NumClasses;
        var reader = new PieceReader(_offsets, model.PieceTokens, splitsSequences: false);
        while (reader.TryRead(out SequencePiece piece))
        {
            using var scope = NewDisposeScope();
            RunPiece(
                piece, targets.Slice(piece.FirstSequence, piece.Sequences), saliency, logits.Slice(piece.FirstSequence * classes, piece.Sequences * classes));
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private void RunPiece(in SequencePiece piece, ReadOnlySpan<int> targets, Span<float> saliency, Span<float> logits)
    {
        using var tape = new BackwardTape(cancellationToken);
        var rows = new PackedRows(InferencePass.Rebase(piece, _offsets), model.Device, model.Config.Pooling == MambaPooling.Attention);
        var pass = new PassContext(model.Kernels, rows, tape, WithParameters: false);
        var input = new InputPass(model, batch, _offsets, piece, rows, default);
        Tensor residual;
        using (no_grad())
        {
            residual = input.Contribution();
            input.AddPositions(residual);
        }

        residual.requires_grad_(true);
        using (enable_grad())
        {
            Tensor hidden = BackbonePass.Forward(model, residual, 0, _ => default, pass, cancellationToken);
            Tensor values = Pooler.Classify(Pooler.Pool(hidden, model, pass), model);
            InferencePass.CopyOut(values.detach(), logits);
            values.gather(1, DeviceData.Indices(Chosen(targets, logits), model.Device).unsqueeze(1)).sum().backward();
        }

        tape.ThrowIfFailed();
        using (no_grad())
            TimesInput(piece, rows, input, residual.grad!.contiguous(), saliency);
    }

    private void TimesInput(in SequencePiece piece, PackedRows rows, InputPass input, Tensor gradient, Span<float> saliency)
    {
        if (batch.IsTokens)
        {
            InferencePass.CopyOut((gradient * input.Contribution()).sum(1L, keepdim: false), saliency.Slice(piece.FirstToken, piece.Tokens));
            return;
        }

        MambaConfig config = model.Config;
        int channels = batch.Channels, first = batch.Offsets[piece.FirstSequence], frames = batch.Offsets[piece.FirstSequence + piece.Sequences] - first;
        Tensor gradInputs = gradient.mm(model.Network.Backbone.InputProjection!.Weight.Value).cpu().contiguous();
        ReadOnlySpan<float> gradFrames = TensorMemory.Elements<float>(gradInputs);
        if (config.HasPatches)
        {
            var frameOffsets = new int[piece.Sequences + 1];
            for (int i = 0; i < frameOffsets.Length; i++)
                frameOffsets[i] = batch.Offsets[piece.FirstSequence + i] - first;
            var gathered = new float[checked(frames * channels)];
            Patches.Scatter(
                channels, config.EffectivePatchLength, config.EffectivePatchStride, gradFrames, frameOffsets, rows.Offsets, gathered, CpuParallel.Shared);
            gradFrames = gathered;
        }

        RowProducts.Compute(
            frames, channels, gradFrames, channels, batch.Frames.Slice(first * channels, frames * channels), channels, saliency.Slice(first, frames),
            CpuParallel.Shared);
    }

    private int[] Chosen(ReadOnlySpan<int> targets, ReadOnlySpan<float> logits)
    {
        int classes = model.Config.NumClasses;
        int[] chosen = targets.ToArray();
        for (int i = 0; i < chosen.Length; i++)
        {
            if (chosen[i] < 0)
                chosen[i] = Logits.IndexOfLargest(logits.Slice(i * classes, classes));
        }

        return chosen;
    }
}
