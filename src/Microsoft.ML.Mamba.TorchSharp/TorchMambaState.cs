using Microsoft.ML.Mamba.TorchSharp.Passes;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>The state of streams on the device.</summary>
internal sealed class TorchMambaState : MambaState
{
    private readonly Device _device;
    private readonly StreamMemory _memory;
    private bool _disposed;

    public TorchMambaState(MambaConfig config, int sequences, Device device)
    {
        Config = config;
        _device = device;
        _memory = new StreamMemory(config, sequences, device);
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

    /// <summary>Whether the state's tensors are where a model's are.</summary>
    public bool IsOn(Device device) => device.type == _device.type && device.index == _device.index;

    public override void Reset()
    {
        Memory.Clear();
        IsBroken = false;
    }

    public override MambaState Clone()
    {
        StreamMemory memory = Memory;
        var clone = new TorchMambaState(Config, Sequences, _device) { IsBroken = IsBroken };
        memory.CopyTo(clone._memory);
        return clone;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
            _memory.Dispose();
        _disposed = true;
    }
}
