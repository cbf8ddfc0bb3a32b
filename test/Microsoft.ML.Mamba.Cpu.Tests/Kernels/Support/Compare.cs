namespace Microsoft.ML.Mamba.Cpu.Tests;

internal static class Compare
{
    /// <summary>Fails unless the difference is at most <paramref name="tolerance"/>; NaN fails.</summary>
    public static void Close(double expected, double actual, double tolerance, string place)
    {
        if (!(Math.Abs(expected - actual) <= tolerance))
            Assert.Fail($"At {place}: expected {expected:R}, got {actual:R}; they differ by {Math.Abs(expected - actual):e2}, allowed are {tolerance:e2}.");
    }

    /// <summary>Fails unless the difference is at most <paramref name="tolerance"/> times the larger of 1 and the expected magnitude.</summary>
    public static void CloseScaled(double expected, double actual, double tolerance, string place) =>
        Close(expected, actual, tolerance * Math.Max(1, Math.Abs(expected)), place);

    public static void SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"Element {i}: expected the very bits of {expected[i]:R}, got {actual[i]:R}.");
        }
    }

    /// <summary>
    /// Fails unless <paramref name="gradient"/> is the derivative of <paramref name="loss"/> by each of <paramref name="inputs"/>, by
    /// central differences.
    /// </summary>
    public static void IsGradient(Func<double> loss, double[] inputs, ReadOnlySpan<float> gradient, string name)
    {
        const double step = 1e-4;
        Assert.Equal(inputs.Length, gradient.Length);
        for (int i = 0; i < inputs.Length; i++)
        {
            double value = inputs[i];
            inputs[i] = value + step;
            double above = loss();
            inputs[i] = value - step;
            double below = loss();
            inputs[i] = value;
            CloseScaled((above - below) / (2 * step), gradient[i], Tolerances.FiniteDifference, $"{name}[{i}]");
        }
    }
}
