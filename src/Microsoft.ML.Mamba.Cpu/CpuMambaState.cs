using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;

namespace Microsoft.ML.Mamba.Cpu;

/// <summary>The state of streams on the CPU.</summary>
internal sealed class CpuMambaState : MambaState
{
    private readonly NativeArena _arena = new();
    private readonly StreamMemory _memory;
    private bool _disposed;

    public CpuMambaState(MambaConfig config, int sequences)
    {
        Config = config;
        _memory = new StreamMemory(_arena, config, sequences);
    }

    /// <summary>The shape of the model that the state belongs to.</summary>
    public MambaConfig Config { get; }

    /// <summary>Whether a step broke off half-way, so that some layers are ahead of others.</summary>
    public bool IsBroken { get; set; }

    public override int Sequences => _memory.Sequences;

    public override ReadOnlySpan<long> Positions => Memory.Pooling.Positions;

    public StreamMemory Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _memory;
        }
    }

    public override void Reset()
    {
        Memory.Clear();
        IsBroken = false;
    }

    public override MambaState Clone()
    {
        StreamMemory memory = Memory;
        var clone = new CpuMambaState(Config, Sequences) { IsBroken = IsBroken };
        memory.CopyTo(clone._memory);
        return clone;
    }

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        if (disposing)
            _arena.Dispose();
    }
}
