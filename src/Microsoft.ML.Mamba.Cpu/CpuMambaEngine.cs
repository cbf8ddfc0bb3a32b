using System.Collections.Concurrent;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu;

/// <summary>The managed engine: runs and trains models on the processor with SIMD and threads, without native dependencies. Thread-safe.</summary>
/// <remarks>
/// The same weights and batches give the same results, bit for bit, whatever the number of threads, and a sequence's result does not depend on its neighbours
/// in the batch. Engines of the same number of threads share them.
/// </remarks>
public sealed class CpuMambaEngine : IMambaEngine
{
    private const int MostThreads = 1024;
    private static readonly ConcurrentDictionary<int, CpuParallel> s_teams = new();
    private readonly CpuParallel _parallel;

    /// <summary>An engine that uses all processors.</summary>
    public CpuMambaEngine() : this(new CpuMambaEngineOptions())
    {
    }

    /// <summary>An engine with options.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is out of range.</exception>
    public CpuMambaEngine(CpuMambaEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Threads is < 0 or > MostThreads)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.Threads, $"Threads must be 1 to {MostThreads}, or 0 for as many as there are processors; got {options.Threads}.");
        }

        Threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        _parallel = Threads == Environment.ProcessorCount ? CpuParallel.Shared : s_teams.GetOrAdd(Threads, threads => new CpuParallel(threads));
    }

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <summary>Threads that a call may use.</summary>
    public int Threads { get; }

    /// <inheritdoc/>
    public IMambaModel CreateModel(MambaConfig config, MambaWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        MambaParameters.Check(config, weights);
        return new CpuMambaModel(config, weights, _parallel);
    }
}
