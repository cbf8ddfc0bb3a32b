using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Benchmarks.Reporting;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Limits;

/// <summary>Multiply-adds on twelve independent accumulators: enough to hide a latency of six cycles at two a cycle.</summary>
internal static class MultiplyAddPeak
{
    private const int Rounds = 200_000, Accumulators = 12;

    public static double Measure(CpuParallel parallel)
    {
        var job = new Job { Sinks = new float[parallel.Threads * 64] };
        double seconds = Clock.Seconds(() => parallel.For(parallel.Threads, ref job));
        int lanes = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;
        return 2.0 * lanes * Accumulators * Rounds * parallel.Threads / seconds;
    }

    private struct Job : IParallelJob
    {
        public float[] Sinks;

        public readonly void Run(int index)
        {
            Sinks[index * 64] = Vector512.IsHardwareAccelerated ? Run512() : Vector256.IsHardwareAccelerated ? Run256() : Run128();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run512()
    {
        Vector512<float> m = Vector512.Create(0.999f), a = Vector512.Create(0.001f);
        Vector512<float> v0 = a, v1 = a, v2 = a, v3 = a, v4 = a, v5 = a, v6 = a, v7 = a, v8 = a, v9 = a, v10 = a, v11 = a;
        for (int i = 0; i < Rounds; i++)
        {
            v0 = Vector512.FusedMultiplyAdd(v0, m, a);
            v1 = Vector512.FusedMultiplyAdd(v1, m, a);
            v2 = Vector512.FusedMultiplyAdd(v2, m, a);
            v3 = Vector512.FusedMultiplyAdd(v3, m, a);
            v4 = Vector512.FusedMultiplyAdd(v4, m, a);
            v5 = Vector512.FusedMultiplyAdd(v5, m, a);
            v6 = Vector512.FusedMultiplyAdd(v6, m, a);
            v7 = Vector512.FusedMultiplyAdd(v7, m, a);
            v8 = Vector512.FusedMultiplyAdd(v8, m, a);
            v9 = Vector512.FusedMultiplyAdd(v9, m, a);
            v10 = Vector512.FusedMultiplyAdd(v10, m, a);
            v11 = Vector512.FusedMultiplyAdd(v11, m, a);
        }

        return Vector512.Sum(v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10 + v11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run256()
    {
        Vector256<float> m = Vector256.Create(0.999f), a = Vector256.Create(0.001f);
        Vector256<float> v0 = a, v1 = a, v2 = a, v3 = a, v4 = a, v5 = a, v6 = a, v7 = a, v8 = a, v9 = a, v10 = a, v11 = a;
        for (int i = 0; i < Rounds; i++)
        {
            v0 = Vector256.FusedMultiplyAdd(v0, m, a);
            v1 = Vector256.FusedMultiplyAdd(v1, m, a);
            v2 = Vector256.FusedMultiplyAdd(v2, m, a);
            v3 = Vector256.FusedMultiplyAdd(v3, m, a);
            v4 = Vector256.FusedMultiplyAdd(v4, m, a);
            v5 = Vector256.FusedMultiplyAdd(v5, m, a);
            v6 = Vector256.FusedMultiplyAdd(v6, m, a);
            v7 = Vector256.FusedMultiplyAdd(v7, m, a);
            v8 = Vector256.FusedMultiplyAdd(v8, m, a);
            v9 = Vector256.FusedMultiplyAdd(v9, m, a);
            v10 = Vector256.FusedMultiplyAdd(v10, m, a);
            v11 = Vector256.FusedMultiplyAdd(v11, m, a);
        }

        return Vector256.Sum(v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10 + v11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run128()
    {
        Vector128<float> m = Vector128.Create(0.999f), a = Vector128.Create(0.001f);
        Vector128<float> v0 = a, v1 = a, v2 = a, v3 = a, v4 = a, v5 = a, v6 = a, v7 = a, v8 = a, v9 = a, v10 = a, v11 = a;
        for (int i = 0; i < Rounds; i++)
        {
            v0 = v0 * m + a;
            v1 = v1 * m + a;
            v2 = v2 * m + a;
            v3 = v3 * m + a;
            v4 = v4 * m + a;
            v5 = v5 * m + a;
            v6 = v6 * m + a;
            v7 = v7 * m + a;
            v8 = v8 * m + a;
            v9 = v9 * m + a;
            v10 = v10 * m + a;
            v11 = v11 * m + a;
        }

        return Vector128.Sum(v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10 + v11);
    }
}
