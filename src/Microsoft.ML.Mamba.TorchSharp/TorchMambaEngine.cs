using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>The torch engine: runs and trains models on a CUDA device with TorchSharp and fused kernels, or on torch's CPU device. Thread-safe.</summary>
/// <remarks>
/// <para>
/// Besides this package an application references TorchSharp's libraries: <c>TorchSharp-cuda-linux</c>, <c>TorchSharp-cuda-windows</c> or, for the CPU device alone, <c>TorchSharp-cpu</c>. A CUDA device
/// also needs the fused kernels, <c>mamba_cuda</c>, of the package <c>Microsoft.ML.Mamba.Cuda</c>.
/// </para>
/// <para>
/// The same weights and batches give the same results in every run on one kind of device; they agree with the managed engine's within float32's rounding. A sequence's result does not depend on its
/// neighbours but for that rounding: torch's matrix products may sum in another order for another number of rows. Work goes to torch's current stream.
/// </para>
/// </remarks>
public sealed class TorchMambaEngine : IMambaEngine
{
    private readonly Device _device;
    private readonly FusedKernels _kernels;

    private TorchMambaEngine(Device device, FusedKernels kernels, TorchMambaEngineOptions options)
    {
        _device = device;
        _kernels = kernels;
        Precision = options.Precision;
    }

    /// <inheritdoc/>
    public string Name => _device.type == DeviceType.CUDA ? $"torch-cuda:{_device.index}" : "torch-cpu";

    /// <summary>In which numbers the engine computes.</summary>
    public TorchPrecision Precision { get; }

    /// <summary>The engine on a CUDA device, in float32.</summary>
    /// <param name="deviceId">The device's number, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="deviceId"/> is negative.</exception>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used: torch's libraries or the fused kernels are missing or of another version, there is no CUDA device, or none of this number. The message says which.
    /// </exception>
    public static IMambaEngine Create(int deviceId) => Create(deviceId, new TorchMambaEngineOptions());

    /// <summary>The engine on a CUDA device.</summary>
    /// <param name="deviceId">The device's number, from 0.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentOutOfRangeException">As for <see cref="Create(int)"/>; also an undefined precision.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="Create(int)"/>.</exception>
    public static IMambaEngine Create(int deviceId, TorchMambaEngineOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deviceId);
        CheckOptions(options);
        TorchLibrary.LoadForCuda(deviceId);
        ScalarType type = options.Precision == TorchPrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        return new TorchMambaEngine(new Device(DeviceType.CUDA, deviceId), CudaKernels.Load(deviceId, type), options);
    }

    /// <summary>The engine on torch's CPU device, in float32, with the managed engine's kernels for what torch has no operator for.</summary>
    /// <exception cref="NotSupportedException">Torch's libraries cannot be loaded; the message says why.</exception>
    public static IMambaEngine CreateCpu() => CreateCpu(new TorchMambaEngineOptions());

    /// <summary>The engine on torch's CPU device.</summary>
    /// <param name="options">The options; the precision must be <see cref="TorchPrecision.Float32"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An undefined precision.</exception>
    /// <exception cref="NotSupportedException">Torch's libraries cannot be loaded, or another precision is asked for.</exception>
    public static IMambaEngine CreateCpu(TorchMambaEngineOptions options)
    {
        CheckOptions(options);
        if (options.Precision != TorchPrecision.Float32)
            throw new NotSupportedException($"The CPU device computes in Float32 only; Precision is {options.Precision}, which needs a CUDA device.");
        TorchLibrary.Load();
        return new TorchMambaEngine(CPU, new ManagedKernels(), options);
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

    private static void CheckOptions(TorchMambaEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Enum.IsDefined(options.Precision))
            throw new ArgumentOutOfRangeException(nameof(options), options.Precision, $"Precision must be Float32 or BFloat16; got {options.Precision}.");
    }
}
