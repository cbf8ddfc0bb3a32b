using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>All that a causal model remembers of some sequences between two pieces. Zero at a sequence's start.</summary>
internal sealed class StreamMemory
{
    private readonly MambaPooling _pooling;
    private readonly NativeBuffer<float>[] _convInputs;
    private readonly NativeBuffer<float>[] _scanStates;

    public StreamMemory(NativeArena arena, MambaConfig config, int sequences)
    {
        _pooling = config.Pooling;
        Sequences = sequences;
        Pooling = new PoolingState(arena, config, sequences);
        _convInputs = new NativeBuffer<float>[config.NumLayers];
        _scanStates = new NativeBuffer<float>[config.NumLayers];
        for (int layer = 0; layer < config.NumLayers; layer++)
        {
            _convInputs[layer] = arena.Allocate<float>(checked(sequences * (config.DConv - 1) * config.DInner));
            _scanStates[layer] = arena.Allocate<float>(checked(sequences * config.DInner * config.DState));
        }

        Clear();
    }

    public int Sequences { get; }

    public PoolingState Pooling { get; }

    /// <summary>A block's state of some of the sequences.</summary>
    public DirectionState Get(int layer, int firstSequence, int sequences) => new()
    {
        ConvInputs = Part(_convInputs[layer], firstSequence, sequences),
        ScanStates = Part(_scanStates[layer], firstSequence, sequences),
    };

    public void Clear()
    {
        Pooling.Clear(_pooling);
        for (int layer = 0; layer < _convInputs.Length; layer++)
        {
            _convInputs[layer].Span.Clear();
            _scanStates[layer].Span.Clear();
        }
    }

    public void CopyTo(StreamMemory other)
    {
        Pooling.CopyTo(other.Pooling);
        for (int layer = 0; layer < _convInputs.Length; layer++)
        {
            _convInputs[layer].Span.CopyTo(other._convInputs[layer]);
            _scanStates[layer].Span.CopyTo(other._scanStates[layer]);
        }
    }

    private Span<float> Part(NativeBuffer<float> buffer, int first, int count)
    {
        int width = buffer.Length / Sequences;
        return buffer.Slice(first * width, count * width);
    }
}
