using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.TorchSharp.Native;

/// <summary>Where a tensor's elements lie, for the kernels that read and write them in place.</summary>
internal static unsafe partial class TensorMemory
{
    /// <summary>The first element, in the memory of the tensor's device. Valid while the tensor lives.</summary>
    public static nint Pointer(Tensor? tensor) => tensor is null ? 0 : THSTensor_data(tensor.Handle);

    /// <summary>The elements of a float32 tensor in main memory; for a matrix whose rows are slices of wider ones, from its first element to its last.</summary>
    public static Span<float> Floats(Tensor? tensor)
    {
        if (tensor is null)
            return default;
        long length = tensor.numel();
        if (tensor.dim() == 2 && length > 0)
            length = (tensor.shape[0] - 1) * Stride(tensor) + tensor.shape[1];
        return new Span<float>((void*)Pointer(tensor), checked((int)length));
    }

    /// <summary>Some elements of a flat float32 tensor in main memory, which may have more than a span can.</summary>
    public static Span<float> Floats(Tensor flat, long start, int length) => new((float*)Pointer(flat) + start, (int)Math.Min(length, flat.numel() - start));

    /// <summary>The elements of a contiguous tensor in main memory.</summary>
    public static Span<T> Elements<T>(Tensor tensor) where T : unmanaged => new((void*)Pointer(tensor), checked((int)tensor.numel()));

    /// <summary>Distance of two rows of a matrix in elements.</summary>
    public static int Stride(Tensor? matrix) => matrix is null ? 0 : checked((int)Math.Max(matrix.stride(0), matrix.shape[1]));

    // TorchSharp's own wrapper of this refuses tensors of other devices than the CPU.
    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint tensor);
}
