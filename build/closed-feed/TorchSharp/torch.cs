namespace TorchSharp;

public enum DeviceType
{
    CPU = 0,
    CUDA = 1,
}

/// <summary>The part of TorchSharp's entry point that the repository uses; the CPU device only.</summary>
public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU);

    public enum ScalarType : sbyte
    {
        Byte = 0,
        Int32 = 3,
        Int64 = 4,
        Float16 = 5,
        Float32 = 6,
        Float64 = 7,
        Bool = 11,
        BFloat16 = 15,
    }

    /// <summary>Whether a device of this type can be used.</summary>
    /// <exception cref="DllNotFoundException">The native library or libtorch cannot be loaded.</exception>
    public static bool TryInitializeDeviceType(DeviceType deviceType)
    {
        Native.standin_grad_mode();
        return deviceType == DeviceType.CPU;
    }

    public static void set_num_threads(int num) => Native.standin_set_num_threads(num);

    public static DisposeScope NewDisposeScope() => new();

    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false)
    {
        CheckDevice(device);
        return Native.Call("aten::arange.start", start, stop, dtype).requires_grad_(requires_grad);
    }

    public static Tensor empty(
        int size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        empty([size], dtype, device, requires_grad, names);

    public static Tensor empty(
        long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        empty([size], dtype, device, requires_grad, names);

    public static Tensor empty(
        int rows, int columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        empty([rows, columns], dtype, device, requires_grad, names);

    public static Tensor empty(
        long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        empty([rows, columns], dtype, device, requires_grad, names);

    public static Tensor empty(
        long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        New("aten::empty.memory_format", size, dtype, device, requires_grad, names);

    public static Tensor empty_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        New("aten::empty_like", input, dtype, device, requires_grad, names);

    public static Tensor zeros(
        long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        zeros([size], dtype, device, requires_grad, names);

    public static Tensor zeros(
        int dim0, int dim1, int dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        zeros([dim0, dim1, dim2], dtype, device, requires_grad, names);

    public static Tensor zeros(
        long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        New("aten::zeros", size, dtype, device, requires_grad, names);

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        New("aten::zeros_like", input, dtype, device, requires_grad, names);

    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false)
    {
        CheckDevice(device);
        return Native.Call("aten::scalar_tensor", (Scalar)scalar, dtype ?? ScalarType.Int64).requires_grad_(requires_grad);
    }

    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false)
    {
        CheckDevice(device);
        return Native.Call("aten::scalar_tensor", (Scalar)scalar, dtype ?? ScalarType.Float64).requires_grad_(requires_grad);
    }

    public static Tensor tensor(
        long[] dataArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Tensor.Of(dataArray, dtype, device, requires_grad, names);

    public static Tensor tensor(
        double[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Tensor.Of(rawArray, dtype, device, requires_grad, names);

    public static Tensor maximum(Tensor input, Tensor other) => Native.Call("aten::maximum", input, other);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Native.Call("aten::stack", tensors.ToArray(), dim);

    private static Tensor New(string operation, object sizeOrTemplate, ScalarType? dtype, Device device, bool requires_grad, string[] names)
    {
        CheckDevice(device);
        if (names is not null)
            throw new NotSupportedException("The stand-in for TorchSharp names no dimensions; the real package is needed.");
        return Native.Call(operation, sizeOrTemplate, dtype).requires_grad_(requires_grad);
    }

    private static void CheckDevice(Device device)
    {
        if (device is not null && device.type != DeviceType.CPU)
            throw new NotSupportedException($"The stand-in for TorchSharp has the CPU device only; {device.type} needs the real package.");
    }

    public class Device(DeviceType deviceType, int index = -1)
    {
        public DeviceType type { get; } = deviceType;

        public int index { get; } = index;
    }

    public static class cuda
    {
        public static bool is_available() => TryInitializeDeviceType(DeviceType.CUDA);

        public static int device_count() => 0;
    }

    public static partial class nn
    {
        public static class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor bias = null) =>
                Native.Call("aten::linear", input, weights, bias);

            public static Tensor log_softmax(Tensor x, long dim) => Native.Call("aten::log_softmax.int", x, dim);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Native.Call("aten::one_hot", x, num_classes);
        }
    }

    /// <summary>Switches the recording of a history on this thread, until it is disposed.</summary>
    internal sealed class GradMode : IDisposable
    {
        private readonly bool _before = IsEnabled;

        public GradMode(bool enabled) => Native.standin_set_grad_mode(enabled ? 1 : 0);

        public static bool IsEnabled => Native.standin_grad_mode() != 0;

        public void Dispose() => Native.standin_set_grad_mode(_before ? 1 : 0);
    }
}
