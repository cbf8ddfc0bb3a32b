using Microsoft.ML.Mamba.Cpu.Layers;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>One float32 value for each element of each parameter in one tensor: weights, gradients, a moment or an average. Zero at first.</summary>
internal sealed class FlatTensor : IDisposable
{
    public FlatTensor(ParameterLayout layout, Device device)
    {
        Layout = layout;
        // The caller's dispose scope must not take what lives as long as the model.
        Values = zeros(layout.Length, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
    }

    public ParameterLayout Layout { get; }

    /// <summary>All values, [<see cref="ParameterLayout.Length"/>].</summary>
    public Tensor Values { get; }

    /// <summary>A view of one parameter in its own shape; the caller's to dispose.</summary>
    public Tensor View(int index)
    {
        long[] shape = [.. Layout.Parameters[index].Shape.Select(size => (long)size)];
        using Tensor flat = Values.narrow(0, Layout.OffsetOf(index), Layout.LengthOf(index));
        return flat.view(shape);
    }

    /// <summary>Takes values over; <paramref name="prefix"/> stands before the parameters' names. Everything has been checked.</summary>
    public void CopyFrom(MambaWeights weights, string prefix = "")
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor staged = zeros(Layout.Length, dtype: ScalarType.Float32);
        for (int i = 0; i < Layout.Parameters.Count; i++)
        {
            Span<float> values = TensorMemory.Floats(staged.narrow(0, Layout.OffsetOf(i), Layout.LengthOf(i)));
            weights[prefix + Layout.Parameters[i].Name].Values.CopyTo(values);
        }

        Values.copy_(staged);
    }

    /// <summary>Adds copies of all values.</summary>
    public void AddTo(MambaWeights weights, string prefix = "")
    {
        using var scope = NewDisposeScope();
        Tensor staged = Values.cpu();
        for (int i = 0; i < Layout.Parameters.Count; i++)
        {
            MambaParameter parameter = Layout.Parameters[i];
            float[] values = TensorMemory.Floats(staged.narrow(0, Layout.OffsetOf(i), Layout.LengthOf(i))).ToArray();
            weights.Add(new MambaTensor(prefix + parameter.Name, parameter.Shape.ToArray(), values));
        }
    }

    public void Dispose() => Values.Dispose();
}
