using Microsoft.ML.Mamba.TorchSharp.Kernels;
using Microsoft.ML.Mamba.TorchSharp.Modules;
using Microsoft.ML.Mamba.TorchSharp.Passes;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>What inference and training share: the modules over the weights, and the device's kernels.</summary>
internal sealed class ModelCore : IDisposable
{
    private const long CpuFloatsPerPiece = 1L << 22;
    private const long DeviceFloatsPerPiece = 1L << 28;
    private const int FewestTokens = 1024;
    private const int MostTokens = 1 << 20;

    public ModelCore(MambaConfig config, MambaWeights weights, Device device, FusedKernels kernels)
    {
        Config = config;
        Device = device;
        Kernels = kernels;
        Store = new ParameterStore(config, weights, device, kernels.ElementType);
        Network = new MambaNetwork(config, Store, kernels);
        long floatsPerToken = 3L * config.DModel + 5L * config.DInner + config.EffectiveDtRank + 2L * config.DState;
        PieceTokens = (int)Math.Clamp((device.type == DeviceType.CUDA ? DeviceFloatsPerPiece : CpuFloatsPerPiece) / floatsPerToken, FewestTokens, MostTokens);
    }

    public MambaConfig Config { get; }

    public Device Device { get; }

    public FusedKernels Kernels { get; }

    public ParameterStore Store { get; }

    public MambaNetwork Network { get; }

    /// <summary>Tokens that inference computes at once.</summary>
    public int PieceTokens { get; init; }

    /// <summary>Adds a block's output, if there is one, to the residual stream in place, and norms it: [T, DModel], without a history.</summary>
    public Tensor AddNorm(Tensor? hidden, Tensor residual, Norm norm)
    {
        Tensor normed = empty(residual.shape, dtype: Kernels.ElementType, device: Device);
        Kernels.NormForward(new NormInputs(hidden, residual, norm.Weight.Value, norm.Epsilon), normed, hidden is null ? null : residual, null);
        return normed;
    }

    /// <summary>Pools whole sequences of hidden states [T, DModel] to [sequences, DModel], without a history.</summary>
    public Tensor Pool(Tensor hidden, PackedRows rows) =>
        Config.Pooling == MambaPooling.Attention ? Attend(hidden, rows).Pooled : Pool(hidden, rows, Config.Pooling);

    /// <summary>Attention pooling in its parts, without a history.</summary>
    public AttentionPooling Attend(Tensor hidden, PackedRows rows) =>
        AttentionPooling.Of(hidden, Network.Pooler!.Weight.Value, rows.Segments!, (values, kind) => Pool(values, rows, kind));

    public void Dispose()
    {
        Network.Dispose();
        Store.Dispose();
    }

    private Tensor Pool(Tensor values, PackedRows rows, MambaPooling kind)
    {
        Tensor pooled = empty(rows.Sequences, values.shape[1], dtype: ScalarType.Float32, device: Device);
        Kernels.PoolForward(rows, kind, values, pooled);
        return pooled;
    }
}
