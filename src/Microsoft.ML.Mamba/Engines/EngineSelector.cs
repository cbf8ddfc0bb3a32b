using Microsoft.ML.Mamba.Cpu;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Engines;

/// <summary>Chooses the engine that an environment and an option ask for.</summary>
internal static class EngineSelector
{
    /// <summary>The engine to use.</summary>
    /// <param name="env">Says the GPU device and whether the CPU may take its place.</param>
    /// <param name="kind">What was asked for.</param>
    /// <param name="threads">Threads of the CPU engine, or null.</param>
    /// <param name="gpu">Where a GPU engine is found.</param>
    /// <param name="precision">In which numbers a GPU computes.</param>
    /// <exception cref="InvalidOperationException">A GPU was asked for, there is none, and the CPU may not take its place.</exception>
    public static IMambaEngine Select(
        IHostEnvironment env, MambaEngineKind kind, int? threads, GpuEngineSource gpu, MambaPrecision precision = MambaPrecision.Float32)
    {
        var settings = env as IHostEnvironmentInternal;
        bool wanted = kind == MambaEngineKind.Gpu || (kind == MambaEngineKind.Auto && settings?.GpuDeviceId is not null);
        if (!wanted)
            return Cpu(threads);
        int device = settings?.GpuDeviceId ?? 0;
        if (gpu.TryCreate(device, precision, out IMambaEngine? engine, out string? reason))
            return engine;
        if (settings?.FallbackToCpu == false)
            throw new InvalidOperationException($"GPU {device} was asked for, but {reason} Set MLContext.FallbackToCpu to use the CPU instead.");
        using IChannel channel = env.Start("Mamba engine");
        channel.Warning(MessageSensitivity.None, $"GPU {device} was asked for, but {reason} The CPU is used instead.");
        return Cpu(threads);
    }

    private static CpuMambaEngine Cpu(int? threads) => new(new CpuMambaEngineOptions { Threads = threads ?? 0 });
}
