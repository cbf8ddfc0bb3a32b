using Microsoft.ML.Mamba.Benchmarks.Reporting;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Limits;

/// <summary>Copies from one half of a footprint to the other; a byte copied counts twice, once read and once written.</summary>
internal static class CopyBandwidth
{
    public static double Measure(CpuParallel parallel, long footprint)
    {
        int floats = (int)(footprint / 2 / sizeof(float));
        var job = new Job { From = new float[floats], To = new float[floats], Pieces = 4 * parallel.Threads };
        Array.Fill(job.From, 1f);
        double seconds = Clock.Seconds(() => parallel.For(job.Pieces, ref job));
        return (double)footprint / seconds;
    }

    private struct Job : IParallelJob
    {
        public float[] From, To;
        public int Pieces;

        public readonly void Run(int index)
        {
            int start = (int)((long)From.Length * index / Pieces), end = (int)((long)From.Length * (index + 1) / Pieces);
            From.AsSpan(start, end - start).CopyTo(To.AsSpan(start));
        }
    }
}
