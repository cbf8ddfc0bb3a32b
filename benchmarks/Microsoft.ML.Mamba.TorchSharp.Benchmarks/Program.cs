using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.Mamba;
using Microsoft.ML.Mamba.Cpu;
using Microsoft.ML.Mamba.TorchSharp;
using Microsoft.ML.Mamba.TorchSharp.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["profile", var profiled])
{
    // For a profiler: a warm-up, and then one step between two marks that it can find by the number of kernels.
    EngineCase reduced = EngineCase.CudaBFloat16 ?? throw new NotSupportedException(EngineCase.CudaReason);
    StepTiming.Profile(reduced, StepCase.All.Single(item => item.Name.StartsWith(profiled, StringComparison.Ordinal)));
    return;
}

// `--engine bfloat16 130M`: one engine alone, so that the device's memory can be read off beside it.
string engines = "";
if (args is ["--engine", var chosen, ..])
    (engines, args) = (chosen, args[2..]);
Console.WriteLine($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors");
if (EngineCase.CudaReason is { } reason)
    Console.WriteLine($"Without a GPU: {reason}");
Console.WriteLine();
Console.WriteLine("| model and batch | engine | training step, ms | tokens/s training | scoring, ms | tokens/s scoring | loss after the steps |");
Console.WriteLine("|---|---|---|---|---|---|---|");
foreach (StepCase step in StepCase.All.Where(item => args.Length == 0 || args.Any(name => item.Name.StartsWith(name, StringComparison.Ordinal))))
{
    foreach (EngineCase engine in EngineCase.All.Where(item => item.Name.EndsWith(engines, StringComparison.Ordinal)))
    {
        if (!step.Fits(engine))
            continue;
        StepTiming timing = StepTiming.Measure(engine, step);
        Console.WriteLine(
            $"| {step.Name} | {engine.Name} | {timing.Training * 1e3:F2} | {step.Tokens / timing.Training:N0} | "
            + $"{timing.Scoring * 1e3:F2} | {step.Tokens / timing.Scoring:N0} | {timing.Loss:F4} |");
    }
}
