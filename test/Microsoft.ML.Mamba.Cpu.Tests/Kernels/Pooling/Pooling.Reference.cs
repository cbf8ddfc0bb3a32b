namespace Microsoft.ML.Mamba.Cpu.Tests;

internal static class PoolingReference
{
    public static double[] Forward(MambaPooling kind, int channels, double[] hidden, int[] offsets, double[] query)
    {
        var pooled = new double[(offsets.Length - 1) * channels];
        for (int i = 0; i + 1 < offsets.Length; i++)
        {
            double[] weights = Weights(kind, channels, hidden, offsets[i], offsets[i + 1], query);
            for (int c = 0; c < channels; c++)
            {
                double sum = 0, max = double.NegativeInfinity;
                for (int t = offsets[i]; t < offsets[i + 1]; t++)
                {
                    sum += weights[t - offsets[i]] * hidden[t * channels + c];
                    max = Math.Max(max, hidden[t * channels + c]);
                }

                pooled[i * channels + c] = kind == MambaPooling.Max ? max : sum;
            }
        }

        return pooled;
    }

    private static double[] Weights(MambaPooling kind, int channels, double[] hidden, int first, int end, double[] query)
    {
        var weights = new double[end - first];
        switch (kind)
        {
            case MambaPooling.Last:
                weights[^1] = 1;
                break;
            case MambaPooling.First:
                weights[0] = 1;
                break;
            case MambaPooling.Mean:
                Array.Fill(weights, 1.0 / weights.Length);
                break;
            case MambaPooling.Attention:
                for (int t = first; t < end; t++)
                {
                    for (int c = 0; c < channels; c++)
                        weights[t - first] += query[c] * hidden[t * channels + c] / Math.Sqrt(channels);
                }

                weights = CrossEntropyReference.Softmax(1, weights.Length, weights);
                break;
        }

        return weights;
    }
}
