using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Native;

/// <summary>
/// The kernels of <c>native/cuda</c> over tensors on one CUDA device, in float32 or bfloat16. They run on the device's default stream,
/// which is torch's current one: TorchSharp has no other.
/// </summary>
internal sealed partial class CudaKernels : FusedKernels
{
    private const nint Stream = 0;
    private readonly Device _device;

    private CudaKernels(int deviceId, ScalarType elementType)
    {
        _device = new Device(DeviceType.CUDA, deviceId);
        ElementType = elementType;
    }

    public override ScalarType ElementType { get; }

    /// <exception cref="NotSupportedException">The library is missing, cannot be loaded, or is of another version.</exception>
    public static CudaKernels Load(int deviceId, ScalarType elementType)
    {
        CheckLibrary(typeof(CudaKernels).Assembly, MambaCuda.Library);
        CheckVersion(MambaCuda.mamba_abi_version());
        return new CudaKernels(deviceId, elementType);
    }

    /// <summary>Checks that a library can be loaded.</summary>
    /// <exception cref="NotSupportedException">It cannot; the message holds the loader's.</exception>
    internal static void CheckLibrary(Assembly assembly, string name)
    {
        try
        {
            NativeLibrary.Load(name, assembly, null);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new NotSupportedException(
                $"the fused kernels, library {name}, cannot be loaded: {exception.Message.Trim().TrimEnd('.')}. "
                + "Reference the package Microsoft.ML.Mamba.Cuda.",
                exception);
        }
    }

    /// <exception cref="NotSupportedException">The library's version is another than this assembly's.</exception>
    internal static void CheckVersion(uint version)
    {
        if (version != MambaCuda.AbiVersion)
        {
            throw new NotSupportedException(
                $"the library {MambaCuda.Library} has ABI version {version}, and this assembly needs {MambaCuda.AbiVersion}: use packages of one version.");
        }
    }

    private static int TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => 0,
        ScalarType.Float16 => 1,
        ScalarType.BFloat16 => 2,
        _ => throw new ArgumentException($"The kernels compute in Float32, Float16 or BFloat16; got {type}.", nameof(type)),
    };

    /// <summary>Memory for a kernel, of torch's allocator: freed at once, it is reused in the order of the stream only.</summary>
    private Tensor Workspace(long bytes) => empty(bytes, dtype: ScalarType.Byte, device: _device);

    /// <summary>Makes the engine's device the calling thread's current one, and gives the former back.</summary>
    private DeviceGuard OnDevice() => new(_device.index);

    private readonly unsafe struct DeviceGuard : IDisposable
    {
        private readonly int _previous;

        public DeviceGuard(int device)
        {
            int previous;
            MambaCuda.Check(MambaCuda.mamba_set_device(device, &previous));
            _previous = previous;
        }

        public void Dispose()
        {
            int ignored;
            MambaCuda.Check(MambaCuda.mamba_set_device(_previous, &ignored));
        }
    }
}
