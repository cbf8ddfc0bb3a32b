namespace Microsoft.ML.Mamba.EngineConformance.Reference;

public static class ReferencePooling
{
    public static double[] Pool(double[] hidden, int width, MambaPooling pooling, double[]? query)
    {
        int length = hidden.Length / width;
        double[] weights = new double[length];
        switch (pooling)
        {
            case MambaPooling.Max:
                return Enumerable.Range(0, width).Select(c => Enumerable.Range(0, length).Max(t => hidden[t * width + c])).ToArray();
            case MambaPooling.First:
                weights[0] = 1;
                break;
            case MambaPooling.Last:
                weights[^1] = 1;
                break;
            case MambaPooling.Mean:
                Array.Fill(weights, 1.0 / length);
                break;
            case MambaPooling.Attention:
                for (int t = 0; t < length; t++)
                {
                    for (int c = 0; c < width; c++)
                        weights[t] += query![c] * hidden[t * width + c] / Math.Sqrt(width);
                }

                double max = weights.Max();
                double[] exponentials = weights.Select(score => Math.Exp(score - max)).ToArray();
                weights = exponentials.Select(value => value / exponentials.Sum()).ToArray();
                break;
        }

        double[] pooled = new double[width];
        for (int t = 0; t < length; t++)
        {
            for (int c = 0; c < width; c++)
                pooled[c] += weights[t] * hidden[t * width + c];
        }

        return pooled;
    }
}
