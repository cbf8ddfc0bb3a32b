namespace Microsoft.ML.Mamba.EngineConformance.Support;

/// <summary>Weights that make every path of a model matter: nothing is zero, norms are near 1, gates and deltas are neither shut nor saturated.</summary>
public static class RandomWeights
{
    public static MambaWeights Create(MambaConfig config, int seed)
    {
        var random = new Random(seed);
        var weights = new MambaWeights();
        foreach (MambaParameter parameter in MambaParameters.List(config))
        {
            (float centre, float spread) = Range(parameter);
            float[] values = new float[parameter.Length];
            for (int i = 0; i < values.Length; i++)
                values[i] = centre + spread * (2 * random.NextSingle() - 1);
            weights.Add(new MambaTensor(parameter.Name, parameter.Shape.ToArray(), values));
        }

        return weights;
    }

    private static (float Centre, float Spread) Range(MambaParameter parameter)
    {
        string name = parameter.Name;
        if (name.Contains("norm", StringComparison.Ordinal))
            return (1, 0.3f);
        if (name.EndsWith("A_log", StringComparison.Ordinal) || name.EndsWith("A_b_log", StringComparison.Ordinal))
            return (0.5f, 1);
        if (name.Contains("dt_proj", StringComparison.Ordinal) && name.EndsWith("bias", StringComparison.Ordinal))
            return (-1, 1);
        if (name.Contains("mixer.D", StringComparison.Ordinal))
            return (0.8f, 0.4f);
        if (name.Contains("embeddings", StringComparison.Ordinal) || name.Contains("query", StringComparison.Ordinal))
            return (0, 1);
        int fanIn = parameter.Shape.Count > 1 ? parameter.Shape[^1] : 4;
        return (0, 1.5f / MathF.Sqrt(fanIn));
    }
}
