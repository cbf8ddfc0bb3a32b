using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>The blocks and the final norm, forward and backward; what is between the two passes lives in the context's arena.</summary>
/// <param name="model">The model.</param>
/// <param name="settings">Dropout and its seed.</param>
/// <param name="gradients">Added to (+=); null where only the input's gradient is wanted.</param>
internal sealed class BackbonePass(ModelCore model, MambaTrainingSettings settings, ModelParameters? gradients)
{
    private readonly NativeBuffer<float>[] _residuals = new NativeBuffer<float>[model.Config.NumLayers + 1];
    private readonly BlockTape[] _tapes = new BlockTape[model.Config.NumLayers];
    private readonly BlockChunks _chunks = new(model, gradients);
    private NativeBuffer<float> _inverseRms;
    private bool _recomputes;

    /// <summary>The final norm's output, [T, DModel].</summary>
    public NativeBuffer<float> Hidden { get; private set; }

    /// <param name="context">The pass.</param>
    /// <param name="input">The first block's input, [T, DModel]; kept.</param>
    /// <param name="chunkTokens">Tokens at which sequences are cut into chunks, of which the backward pass recomputes the insides; 0 keeps all.</param>
    /// <param name="step">Number of the training step, which dropout depends on.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    public void Forward(in LayerContext context, NativeBuffer<float> input, int chunkTokens, int step, CancellationToken cancellationToken)
    {
        MambaConfig config = model.Config;
        int width = config.DModel;
        _residuals[0] = input;
        _recomputes = chunkTokens > 0;
        if (_recomputes)
            _chunks.Begin(context, chunkTokens);
        for (int k = 0; k < config.NumLayers; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            NativeBuffer<float> next = context.Rows(width);
            if (_recomputes)
            {
                _chunks.Forward(context, k, _residuals[k], next, cancellationToken);
            }
            else
            {
                _tapes[k] = BlockTape.Allocate(context, training: true);
                MambaBlock.Forward(context, model.Parameters.Blocks[k], model.Matrices, k, _residuals[k], _tapes[k], next, accumulate: false, default);
            }

            if (settings.Dropout > 0)
                Drop(context, next, next, step, k);
            ResidualAdd.Add(context.Tokens, width, _residuals[k], width, next, width, context.Parallel);
            _residuals[k + 1] = next;
        }

        cancellationToken.ThrowIfCancellationRequested();
        Hidden = context.Rows(width);
        _inverseRms = context.Rows(1);
        RmsNorm.Forward(
            context.Tokens, width, _residuals[^1], width, model.Parameters.FinalNorm, config.NormEpsilon, Hidden, width, _inverseRms, context.Parallel);
    }

    /// <summary>
    /// Saved: the input of each block and its tape (of chunks: the states at their borders), and the final norm's inverse root mean
    /// squares. Recomputed: see the layers.
    /// </summary>
    /// <param name="context">The pass.</param>
    /// <param name="gradient">In: dL/dHidden, [T, DModel]. Out: dL/dinput.</param>
    /// <param name="step">As in the forward pass.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    public void Backward(in LayerContext context, NativeBuffer<float> gradient, int step, CancellationToken cancellationToken)
    {
        MambaConfig config = model.Config;
        int width = config.DModel;
        NativeArena.Mark start = context.Arena.GetMark();
        RmsNorm.Backward(
            context.Tokens, width, _residuals[^1], width, model.Parameters.FinalNorm, _inverseRms, gradient, width, gradient, width, accumulateGradX: false,
            context.GradientOrScratch(gradients?.FinalNorm, width),
            context.Arena.Allocate<float>(RmsNorm.BackwardWorkspaceSize(context.Tokens, width, hasWeight: true)), context.Parallel);
        context.Arena.Release(start);
        for (int k = config.NumLayers - 1; k >= 0; k--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            NativeArena.Mark mark = context.Arena.GetMark();
            NativeBuffer<float> gradOutput = gradient;
            if (settings.Dropout > 0)
            {
                gradOutput = context.Rows(width);
                Drop(context, gradient, gradOutput, step, k);
            }

            if (_recomputes)
            {
                _chunks.Backward(context, k, _residuals[k], gradOutput, gradient, cancellationToken);
            }
            else
            {
                MambaBlock.Backward(
                    context, model.Parameters.Blocks[k], gradients?.Blocks[k], model.Matrices, k, _residuals[k], _tapes[k], default, gradOutput, gradient);
            }

            context.Arena.Release(mark);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Drop(in LayerContext context, ReadOnlySpan<float> from, Span<float> to, int step, int layer)
    {
        int width = context.Config.DModel;
        Dropout.Apply(
            context.Tokens, width, from, width, to, width, accumulate: false, settings.Dropout,
            DropoutKey.Create(settings.Seed, step, DropoutSite.Block(layer)), context.Parallel);
    }
}
