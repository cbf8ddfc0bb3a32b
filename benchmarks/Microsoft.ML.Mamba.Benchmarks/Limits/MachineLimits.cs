using System.Numerics;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Benchmarks.Reporting;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Limits;

/// <summary>What this machine can do at best with a number of threads, measured in this run.</summary>
internal sealed class MachineLimits : IDisposable
{
    private const long SmallestFootprint = 1 << 15, LargestFootprint = 1 << 29;

    private readonly CpuParallel _parallel;
    private readonly Dictionary<long, double> _bandwidths = [];

    public MachineLimits(int threads)
    {
        _parallel = new CpuParallel(threads);
        Flops = MultiplyAddPeak.Measure(_parallel);
        Exponentials = ExponentialPeak.Measure(_parallel);
    }

    public static string Lanes =>
        Vector512.IsHardwareAccelerated ? "512-bit" : Vector256.IsHardwareAccelerated ? "256-bit" : Vector128.IsHardwareAccelerated ? "128-bit" : "scalar";

    public int Threads => _parallel.Threads;

    /// <summary>Float32 operations a second, two for a multiply-add.</summary>
    public double Flops { get; }

    /// <summary>Float32 exponentials a second, from and to the first-level cache.</summary>
    public double Exponentials { get; }

    /// <summary>Bytes a second that a copy reads and writes when both arrays together have about this size: small ones stay in a cache.</summary>
    public double Bandwidth(double bytes)
    {
        long footprint = Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)bytes), SmallestFootprint, LargestFootprint);
        if (!_bandwidths.TryGetValue(footprint, out double bandwidth))
            _bandwidths[footprint] = bandwidth = CopyBandwidth.Measure(_parallel, footprint);
        return bandwidth;
    }

    /// <summary>Bytes a second between arrays far larger than any cache.</summary>
    public double MemoryBandwidth => Bandwidth(LargestFootprint);

    /// <summary>Seconds that work takes at least, and the limit that says so.</summary>
    public (double Seconds, string Limit) Floor(double flops, double bytes, double exponentials) =>
        new[] { (flops / Flops, "multiply-add"), (bytes / Bandwidth(bytes), "bandwidth"), (exponentials / Exponentials, "exp") }.Max();

    public void Dispose() => _parallel.Dispose();
}
