namespace Microsoft.ML.Mamba.Tests.Support;

internal sealed class FakeModel(FakeEngine engine, MambaConfig config, MambaWeights weights) : IMambaModel
{
    private MambaWeights _weights = weights;
    private bool _disposed;

    public MambaConfig Config => config;

    private MambaWeights Average
    {
        get => field ?? throw new InvalidOperationException("There is no average.");
        set;
    }

    public void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        using IDisposable running = engine.Running(batch.Count);
        Compute(batch, output);
    }

    public void ForwardHidden(SequenceBatch batch, int layer, Span<float> hidden, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public void ForwardPooled(SequenceBatch batch, Span<float> pooled, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        engine.PooledPasses++;
        Assert.Equal(batch.Count * config.DModel, pooled.Length);
        for (int row = 0; row < batch.Count; row++)
            Mean(batch, row, pooled.Slice(row * config.DModel, config.DModel));
    }

    // The logit is a sum over tokens, so gradient x input is exact: what the token adds to it, without the projection's bias.
    public void Saliency(SequenceBatch batch, ReadOnlySpan<int> targets, Span<float> saliency, Span<float> logits, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        engine.SaliencyPasses++;
        Assert.Equal((batch.Count, batch.TokenCount), (targets.Length, saliency.Length));
        Compute(batch, logits);
        float[] head = _weights["classifier.weight"].Values;
        float[]? bias = batch.IsTokens ? null : _weights["backbone.input_projection.bias"].Values;
        for (int row = 0; row < batch.Count; row++)
        {
            float[] all = logits.Slice(row * config.NumClasses, config.NumClasses).ToArray();
            int target = targets[row] >= 0 ? targets[row] : Array.IndexOf(all, all.Max());
            for (int t = batch.Offsets[row]; t < batch.Offsets[row + 1]; t++)
            {
                saliency[t] = 0;
                for (int d = 0; d < config.DModel; d++)
                    saliency[t] += head[target * config.DModel + d] * (InputOf(batch, t, d) - (bias?[d] ?? 0)) / batch.LengthOf(row);
            }
        }
    }

    public MambaState CreateState(int sequences = 1) => throw new NotSupportedException();

    public void Step(MambaState state, SequenceBatch chunk, Span<float> output, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public MambaWeights ExportWeights()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _weights.Clone();
    }

    public IMambaTrainingSession StartTraining(MambaTrainingSettings settings)
    {
        settings.Validate(config);
        return new Session(this);
    }

    public void Dispose()
    {
        if (!_disposed)
            engine.Disposed++;
        _disposed = true;
    }

    private void Compute(SequenceBatch batch, Span<float> output)
    {
        Assert.Equal(batch.Count * config.NumClasses, output.Length);
        Span<float> mean = stackalloc float[config.DModel];
        float[] head = _weights["classifier.weight"].Values, bias = _weights["classifier.bias"].Values;
        for (int row = 0; row < batch.Count; row++)
        {
            Mean(batch, row, mean);
            for (int k = 0; k < config.NumClasses; k++)
            {
                float logit = bias[k];
                for (int d = 0; d < config.DModel; d++)
                    logit += head[k * config.DModel + d] * mean[d];
                output[row * config.NumClasses + k] = logit;
            }
        }
    }

    private void Mean(SequenceBatch batch, int row, Span<float> mean)
    {
        mean.Clear();
        int start = batch.Offsets[row], end = batch.Offsets[row + 1];
        Assert.True(end > start, "An empty sequence reached the engine.");
        for (int t = start; t < end; t++)
        {
            for (int d = 0; d < config.DModel; d++)
                mean[d] += InputOf(batch, t, d) / (end - start);
        }
    }

    private float InputOf(SequenceBatch batch, int token, int d)
    {
        if (batch.IsTokens)
            return _weights["backbone.embeddings.weight"].Values[batch.Tokens[token] * config.DModel + d];
        float value = _weights["backbone.input_projection.bias"].Values[d];
        for (int c = 0; c < batch.Channels; c++)
            value += _weights["backbone.input_projection.weight"].Values[d * batch.Channels + c] * batch.Frames[token * batch.Channels + c];
        return value;
    }

    private sealed class Session(FakeModel model) : IMambaTrainingSession
    {
        private const float HeadSpeed = 10_000;
        private const float BiasSpeed = 20;

        public int StepCount { get; private set; }

        public MambaStepResult TrainStep(SequenceBatch batch, ReadOnlySpan<int> targets, float learningRate, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (model.Owner.Diverges(StepCount + 1))
                return new MambaStepResult(float.NaN, float.NaN);
            int classes = model.Config.NumClasses, width = model.Config.DModel;
            var logits = new float[batch.Count * classes];
            model.Compute(batch, logits);
            float[] head = model._weights["classifier.weight"].Values, bias = model._weights["classifier.bias"].Values;
            var mean = new float[width];
            double loss = 0;
            for (int row = 0; row < batch.Count; row++)
            {
                model.Mean(batch, row, mean);
                float[] probabilities = Softmax(logits.AsSpan(row * classes, classes));
                loss -= Math.Log(Math.Max(1e-12, probabilities[targets[row]])) / batch.Count;
                for (int k = 0; k < classes; k++)
                {
                    float step = learningRate / batch.Count * (probabilities[k] - (k == targets[row] ? 1 : 0));
                    bias[k] -= BiasSpeed * step;
                    for (int d = 0; d < width; d++)
                        head[k * width + d] -= HeadSpeed * step * mean[d];
                }
            }

            StepCount++;
            model.Owner.OnStep?.Invoke(StepCount);
            return new MambaStepResult((float)loss, 1);
        }

        public void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default) => model.Compute(batch, output);

        public MambaWeights ExportWeights() => model._weights.Clone();

        public void ImportWeights(MambaWeights weights) => model._weights = weights.Clone();

        public MambaWeights ExportOptimizerState() => new() { new MambaTensor("step", [], [StepCount]) };

        public void ImportOptimizerState(MambaWeights state) => StepCount = (int)state["step"].Values[0];

        public void StartAverage() => model.Average = model.ExportWeights();

        public void UpdateAverage(float share)
        {
            foreach (MambaTensor tensor in model.Average)
            {
                for (int i = 0; i < tensor.Values.Length; i++)
                    tensor.Values[i] += share * (model._weights[tensor.Name].Values[i] - tensor.Values[i]);
            }
        }

        public void SwapAverage() => (model._weights, model.Average) = (model.Average, model._weights);

        public MambaWeights ExportAverage() => model.Average.Clone();

        public void ImportAverage(MambaWeights average) => model.Average = average.Clone();

        public void Dispose()
        {
        }

        private static float[] Softmax(ReadOnlySpan<float> logits)
        {
            float max = float.NegativeInfinity;
            foreach (float logit in logits)
                max = Math.Max(max, logit);
            float[] exponentials = [.. logits.ToArray().Select(logit => MathF.Exp(logit - max))];
            float sum = exponentials.Sum();
            return [.. exponentials.Select(value => value / sum)];
        }
    }

    private FakeEngine Owner => engine;
}
