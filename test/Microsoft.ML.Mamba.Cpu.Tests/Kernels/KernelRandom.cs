namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

/// <summary>Seeded test data.</summary>
internal static class KernelRandom
{
    public static float[] Uniform(Random random, int count, double low = -1, double high = 1)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(low + (random.NextDouble() * (high - low)));
        return values;
    }

    /// <summary>Rows with NaN between them, which must not be read into any result.</summary>
    public static float[] Rows(Random random, int rows, int stride, int width, double low = -1, double high = 1)
    {
        float[] values = Uniform(random, rows * stride, low, high);
        for (int i = 0; i < values.Length; i++)
        {
            if (i % stride >= width)
                values[i] = float.NaN;
        }

        return values;
    }

    public static float[] Dense(ReadOnlySpan<float> values, int rows, int stride, int width)
    {
        var dense = new float[rows * width];
        for (int row = 0; row < rows; row++)
            values.Slice(row * stride, width).CopyTo(dense.AsSpan(row * width));
        return dense;
    }

    public static int[] OffsetsOf(params int[] lengths)
    {
        var offsets = new int[lengths.Length + 1];
        for (int i = 0; i < lengths.Length; i++)
            offsets[i + 1] = offsets[i] + lengths[i];
        return offsets;
    }

    public static double[] Widen(float[] values) => Array.ConvertAll(values, value => (double)value);
}
