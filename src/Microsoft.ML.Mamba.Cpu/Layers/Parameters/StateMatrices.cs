using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>A = -exp(ALog) of every block and direction, kept because every pass needs it and only training changes it.</summary>
internal sealed unsafe class StateMatrices : IDisposable
{
    private readonly NativeBlock _block;
    private readonly int _length;
    private readonly int _directions;

    public StateMatrices(MambaConfig config)
    {
        _length = checked(config.DInner * config.DState);
        _directions = config.Direction == MambaDirection.BidirectionalSeparate ? 2 : 1;
        _block = new NativeBlock((long)_length * _directions * config.NumLayers * sizeof(float));
    }

    /// <summary>A of a layer's direction, [DInner, DState].</summary>
    public NativeBuffer<float> Get(int layer, bool reversed)
    {
        long index = (long)layer * _directions + (reversed ? _directions - 1 : 0);
        return new NativeBuffer<float>((float*)_block.Pointer + index * _length, _length);
    }

    /// <summary>Computes all from the current weights.</summary>
    public void Refresh(ModelParameters parameters)
    {
        for (int layer = 0; layer < parameters.Blocks.Length; layer++)
        {
            BlockParameters block = parameters.Blocks[layer];
            Negate(block.Forward.ALog, Get(layer, reversed: false));
            if (_directions == 2)
                Negate(block.Reversed!.ALog, Get(layer, reversed: true));
        }
    }

    public void Dispose() => _block.Dispose();

    private static void Negate(ReadOnlySpan<float> aLog, Span<float> a)
    {
        for (int i = 0; i < a.Length; i++)
            a[i] = -MathF.Exp(aLog[i]);
    }
}
