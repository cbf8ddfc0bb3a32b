using Microsoft.ML.Mamba.TorchSharp.Modules;

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>All that a causal model remembers of some sequences between two pieces. Zero at a sequence's start.</summary>
internal sealed class StreamMemory : IDisposable
{
    private readonly Tensor[] _convInputs;
    private readonly Tensor[] _scanStates;

    public StreamMemory(MambaConfig config, int sequences, Device device)
    {
        Sequences = sequences;
        Pooling = new PoolingMemory(config, sequences, device);
        _convInputs = [.. Enumerable.Range(0, config.NumLayers).Select(_ => Zeros(sequences, config.DConv - 1, config.DInner))];
        _scanStates = [.. Enumerable.Range(0, config.NumLayers).Select(_ => Zeros(sequences, config.DInner, config.DState))];

        Tensor Zeros(params long[] shape) => zeros(shape, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
    }

    public int Sequences { get; }

    public PoolingMemory Pooling { get; }

    /// <summary>A block's state of some of the sequences.</summary>
    public DirectionState Get(int layer, int firstSequence, int sequences) =>
        new(_convInputs[layer].narrow(0, firstSequence, sequences), _scanStates[layer].narrow(0, firstSequence, sequences));

    public void Clear()
    {
        Pooling.Clear();
        foreach (Tensor state in _convInputs.Concat(_scanStates))
            state.zero_();
    }

    public void CopyTo(StreamMemory other)
    {
        Pooling.CopyTo(other.Pooling);
        for (int layer = 0; layer < _convInputs.Length; layer++)
        {
            other._convInputs[layer].copy_(_convInputs[layer]);
            other._scanStates[layer].copy_(_scanStates[layer]);
        }
    }

    public void Dispose()
    {
        Pooling.Dispose();
        foreach (Tensor state in _convInputs.Concat(_scanStates))
            state.Dispose();
    }
}
