using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Operators;

/// <summary>One operator at one shape, with the least work that any implementation must do.</summary>
/// <param name="Name">The operator.</param>
/// <param name="Shape">Its sizes, for people.</param>
/// <param name="Flops">Float32 operations, two for a multiply-add.</param>
/// <param name="Bytes">Bytes of inputs read once and outputs written once.</param>
/// <param name="Exponentials">Exponentials, one for each state update.</param>
/// <param name="Prepare">Makes the buffers; the action then runs the operator once.</param>
internal sealed record OperatorCase(string Name, string Shape, double Flops, double Bytes, double Exponentials, Func<CpuParallel, Action> Prepare);

/// <summary>Buffers for operators: reproducible values of the size that activations have.</summary>
internal static class Buffers
{
    public static float[] Random(long count, int seed, float scale = 1f, float shift = 0f)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = ((float)random.NextDouble() * 2 - 1) * scale + shift;
        return values;
    }

    public static int[] Offsets(int tokens, int sequences)
    {
        var offsets = new int[sequences + 1];
        for (int i = 0; i <= sequences; i++)
            offsets[i] = (int)((long)tokens * i / sequences);
        return offsets;
    }
}
