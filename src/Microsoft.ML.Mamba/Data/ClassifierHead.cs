namespace Microsoft.ML.Mamba.Data;

/// <summary>A classifier's last layer, logits = weight * features + bias, for where the features are there already. Immutable and thread-safe.</summary>
internal sealed class ClassifierHead(MambaWeights weights)
{
    private readonly float[] _weight = weights["classifier.weight"].Values;
    private readonly float[] _bias = weights["classifier.bias"].Values;

    /// <param name="features">One row's features, [DModel].</param>
    /// <param name="logits">[NumClasses], overwritten.</param>
    public void Apply(ReadOnlySpan<float> features, Span<float> logits)
    {
        for (int k = 0; k < logits.Length; k++)
        {
            ReadOnlySpan<float> row = _weight.AsSpan(k * features.Length, features.Length);
            double sum = _bias[k];
            for (int d = 0; d < features.Length; d++)
                sum += (double)row[d] * features[d];
            logits[k] = (float)sum;
        }
    }
}
