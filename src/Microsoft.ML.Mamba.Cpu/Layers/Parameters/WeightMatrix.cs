using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>The weights of a linear layer, [outputs, inputs], and in inference a copy packed for the matrix product.</summary>
internal sealed class WeightMatrix(NativeBuffer<float> values, int outputs, int inputs) : IDisposable
{
    private PackedMatrix? _packed;

    /// <summary>The weights themselves; empty where the model has no such layer.</summary>
    public NativeBuffer<float> Values { get; } = values;

    public int Outputs { get; } = outputs;

    public int Inputs { get; } = inputs;

    /// <summary>The packed copy.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public PackedMatrix Packed => _packed ?? throw new InvalidOperationException("The weights have not been packed.");

    /// <summary>Packs the present weights.</summary>
    public void Pack(CpuParallel parallel)
    {
        if (_packed is not null)
            _packed.Refill(Values, Inputs, parallel);
        else if (!Values.IsEmpty)
            _packed = PackedMatrix.Create(Outputs, Inputs, Values, Inputs, parallel);
    }

    /// <summary>Frees the packed copy.</summary>
    public void Dispose()
    {
        _packed?.Dispose();
        _packed = null;
    }
}
