namespace Microsoft.ML.Mamba.Data;

/// <summary>Turns sequences into class probabilities. Thread-safe; every caller brings its own buffers.</summary>
internal sealed class Scorer(IMambaModel model)
{
    private volatile bool _disposed;

    public MambaConfig Config => model.Config;

    public int Classes => model.Config.NumClasses;

    /// <summary>Probabilities <c>[rows.Count, Classes]</c> of packed sequences, by one forward pass.</summary>
    /// <exception cref="ObjectDisposedException">The model's transformer is disposed.</exception>
    public void Score(PackedRows rows, Span<float> probabilities)
    {
        CheckAlive();
        if (rows.Count == 0)
            return;
        model.Forward(rows.ToBatch(), probabilities);
        for (int row = 0; row < rows.Count; row++)
            Normalise(probabilities.Slice(row * Classes, Classes));
    }

    /// <summary>The weights as they are.</summary>
    public MambaWeights ExportWeights()
    {
        CheckAlive();
        return model.ExportWeights();
    }

    public void CheckAlive() => ObjectDisposedException.ThrowIf(_disposed, typeof(MambaTransformer));

    public void Dispose()
    {
        _disposed = true;
        model.Dispose();
    }

    /// <summary>The key of the largest probability; 0, the missing key, where there is none.</summary>
    public static uint KeyOf(ReadOnlySpan<float> probabilities)
    {
        int best = 0;
        for (int i = 1; i < probabilities.Length; i++)
        {
            if (probabilities[i] > probabilities[best])
                best = i;
        }

        return float.IsNaN(probabilities[best]) ? 0 : (uint)best + 1;
    }

    // p[k] = exp(logit[k] - max) / sum; the largest logit is taken off so that nothing overflows.
    private static void Normalise(Span<float> logits)
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
