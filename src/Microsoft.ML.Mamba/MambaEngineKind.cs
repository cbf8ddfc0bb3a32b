namespace Microsoft.ML.Mamba;

/// <summary>What computes.</summary>
public enum MambaEngineKind
{
    /// <summary>A GPU where <see cref="MLContext.GpuDeviceId"/> is set, else the CPU.</summary>
    Auto = 0,

    /// <summary>The managed CPU engine, whatever <see cref="MLContext.GpuDeviceId"/> says.</summary>
    Cpu = 1,

    /// <summary>
    /// A GPU: device <see cref="MLContext.GpuDeviceId"/>, or 0 where that is not set. It needs the package Microsoft.ML.Mamba.TorchSharp;
    /// without it, or without a device, <see cref="MLContext.FallbackToCpu"/> decides between the CPU (with a warning in the log) and an error.
    /// </summary>
    Gpu = 2,
}
