namespace Microsoft.ML.Mamba.Training;

/// <summary>An exponential moving average of weights over training steps.</summary>
internal sealed class WeightAverage(float decay, MambaWeights initial)
{
    private long _steps;

    /// <summary>The average, updated in place by <see cref="Add"/>.</summary>
    public MambaWeights Weights { get; } = initial.Clone();

    /// <summary>average += (1 - decay) (weights - average), with a smaller decay in the first steps.</summary>
    public void Add(MambaWeights weights)
    {
        _steps++;
        float share = 1 - Math.Min(decay, (1f + _steps) / (10f + _steps));
        foreach (MambaTensor tensor in weights)
        {
            float[] from = tensor.Values, to = Weights[tensor.Name].Values;
            for (int i = 0; i < to.Length; i++)
                to[i] += share * (from[i] - to[i]);
        }
    }
}
