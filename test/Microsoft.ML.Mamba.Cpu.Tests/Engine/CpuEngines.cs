namespace Microsoft.ML.Mamba.Cpu.Tests.Engine;

internal static class CpuEngines
{
    /// <summary>More threads than most pieces of work, whatever the machine has.</summary>
    public static readonly CpuMambaEngine Default = WithThreads(3);

    public static CpuMambaEngine WithThreads(int threads) => new(new CpuMambaEngineOptions { Threads = threads });
}
