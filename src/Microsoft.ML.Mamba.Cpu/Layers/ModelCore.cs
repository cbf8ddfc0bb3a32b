using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>What inference and training share: the weights by role, what is derived from them, and the threads.</summary>
internal sealed class ModelCore : IDisposable
{
    public ModelCore(MambaConfig config, MambaWeights weights, CpuParallel parallel)
    {
        Config = config;
        Parallel = parallel;
        Layout = new ParameterLayout(config);
        Weights = new ParameterBuffer(Layout);
        Parameters = new ModelParameters(config, Weights);
        Matrices = new StateMatrices(config);
        Import(weights);
    }

    public MambaConfig Config { get; }

    public CpuParallel Parallel { get; }

    public ParameterLayout Layout { get; }

    public ParameterBuffer Weights { get; }

    public ModelParameters Parameters { get; }

    public StateMatrices Matrices { get; }

    /// <summary>Replaces the weights, which have been checked.</summary>
    public void Import(MambaWeights weights)
    {
        Weights.CopyFrom(weights);
        Matrices.Refresh(Parameters);
    }

    public MambaWeights Export()
    {
        var weights = new MambaWeights();
        Weights.AddTo(weights);
        return weights;
    }

    public void Dispose()
    {
        Weights.Dispose();
        Matrices.Dispose();
    }
}
