using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.TorchSharp.Autograd;
using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>One forward and backward pass over a batch, which adds the gradients of all parameters to their buffers.</summary>
internal sealed class TrainingPass(ModelCore model, MambaTrainingSettings settings)
{
    private readonly LossPass _loss = new(settings, model.Config.NumClasses);

    /// <returns>The loss, a float64 scalar on the device, in the caller's dispose scope.</returns>
    public Tensor Run(SequenceBatch batch, ReadOnlySpan<int> targets, int step, CancellationToken cancellationToken)
    {
        using DisposeScope scope = NewDisposeScope();
        using var tape = new BackwardTape(cancellationToken);
        int[] offsets = BlockOffsets.Of(model.Config, batch);
        var rows = new PackedRows(offsets, model.Device, model.Config.Pooling == MambaPooling.Attention);
        var pass = new PassContext(model.Kernels, rows, tape, WithParameters: true) { Chunks = ChunkPlan.Of(offsets, settings.BackpropagationLength, model.Device) };
        var input = new InputPass(model, batch, offsets, new SequencePiece(0, rows.Sequences, 0, rows.Tokens, Begins: true, Ends: true), rows, default);
        Tensor residual = Embed(input, step).requires_grad_(true), loss;
        using (enable_grad())
        {
            Tensor hidden = BackbonePass.Forward(model, residual, settings.Dropout, site => Key(step, site), pass, cancellationToken);
            Tensor pooled = DropoutFunction.Apply(Pooler.Pool(hidden, model, pass), settings.HeadDropout, Key(step, DropoutSite.Head), pass);
            loss = _loss.Compute(Pooler.Classify(pooled, model), targets);
        }

        loss.backward();
        tape.ThrowIfFailed();
        cancellationToken.ThrowIfCancellationRequested();
        using (no_grad())
        {
            Tensor gradient = residual.grad!.contiguous();
            if (settings.Dropout > 0)
                model.Kernels.Dropout(gradient, gradient, settings.Dropout, Key(step, DropoutSite.Embedding));
            input.Backward(gradient);
        }

        return loss.detach().MoveToOuterDisposeScope();
    }

    private Tensor Embed(InputPass input, int step)
    {
        using var noGrad = no_grad();
        input.Hide(settings.TokenDropout, Key(step, DropoutSite.Token));
        Tensor residual = input.Contribution();
        input.AddPositions(residual);
        if (settings.Dropout > 0)
            model.Kernels.Dropout(residual, residual, settings.Dropout, Key(step, DropoutSite.Embedding));
        return residual;
    }

    private DropoutKey Key(int step, int site) => DropoutKey.Create(settings.Seed, step, site);
}
