using Microsoft.ML.Mamba.Benchmarks.Reporting;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Limits;

/// <summary>Copies between arrays far larger than any cache; a byte copied counts twice, once read and once written.</summary>
internal static class CopyBandwidth
{
    private const int Floats = 1 << 26, Pieces = 64;

    public static double Measure(CpuParallel parallel)
    {
        var job = new Job { From = new float[Floats], To = new float[Floats] };
        Array.Fill(job.From, 1f);
        double seconds = Clock.Seconds(() => parallel.For(Pieces, ref job));
        return 2.0 * sizeof(float) * Floats / seconds;
    }

    private struct Job : IParallelJob
    {
        public float[] From, To;

        public readonly void Run(int index)
        {
            const int Length = Floats / Pieces;
            From.AsSpan(index * Length, Length).CopyTo(To.AsSpan(index * Length, Length));
        }
    }
}
