using System.Runtime.InteropServices;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>One value for each element of each parameter: weights, gradients or a moment. Zero at first; padding stays zero.</summary>
internal sealed unsafe class ParameterBuffer : IDisposable
{
    private readonly NativeBlock _block;

    public ParameterBuffer(ParameterLayout layout)
    {
        Layout = layout;
        _block = new NativeBlock(layout.Length * sizeof(float));
        Clear();
    }

    public ParameterLayout Layout { get; }

    /// <summary>The values of a parameter; empty where the model has none of this name.</summary>
    public NativeBuffer<float> this[string name]
    {
        get
        {
            int index = Layout.IndexOf(name);
            return index < 0 ? default : this[index];
        }
    }

    public NativeBuffer<float> this[int index] => new((float*)_block.Pointer + Layout.OffsetOf(index), Layout.LengthOf(index));

    /// <summary>The weights of a linear layer: the first dimension are its outputs. Empty where the model has no such layer.</summary>
    public WeightMatrix Matrix(string name)
    {
        int index = Layout.IndexOf(name);
        if (index < 0)
            return new WeightMatrix(default, 0, 0);
        int outputs = Layout.Parameters[index].Shape[0];
        return new WeightMatrix(this[index], outputs, Layout.LengthOf(index) / outputs);
    }

    /// <summary>Elements of the flat buffer, across parameters.</summary>
    public NativeBuffer<float> Range(long start, int length)
    {
        if (start < 0 || length < 0 || start + length > Layout.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), start, $"A range must lie within the buffer's {Layout.Length} elements; got start {start} and length {length}.");
        }

        return new NativeBuffer<float>((float*)_block.Pointer + start, length);
    }

    public void Clear() => NativeMemory.Clear(_block.Pointer, (nuint)_block.Bytes);

    /// <summary>Takes values over; <paramref name="prefix"/> stands before the parameters' names. Everything has been checked.</summary>
    public void CopyFrom(MambaWeights weights, string prefix = "")
    {
        for (int i = 0; i < Layout.Parameters.Count; i++)
            weights[prefix + Layout.Parameters[i].Name].Values.CopyTo(this[i].Span);
    }

    /// <summary>Adds copies of all values.</summary>
    public void AddTo(MambaWeights weights, string prefix = "")
    {
        for (int i = 0; i < Layout.Parameters.Count; i++)
        {
            MambaParameter parameter = Layout.Parameters[i];
            weights.Add(new MambaTensor(prefix + parameter.Name, parameter.Shape.ToArray(), this[i].Span.ToArray()));
        }
    }

    public void Dispose() => _block.Dispose();
}
