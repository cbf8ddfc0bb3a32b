using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

/// <summary>Teams of threads that tests share.</summary>
internal static class Teams
{
    public static CpuParallel One { get; } = new(1);

    public static CpuParallel Two { get; } = new(2);

    public static CpuParallel Eight { get; } = new(8);

    /// <summary>Runs an action with 1, 2 and 8 threads and fails unless its result has the same bits each time.</summary>
    public static void AssertSameBits(Func<CpuParallel, float[]> run)
    {
        float[] expected = run(One);
        Compare.SameBits(expected, run(Two));
        Compare.SameBits(expected, run(Eight));
    }
}
