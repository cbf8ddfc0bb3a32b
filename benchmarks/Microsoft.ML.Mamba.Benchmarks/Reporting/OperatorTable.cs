using System.Globalization;
using Microsoft.ML.Mamba.Benchmarks.Limits;
using Microsoft.ML.Mamba.Benchmarks.Operators;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Reporting;

/// <summary>Measures operators on one thread and on all, and prints each one's share of its own limit as a Markdown table.</summary>
internal sealed class OperatorTable(MachineLimits one, MachineLimits all)
{
    public void Print(IEnumerable<OperatorCase> cases)
    {
        Console.WriteLine($"| operator | shape | limit | ms, 1 thread | share of limit | ms, {all.Threads} threads | share of limit | speed-up |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        using var single = new CpuParallel(1);
        using var team = new CpuParallel(all.Threads);
        foreach (OperatorCase operation in cases)
        {
            double alone = Clock.Seconds(operation.Prepare(single));
            double together = Clock.Seconds(operation.Prepare(team));
            string Share(MachineLimits limits, double seconds) => Percent(limits.Floor(operation.Flops, operation.Bytes, operation.Exponentials) / seconds);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {operation.Name} | {operation.Shape} | {one.Bound(operation.Flops, operation.Bytes, operation.Exponentials)} | {alone * 1e3:F3} | {Share(one, alone)} | {together * 1e3:F3} | {Share(all, together)} | {alone / together:F2}x |"));
        }
    }

    private static string Percent(double share) => (share * 100).ToString("F0", CultureInfo.InvariantCulture) + " %";
}
