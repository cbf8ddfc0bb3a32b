namespace Microsoft.ML.Mamba.Data;

/// <summary>Computes what a model gives of batches. Thread-safe; every caller brings its own buffers.</summary>
internal sealed class Scorer
{
    private readonly SharedModel _shared;
    private readonly Lazy<ClassifierHead[]> _heads;
    private int _disposed;

    /// <param name="model">The model; released with this scorer.</param>
    public Scorer(SharedModel model)
    {
        _shared = model;
        _heads = new Lazy<ClassifierHead[]>(() => [.. model.Model.ExportWeights().Select(weights => new ClassifierHead(weights))]);
    }

    public MambaConfig Config => _shared.Model.Config;

    public int Classes => Config.NumClasses;

    /// <summary>A scorer of the same model for another transformer, with a life of its own.</summary>
    public Scorer Share()
    {
        CheckAlive();
        return new Scorer(_shared.Share());
    }

    /// <summary>Probabilities <c>[batch.Count, Classes]</c>.</summary>
    public void Score(SequenceBatch batch, Span<float> probabilities)
    {
        _shared.Model.Forward(batch, probabilities);
        Normalise(probabilities);
    }

    /// <summary>Values of a row's features.</summary>
    public int FeatureWidth => _shared.Model.PooledWidth;

    /// <summary>Features <c>[batch.Count, FeatureWidth]</c>.</summary>
    public void Featurize(SequenceBatch batch, Span<float> features) => _shared.Model.ForwardPooled(batch, features);

    /// <summary>Probabilities <c>[rows, Classes]</c> of features <c>[rows, FeatureWidth]</c>: those of <see cref="Score"/> up to rounding.</summary>
    public void ScoreFeatures(ReadOnlySpan<float> features, Span<float> probabilities)
    {
        int width = Config.DModel, rows = features.Length / FeatureWidth;
        var mean = new ProbabilityMean(rows * Classes, Classes, _heads.Value.Length);
        foreach ((int member, ClassifierHead head) in _heads.Value.Index())
        {
            for (int row = 0; row < rows; row++)
                head.Apply(features.Slice(row * FeatureWidth + member * width, width), probabilities.Slice(row * Classes, Classes));
            mean.Add(probabilities);
        }

        mean.Replace(probabilities);
        Normalise(probabilities);
    }

    /// <summary>
    /// Gradient x input of each token, <c>[batch.TokenCount]</c>, for a class or, with -1, for each row's predicted one; and probabilities,
    /// those of <see cref="Score"/> up to rounding.
    /// </summary>
    public void Explain(SequenceBatch batch, int target, Span<float> saliency, Span<float> probabilities)
    {
        var targets = new int[batch.Count];
        Array.Fill(targets, target);
        _shared.Model.Saliency(batch, targets, saliency, probabilities);
        Normalise(probabilities);
    }

    /// <summary>The weights of all members as they are.</summary>
    public IReadOnlyList<MambaWeights> ExportWeights()
    {
        CheckAlive();
        return _shared.Model.ExportWeights();
    }

    public void CheckAlive() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(MambaTransformer));

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _shared.Release();
    }

    /// <summary>The key of the largest probability; 0, the missing key, where there is none.</summary>
    public static uint KeyOf(ReadOnlySpan<float> probabilities)
    {
        int best = Logits.IndexOfLargest(probabilities);
        return float.IsNaN(probabilities[best]) ? 0 : (uint)best + 1;
    }

    private void Normalise(Span<float> logits)
    {
        for (int row = 0; row < logits.Length / Classes; row++)
            Softmax(logits.Slice(row * Classes, Classes));
    }

    // p[k] = exp(logit[k] - max) / sum; the largest logit is taken off so that nothing overflows.
    private static void Softmax(Span<float> logits)
    {
        float max = float.NegativeInfinity;
        foreach (float logit in logits)
            max = Math.Max(max, logit);
        double sum = 0;
        foreach (ref float logit in logits)
        {
            logit = MathF.Exp(logit - max);
            sum += logit;
        }

        float scale = (float)(1 / sum);
        foreach (ref float logit in logits)
            logit *= scale;
    }
}
