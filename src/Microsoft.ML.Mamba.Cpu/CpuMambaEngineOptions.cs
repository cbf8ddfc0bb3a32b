namespace Microsoft.ML.Mamba.Cpu;

/// <summary>Options of <see cref="CpuMambaEngine"/>. Immutable.</summary>
public sealed record CpuMambaEngineOptions
{
    /// <summary>
    /// Threads that a call may use, its own among them: 1 to 1,024, or 0 (the default) for as many as the machine has processors. Results do not depend on it.
    /// </summary>
    public int Threads { get; init; }
}
