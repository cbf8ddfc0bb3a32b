namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>Copies of small arrays on a device, which nobody waits for: from pageable memory, the driver has taken the values when the call returns.</summary>
internal static class DeviceData
{
    /// <summary>Indices, as int64.</summary>
    public static Tensor Indices(ReadOnlySpan<int> values, Device device)
    {
        var wide = new long[values.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = values[i];
        return Indices(wide, device);
    }

    public static Tensor Indices(long[] values, Device device) => Move(tensor(values, dtype: ScalarType.Int64), device);

    public static Tensor Floats(ReadOnlySpan<float> values, Device device)
    {
        Tensor staged = empty(values.Length, dtype: ScalarType.Float32);
        values.CopyTo(TensorMemory.Floats(staged));
        return Move(staged, device);
    }

    public static Tensor Doubles(double[] values, Device device) => Move(tensor(values, dtype: ScalarType.Float64), device);

    private static Tensor Move(Tensor staged, Device device) => device.type == DeviceType.CPU ? staged : staged.to(device, non_blocking: true);
}
