using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.Mamba.Benchmarks;
using Microsoft.ML.Mamba.Benchmarks.Limits;
using Microsoft.ML.Mamba.Benchmarks.Reporting;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string[] known = ["cpu", "loading"];
if (args.Length == 0 || !known.Contains(args[0]))
{
    Console.Error.WriteLine($"Name a benchmark, one of: {string.Join(", ", known)}.");
    return 1;
}

if (args[0] == "loading")
{
    LoadingBenchmark.Run();
    return 0;
}

int threads = Environment.ProcessorCount;
using MachineLimits one = new(1), all = new(threads);
Console.WriteLine(
    $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
    + $"{threads} processors, {MachineLimits.Lanes} lanes");
Console.WriteLine();
Console.WriteLine("Limits, measured in this run:");
Console.WriteLine();
Console.WriteLine("| threads | multiply-add, GFLOP/s | copy bandwidth, GB/s | exponentials, G/s |");
Console.WriteLine("|---|---|---|---|");
foreach (MachineLimits limits in new[] { one, all })
    Console.WriteLine($"| {limits.Threads} | {limits.Flops / 1e9:F0} | {limits.MemoryBandwidth / 1e9:F1} | {limits.Exponentials / 1e9:F2} |");
Console.WriteLine();
CpuBenchmark.Run(one, all);
return 0;
