namespace Microsoft.ML.Mamba.TorchSharp.Tests.Support;

/// <summary>
/// The engines under test; a test that asks for one which cannot be had here is skipped with the reason, or fails where the environment
/// says that it must be there.
/// </summary>
internal static class TorchEngines
{
    private static readonly Lazy<(IMambaEngine? Engine, string? Reason)> s_cpu = new(() => Try(CreateCpu));
    private static readonly Lazy<(IMambaEngine? Engine, string? Reason)> s_cuda = new(() => Try(() => TorchMambaEngine.Create(0)));
    private static readonly Lazy<(IMambaEngine? Engine, string? Reason)> s_reduced =
        new(() => Try(() => TorchMambaEngine.Create(0, MambaPrecision.BFloat16)));

    /// <summary>On torch's CPU device.</summary>
    public static IMambaEngine Cpu => Get(s_cpu.Value, "MAMBA_REQUIRE_TORCH", "skipped: ");

    /// <summary>On the first CUDA device, in float32.</summary>
    public static IMambaEngine Cuda => Get(s_cuda.Value, "MAMBA_REQUIRE_CUDA", "skipped: no device: ");

    /// <summary>On the first CUDA device, in mixed precision.</summary>
    public static IMambaEngine CudaBFloat16 => Get(s_reduced.Value, "MAMBA_REQUIRE_CUDA", "skipped: no device: ");

    /// <summary>The managed engine, which is the reference.</summary>
    public static IMambaEngine Managed { get; } = new Cpu.CpuMambaEngine();

    /// <summary>Both devices by name, for theories.</summary>
    public static IMambaEngine Get(string device) => device == "cuda" ? Cuda : Cpu;

    // The tests' tensors are small: one thread of torch's beside the managed kernels' team, or the two teams would wait for each other.
    private static IMambaEngine CreateCpu()
    {
        IMambaEngine engine = TorchMambaEngine.CreateCpu();
        torch.set_num_threads(1);
        return engine;
    }

    private static (IMambaEngine? Engine, string? Reason) Try(Func<IMambaEngine> create)
    {
        try
        {
            return (create(), null);
        }
        catch (NotSupportedException exception)
        {
            return (null, exception.Message);
        }
    }

    private static IMambaEngine Get((IMambaEngine? Engine, string? Reason) result, string variable, string prefix)
    {
        if (result.Engine is not null)
            return result.Engine;
        if (Environment.GetEnvironmentVariable(variable) == "1")
            throw new InvalidOperationException($"{variable} is 1, but {result.Reason}");
        throw new SkipException(prefix + result.Reason);
    }
}
