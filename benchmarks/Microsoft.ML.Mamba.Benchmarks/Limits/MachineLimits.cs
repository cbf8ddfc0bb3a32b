using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Benchmarks.Reporting;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Limits;

/// <summary>What this machine can do at best, measured in this run.</summary>
/// <param name="Threads">Number of threads that worked together.</param>
/// <param name="Flops">Float32 operations a second, two for a multiply-add.</param>
/// <param name="Bandwidth">Bytes a second that a copy between large arrays reads and writes.</param>
/// <param name="Exponentials">Float32 exponentials a second, in registers.</param>
internal sealed record MachineLimits(int Threads, double Flops, double Bandwidth, double Exponentials)
{
    /// <summary>Seconds that work takes at least, whichever limit it meets first.</summary>
    public double Floor(double flops, double bytes, double exponentials) =>
        Math.Max(flops / Flops, Math.Max(bytes / Bandwidth, exponentials / Exponentials));

    /// <summary>Which limit <see cref="Floor"/> is.</summary>
    public string Bound(double flops, double bytes, double exponentials)
    {
        double floor = Floor(flops, bytes, exponentials);
        return floor == flops / Flops ? "multiply-add" : floor == bytes / Bandwidth ? "bandwidth" : "exp";
    }

    public static MachineLimits Measure(int threads)
    {
        using var parallel = new CpuParallel(threads);
        return new MachineLimits(threads, MultiplyAddPeak.Measure(parallel), CopyBandwidth.Measure(parallel), ExponentialPeak.Measure(parallel));
    }

    public static string Lanes =>
        Vector512.IsHardwareAccelerated ? "512-bit" : Vector256.IsHardwareAccelerated ? "256-bit" : Vector128.IsHardwareAccelerated ? "128-bit" : "scalar";
}
