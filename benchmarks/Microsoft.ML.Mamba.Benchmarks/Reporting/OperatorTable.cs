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
            (double floor, string limit) = one.Floor(operation.Flops, operation.Bytes, operation.Exponentials);
            double sharedFloor = all.Floor(operation.Flops, operation.Bytes, operation.Exponentials).Seconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {operation.Name} | {operation.Shape} | {limit} | {alone * 1e3:F3} | {floor / alone:P0} | {together * 1e3:F3} | "
                + $"{sharedFloor / together:P0} | {alone / together:F2}x |"));
        }
    }
}
