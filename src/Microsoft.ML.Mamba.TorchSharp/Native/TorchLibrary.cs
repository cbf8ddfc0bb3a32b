using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.TorchSharp.Native;

/// <summary>Loads torch's native libraries, and says in one sentence why they cannot be.</summary>
internal static class TorchLibrary
{
    private const string Packages = "Reference TorchSharp-cuda-linux, TorchSharp-cuda-windows or, without a GPU, TorchSharp-cpu in the version of TorchSharp";

    /// <exception cref="NotSupportedException">They cannot be loaded.</exception>
    public static void Load() => Load(DeviceType.CPU);

    /// <exception cref="NotSupportedException">They cannot be loaded, or there is no such CUDA device.</exception>
    public static void LoadForCuda(int deviceId)
    {
        Load(DeviceType.CUDA);
        int devices = cuda.is_available() ? cuda.device_count() : 0;
        if (devices == 0)
        {
            throw new NotSupportedException(
                "torch sees no CUDA device: either its libraries are those for CPUs "
                + "(reference TorchSharp-cuda-linux or TorchSharp-cuda-windows), or there is no device or driver.");
        }

        if (deviceId >= devices)
            throw new NotSupportedException($"there is no CUDA device {deviceId}: torch sees {devices}, numbered from 0.");
    }

    private static void Load(DeviceType type)
    {
        try
        {
            // First by hand: TorchSharp would copy half a gigabyte before it gives up, and not say what the loader said.
            if (type == DeviceType.CUDA)
                NativeLibrary.TryLoad("torch_cuda", typeof(torch).Assembly, null, out _);
            NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
            TryInitializeDeviceType(type);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException or NotSupportedException or TypeInitializationException
            or EntryPointNotFoundException)
        {
            Exception cause = exception is TypeInitializationException { InnerException: { } inner } ? inner : exception;
            throw new NotSupportedException($"torch's native libraries cannot be loaded: {cause.Message.Trim().TrimEnd('.')}. {Packages}.", exception);
        }
    }
}
