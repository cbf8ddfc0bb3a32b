using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>What inference and training share: the weights by role, what is derived from them, and the threads.</summary>
internal sealed class ModelCore : IDisposable
{
    private readonly Lock _packing = new();
    private readonly WeightMatrix[] _matrices;
    private volatile bool _isPacked;

    public ModelCore(MambaConfig config, MambaWeights weights, CpuParallel parallel)
    {
        Config = config;
        Parallel = parallel;
        Layout = new ParameterLayout(config);
        Weights = new ParameterBuffer(Layout);
        Parameters = new ModelParameters(config, Weights);
        _matrices = [.. Parameters.Matrices(config)];
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
        WeightsChanged();
    }

    /// <summary>Renews what is derived from the weights: A at once, the packed matrices when inference next needs them.</summary>
    public void WeightsChanged()
    {
        Matrices.Refresh(Parameters);
        _isPacked = false;
    }

    /// <summary>Makes the matrices ready for inference. Thread-safe.</summary>
    public void EnsurePacked()
    {
        if (_isPacked)
            return;
        lock (_packing)
        {
            if (_isPacked)
                return;
            foreach (WeightMatrix matrix in _matrices)
                matrix.Pack(Parallel);
            _isPacked = true;
        }
    }

    public MambaWeights Export()
    {
        var weights = new MambaWeights();
        Weights.AddTo(weights);
        return weights;
    }

    public void Dispose()
    {
        foreach (WeightMatrix matrix in _matrices)
            matrix.Dispose();
        Weights.Dispose();
        Matrices.Dispose();
    }
}
