namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// A softmax over a sequence's mean one-hot tokens (or mean frames), trained by plain gradient descent: enough of an engine to see what the trainer does with it.
/// </summary>
internal sealed class FakeModel : IMambaModel
{
    private readonly int _inputs;

    public FakeModel(int classes = 2, int vocabulary = 4, int channels = 0)
    {
        Config = new MambaConfig { DModel = 1, NumLayers = 0, VocabSize = vocabulary, InputChannels = channels, NumClasses = classes };
        _inputs = Math.Max(vocabulary, channels);
        Weights = new MambaWeights { new MambaTensor("w", [classes, _inputs], new float[classes * _inputs]) };
    }

    public MambaConfig Config { get; init; }

    public MambaWeights Weights { get; set; }

    public MambaWeights Average
    {
        get => field ?? throw new InvalidOperationException("There is no average.");
        private set;
    }

    /// <summary>Replaces a step, given its number from 1; null lets it happen.</summary>
    public Func<int, MambaStepResult?> BeforeStep { get; init; } = _ => null;

    /// <summary>Changes a validation's logits, given its forward pass's number from 1.</summary>
    public Action<int, float[]>? AfterForward { get; init; }

    /// <summary>Called when it is disposed.</summary>
    public Action? OnDispose { get; init; }

    public MambaTrainingSettings? Settings { get; private set; }

    public int OpenSessions { get; private set; }

    public List<(int[] Lengths, int[] Tokens, int[] Targets, float LearningRate)> Steps { get; } = [];

    /// <summary>Each step's frames.</summary>
    public List<float[]> StepFrames { get; } = [];

    public List<int[]> ForwardLengths { get; } = [];

    /// <summary>Each forward pass's frames.</summary>
    public List<float[]> ForwardFrames { get; } = [];

    public void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ForwardFrames.Add(batch.Frames.ToArray());
        ForwardLengths.Add([.. Enumerable.Range(0, batch.Count).Select(batch.LengthOf)]);
        float[] logits = Logits(batch);
        AfterForward?.Invoke(ForwardLengths.Count, logits);
        logits.CopyTo(output);
    }

    public MambaWeights ExportWeights() => Weights.Clone();

    public IMambaTrainingSession StartTraining(MambaTrainingSettings settings)
    {
        settings.Validate(Config);
        Settings = settings;
        OpenSessions++;
        return new Session(this);
    }

    public void ForwardHidden(SequenceBatch batch, int layer, Span<float> hidden, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public void ForwardPooled(SequenceBatch batch, Span<float> pooled, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Saliency(SequenceBatch batch, ReadOnlySpan<int> targets, Span<float> saliency, Span<float> logits, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public MambaState CreateState(int sequences = 1) => throw new NotSupportedException();

    public void Step(MambaState state, SequenceBatch chunk, Span<float> output, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Dispose() => OnDispose?.Invoke();

    private float[] Features(SequenceBatch batch, int index)
    {
        var features = new float[_inputs];
        int start = batch.Offsets[index], length = batch.LengthOf(index);
        for (int t = start; t < start + length; t++)
        {
            if (batch.IsTokens)
                features[batch.Tokens[t]] += 1f / length;
            for (int c = 0; c < batch.Channels; c++)
                features[c] += batch.Frames[t * batch.Channels + c] / length;
        }

        return features;
    }

    private float[] Logits(SequenceBatch batch)
    {
        float[] weights = Weights["w"].Values;
        var logits = new float[batch.Count * Config.NumClasses];
        for (int i = 0; i < batch.Count; i++)
        {
            float[] features = Features(batch, i);
            for (int k = 0; k < Config.NumClasses; k++)
                logits[i * Config.NumClasses + k] = features.Select((value, j) => value * weights[k * _inputs + j]).Sum();
        }

        return logits;
    }

    private MambaStepResult Descend(SequenceBatch batch, ReadOnlySpan<int> targets, float learningRate)
    {
        float[] logits = Logits(batch), weights = Weights["w"].Values, gradient = new float[Weights["w"].Values.Length];
        double loss = 0, weightSum = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            double classWeight = Settings!.ClassWeights.Count == 0 ? 1 : Settings.ClassWeights[targets[i]];
            double[] exponentials = [.. Enumerable.Range(0, Config.NumClasses).Select(k => Math.Exp(logits[i * Config.NumClasses + k]))];
            float[] features = Features(batch, i);
            weightSum += classWeight;
            loss -= classWeight * Math.Log(exponentials[targets[i]] / exponentials.Sum());
            for (int g = 0; g < gradient.Length; g++)
                gradient[g] += (float)(classWeight * (exponentials[g / _inputs] / exponentials.Sum() - (g / _inputs == targets[i] ? 1 : 0)) * features[g % _inputs]);
        }

        for (int g = 0; g < gradient.Length; g++)
            weights[g] -= learningRate * gradient[g] / (float)weightSum;
        return new MambaStepResult((float)(loss / weightSum), (float)Math.Sqrt(gradient.Sum(value => value * value)));
    }

    private sealed class Session(FakeModel model) : IMambaTrainingSession
    {
        public int StepCount { get; private set; }

        public MambaStepResult TrainStep(SequenceBatch batch, ReadOnlySpan<int> targets, float learningRate, CancellationToken cancellationToken = default)
        {
            model.Steps.Add(([.. Enumerable.Range(0, batch.Count).Select(batch.LengthOf)], batch.Tokens.ToArray(), targets.ToArray(), learningRate));
            model.StepFrames.Add(batch.Frames.ToArray());
            MambaStepResult? replaced = model.BeforeStep(model.Steps.Count);
            cancellationToken.ThrowIfCancellationRequested();
            if (replaced is not null)
                return replaced.Value;
            StepCount++;
            return model.Descend(batch, targets, learningRate);
        }

        public void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default) =>
            model.Forward(batch, output, cancellationToken);

        public MambaWeights ExportWeights() => model.ExportWeights();

        public void ImportWeights(MambaWeights weights) => model.Weights = weights.Clone();

        public MambaWeights ExportOptimizerState() => new() { new MambaTensor("step", [], [StepCount]) };

        public void ImportOptimizerState(MambaWeights state) =>
            StepCount = state.TryGet("step", out MambaTensor? step) ? (int)step.Values[0] : throw new ArgumentException("The optimizer state lacks 'step'.");

        public void StartAverage() => model.Average = model.ExportWeights();

        public void UpdateAverage(float share)
        {
            foreach (MambaTensor tensor in model.Average)
            {
                for (int i = 0; i < tensor.Values.Length; i++)
                    tensor.Values[i] += share * (model.Weights[tensor.Name].Values[i] - tensor.Values[i]);
            }
        }

        public void SwapAverage() => (model.Weights, model.Average) = (model.Average, model.Weights);

        public MambaWeights ExportAverage() => model.Average.Clone();

        public void ImportAverage(MambaWeights average) => model.Average = average.Clone();

        public void Dispose() => model.OpenSessions--;
    }
}
