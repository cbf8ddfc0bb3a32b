using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>One forward and backward pass over a batch; what is between them lives in the session's arena.</summary>
internal sealed class TrainingPass(ModelCore model, MambaTrainingSettings settings, ModelParameters gradients)
{
    private readonly float[] _classWeights = [.. settings.ClassWeights];
    private readonly BackbonePass _backbone = new(model, settings, gradients);
    private NativeBuffer<float> _inputs;
    private SequencePooling _pooling;
    private NativeBuffer<float> _dropped;
    private NativeBuffer<float> _gradLogits;

    /// <summary>Computes the loss and keeps what <see cref="Backward"/> needs.</summary>
    public double Forward(in LayerContext context, SequenceBatch batch, ReadOnlySpan<int> targets, int step, CancellationToken cancellationToken)
    {
        NativeBuffer<float> input = context.Rows(model.Config.DModel);
        EmbedInput(context, batch, step, input);
        int chunkTokens = settings.BackpropagationLength, longest = 0;
        for (int i = 0; i < context.Sequences; i++)
            longest = Math.Max(longest, context.Offsets[i + 1] - context.Offsets[i]);
        _backbone.Forward(context, input, longest > chunkTokens ? chunkTokens : 0, step, cancellationToken);
        return HeadForward(context, targets, step);
    }

    /// <summary>Adds the gradients of all parameters.</summary>
    public void Backward(in LayerContext context, SequenceBatch batch, int step, CancellationToken cancellationToken)
    {
        NativeBuffer<float> gradient = context.Rows(model.Config.DModel);
        HeadBackward(context, step, gradient);
        _backbone.Backward(context, gradient, step, cancellationToken);
        InputBackward(context, batch, step, gradient);
    }

    private void EmbedInput(in LayerContext context, SequenceBatch batch, int step, Span<float> residual)
    {
        if (batch.IsTokens)
        {
            InputLayer.ForwardTokens(context, model.Parameters, batch.Tokens, residual);
            Hide(context, residual, context.Config.DModel, step);
        }
        else
        {
            _inputs = CopyInputs(context, batch);
            Hide(context, _inputs, context.Config.InputWidth, step);
            InputLayer.ForwardFrames(context, model.Parameters, InputsOf(batch), residual);
        }

        // After hiding: a hidden token keeps its place.
        InputLayer.AddPositions(context, model.Parameters, default, residual);
        Drop(context, context.Tokens, residual, settings.Dropout, step, DropoutSite.Embedding);
    }

    private void InputBackward(in LayerContext context, SequenceBatch batch, int step, Span<float> gradient)
    {
        int width = context.Config.DModel;
        Drop(context, context.Tokens, gradient, settings.Dropout, step, DropoutSite.Embedding);
        if (context.Config.MaxPositions > 0)
            PositionEmbedding.Backward(width, context.Offsets, gradient, width, gradients.Positions, context.Parallel);
        if (batch.IsTokens)
        {
            Hide(context, gradient, width, step);
            Embedding.Backward(width, batch.Tokens, gradient, width, gradients.Embedding, context.Parallel);
        }
        else
        {
            Linear.BackwardWeight(
                context, context.Tokens, gradient, width, InputsOf(batch), context.Config.InputWidth, gradients.InputWeight, gradients.InputBias);
        }
    }

    private double HeadForward(in LayerContext context, ReadOnlySpan<int> targets, int step)
    {
        MambaConfig config = context.Config;
        int width = config.DModel, sequences = context.Sequences, classes = config.NumClasses;
        _pooling = SequencePooling.Forward(context, model.Parameters.Query, _backbone.Hidden);
        _dropped = _pooling.Pooled;
        if (settings.HeadDropout > 0)
        {
            _dropped = context.Arena.Allocate<float>(_dropped.Length);
            Dropout.Apply(
                sequences, width, _pooling.Pooled, width, _dropped, width, accumulate: false, settings.HeadDropout, Key(step, DropoutSite.Head),
                context.Parallel);
        }

        _gradLogits = context.Arena.Allocate<float>(checked(sequences * classes));
        Linear.Forward(context, sequences, _dropped, width, model.Parameters.ClassifierWeight, model.Parameters.ClassifierBias, _gradLogits, classes);
        return CrossEntropy.Compute(
            sequences, classes, _gradLogits, classes, targets, settings.LabelSmoothing, _classWeights, _gradLogits, classes, context.Parallel);
    }

    private void HeadBackward(in LayerContext context, int step, Span<float> gradHidden)
    {
        int width = context.Config.DModel, sequences = context.Sequences, classes = context.Config.NumClasses;
        NativeBuffer<float> gradPooled = context.Arena.Allocate<float>(_dropped.Length);
        Linear.BackwardInput(context, sequences, _gradLogits, classes, model.Parameters.ClassifierWeight, gradPooled, width);
        Linear.BackwardWeight(context, sequences, _gradLogits, classes, _dropped, width, gradients.ClassifierWeight, gradients.ClassifierBias);
        Drop(context, sequences, gradPooled, settings.HeadDropout, step, DropoutSite.Head);
        _pooling.Backward(context, model.Parameters.Query, _backbone.Hidden, gradPooled, gradHidden, gradients.Query);
    }

    private void Drop(in LayerContext context, int rows, Span<float> x, float probability, int step, int site)
    {
        int width = context.Config.DModel;
        if (probability > 0)
            Dropout.Apply(rows, width, x, width, x, width, accumulate: false, probability, Key(step, site), context.Parallel);
    }

    private void Hide(in LayerContext context, Span<float> x, int width, int step)
    {
        if (settings.TokenDropout > 0)
            Dropout.HideRows(context.Tokens, width, x, width, settings.TokenDropout, Key(step, DropoutSite.Token));
    }

    /// <summary>Patches, or frames that will be changed; nothing where the batch's own frames serve.</summary>
    private NativeBuffer<float> CopyInputs(in LayerContext context, SequenceBatch batch)
    {
        if (context.Config.HasPatches)
            return InputLayer.GatherPatches(context, batch, context.Offsets, new SequencePiece(0, batch.Count, 0, context.Tokens, Begins: true, Ends: true));
        if (settings.TokenDropout == 0)
            return default;
        NativeBuffer<float> frames = context.Rows(batch.Channels);
        batch.Frames.CopyTo(frames);
        return frames;
    }

    private ReadOnlySpan<float> InputsOf(SequenceBatch batch) => _inputs.IsEmpty ? batch.Frames : _inputs.Span;

    private DropoutKey Key(int step, int site) => DropoutKey.Create(settings.Seed, step, site);
}
