using Microsoft.ML.Mamba.Cpu;

namespace Microsoft.ML.Mamba.TorchSharp.Benchmarks;

/// <summary>An engine to time.</summary>
internal sealed record EngineCase(string Name, IMambaEngine Engine, bool IsGpu)
{
    private static readonly Lazy<(EngineCase? Float32, EngineCase? BFloat16, string? Reason)> s_cuda = new(FindCuda);

    /// <summary>Why there is no GPU, or null.</summary>
    public static string? CudaReason => s_cuda.Value.Reason;

    public static EngineCase? CudaBFloat16 => s_cuda.Value.BFloat16;

    public static IEnumerable<EngineCase> All
    {
        get
        {
            yield return new EngineCase("managed", new CpuMambaEngine(), IsGpu: false);
            yield return new EngineCase("torch, CPU", TorchMambaEngine.CreateCpu(), IsGpu: false);
            if (s_cuda.Value.Float32 is { } single)
                yield return single;
            if (s_cuda.Value.BFloat16 is { } reduced)
                yield return reduced;
        }
    }

    private static (EngineCase? Float32, EngineCase? BFloat16, string? Reason) FindCuda()
    {
        try
        {
            return (
                new EngineCase("torch, CUDA, float32", TorchMambaEngine.Create(0), IsGpu: true),
                new EngineCase("torch, CUDA, bfloat16", TorchMambaEngine.Create(0, MambaPrecision.BFloat16), IsGpu: true),
                null);
        }
        catch (NotSupportedException exception)
        {
            return (null, null, exception.Message);
        }
    }
}
