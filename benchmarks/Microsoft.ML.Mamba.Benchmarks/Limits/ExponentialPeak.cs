using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Benchmarks.Reporting;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Limits;

/// <summary>Vectorised exponentials of an array that stays in the first-level cache, four vectors in flight.</summary>
internal static class ExponentialPeak
{
    private const int Floats = 2048, Rounds = 100;

    public static double Measure(CpuParallel parallel)
    {
        var job = new Job { Buffers = [.. Enumerable.Range(0, parallel.Threads).Select(_ => new float[Floats * 2])] };
        double seconds = Clock.Seconds(() => parallel.For(parallel.Threads, ref job));
        return (double)Floats * Rounds * parallel.Threads / seconds;
    }

    private struct Job : IParallelJob
    {
        public float[][] Buffers;

        public readonly void Run(int index)
        {
            float[] buffer = Buffers[index];
            if (Vector512.IsHardwareAccelerated)
                Run<Lanes512, Vector512<float>>(buffer);
            else if (Vector256.IsHardwareAccelerated)
                Run<Lanes256, Vector256<float>>(buffer);
            else
                Run<Lanes128, Vector128<float>>(buffer);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Run<TLanes, TVector>(float[] buffer) where TLanes : struct, ILanes<TVector> where TVector : unmanaged
    {
        int lanes = sizeof(TVector) / sizeof(float);
        fixed (float* from = buffer)
        {
            float* to = from + Floats;
            for (int round = 0; round < Rounds; round++)
            {
                for (int i = 0; i < Floats; i += 4 * lanes)
                {
                    TVector a = SimdMath.Exp<TLanes, TVector>(Unsafe.ReadUnaligned<TVector>(from + i));
                    TVector b = SimdMath.Exp<TLanes, TVector>(Unsafe.ReadUnaligned<TVector>(from + i + lanes));
                    TVector c = SimdMath.Exp<TLanes, TVector>(Unsafe.ReadUnaligned<TVector>(from + i + 2 * lanes));
                    TVector d = SimdMath.Exp<TLanes, TVector>(Unsafe.ReadUnaligned<TVector>(from + i + 3 * lanes));
                    Unsafe.WriteUnaligned(to + i, a);
                    Unsafe.WriteUnaligned(to + i + lanes, b);
                    Unsafe.WriteUnaligned(to + i + 2 * lanes, c);
                    Unsafe.WriteUnaligned(to + i + 3 * lanes, d);
                }
            }
        }
    }
}
