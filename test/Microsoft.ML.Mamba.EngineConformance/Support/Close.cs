namespace Microsoft.ML.Mamba.EngineConformance.Support;

/// <summary>Comparisons that fail unless the difference is at most the tolerance, so that NaN fails.</summary>
public static class Close
{
    /// <summary>Compares relatively to the larger of 1 and the expected magnitude.</summary>
    public static void Values(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(expected[i] - actual[i]), allowed = tolerance * Math.Max(1, Math.Abs(expected[i]));
            if (!(difference <= allowed))
                Assert.Fail($"{what}[{i}]: expected {expected[i]}, got {actual[i]}; the difference {difference} exceeds {allowed}.");
        }
    }

    /// <summary>Compares relatively to the largest expected magnitude of the tensor: gradients of one tensor share a scale.</summary>
    public static void Tensor(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = 1e-3;
        foreach (double value in expected)
            scale = Math.Max(scale, Math.Abs(value));
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(expected[i] - actual[i]);
            if (!(difference <= tolerance * scale))
                Assert.Fail($"{what}[{i}]: expected {expected[i]}, got {actual[i]}; the difference {difference} exceeds {tolerance} of {scale}.");
        }
    }

    public static void Values(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        double[] wide = new double[expected.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = expected[i];
        Values(wide, actual, tolerance, what);
    }

    /// <summary>Compares bit for bit.</summary>
    public static void Bits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"{what}[{i}]: expected exactly {expected[i]:R}, got {actual[i]:R}.");
        }
    }
}
