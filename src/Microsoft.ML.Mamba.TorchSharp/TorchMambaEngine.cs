using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>The torch engine: runs and trains models on a CUDA device with TorchSharp and fused kernels, or on torch's CPU device. Thread-safe.</summary>
/// <remarks>
/// <para>
/// Besides this package an application references TorchSharp's libraries: <c>TorchSharp-cuda-linux</c>, <c>TorchSharp-cuda-windows</c> or,
/// for the CPU device alone, <c>TorchSharp-cpu</c>. A CUDA device also needs the fused kernels, <c>mamba_cuda</c>, of the package
/// <c>Microsoft.ML.Mamba.Cuda</c>.
/// </para>
/// <para>
/// The same weights and batches give the same results in every run on one kind of device; they agree with the managed engine's within
/// float32's rounding. A sequence's result does not depend on its neighbours but for that rounding: torch's matrix products may sum in
/// another order for another number of rows. Work goes to torch's current stream.
/// </para>
/// </remarks>
public sealed class TorchMambaEngine : IMambaEngine
{
    private readonly Device _device;
    private readonly FusedKernels _kernels;

    private TorchMambaEngine(Device device, FusedKernels kernels, MambaPrecision precision)
    {
        _device = device;
        _kernels = kernels;
        Precision = precision;
    }

    /// <inheritdoc/>
    public string Name => _device.type != DeviceType.CUDA ? "torch-cpu"
        : Precision == MambaPrecision.BFloat16 ? $"torch-cuda:{_device.index} (bfloat16)"
        : $"torch-cuda:{_device.index}";

    /// <summary>In which numbers the engine computes.</summary>
    public MambaPrecision Precision { get; }

    /// <summary>The engine on a CUDA device.</summary>
    /// <param name="deviceId">The device's number, from 0.</param>
    /// <param name="precision">In which numbers it computes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="deviceId"/> is negative, or <paramref name="precision"/> undefined.</exception>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used: torch's libraries or the fused kernels are missing or of another version, there is no CUDA device, or
    /// none of this number. The message says which.
    /// </exception>
    public static IMambaEngine Create(int deviceId, MambaPrecision precision = MambaPrecision.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deviceId);
        if (!Enum.IsDefined(precision))
            throw new ArgumentOutOfRangeException(nameof(precision), precision, $"precision must be Float32 or BFloat16; got {precision}.");
        TorchLibrary.LoadForCuda(deviceId);
        ScalarType type = precision == MambaPrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        return new TorchMambaEngine(new Device(DeviceType.CUDA, deviceId), CudaKernels.Load(deviceId, type), precision);
    }

    /// <summary>The engine on torch's CPU device, in float32, with the managed engine's kernels for what torch has no operator for.</summary>
    /// <exception cref="NotSupportedException">Torch's libraries cannot be loaded; the message says why.</exception>
    public static IMambaEngine CreateCpu()
    {
        TorchLibrary.Load();
        return new TorchMambaEngine(CPU, new ManagedKernels(), MambaPrecision.Float32);
    }

    /// <inheritdoc/>
    /// <exception cref="InsufficientMemoryException">The device's memory does not suffice.</exception>
    public IMambaModel CreateModel(MambaConfig config, MambaWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        MambaParameters.Check(config, weights);
        return new TorchMambaModel(config, weights, _device, _kernels);
    }
}
