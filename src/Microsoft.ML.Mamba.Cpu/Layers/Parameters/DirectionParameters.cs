using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>The parameters of one direction of a mixer.</summary>
internal sealed class DirectionParameters(ParameterBuffer buffer, string prefix, string suffix)
{
    /// <summary>[DInner, DConv].</summary>
    public NativeBuffer<float> ConvWeight { get; } = buffer[$"{prefix}conv1d{suffix}.weight"];

    public NativeBuffer<float> ConvBias { get; } = buffer[$"{prefix}conv1d{suffix}.bias"];

    /// <summary>[DtRank + 2 DState, DInner]: rows of dt, B and C.</summary>
    public WeightMatrix XProj { get; } = buffer.Matrix($"{prefix}x_proj{suffix}.weight");

    /// <summary>[DInner, DtRank].</summary>
    public WeightMatrix DtProj { get; } = buffer.Matrix($"{prefix}dt_proj{suffix}.weight");

    public NativeBuffer<float> DtBias { get; } = buffer[$"{prefix}dt_proj{suffix}.bias"];

    /// <summary>[DInner, DState].</summary>
    public NativeBuffer<float> ALog { get; } = buffer[prefix + (suffix.Length == 0 ? "A_log" : "A_b_log")];

    public NativeBuffer<float> D { get; } = buffer[$"{prefix}D{suffix}"];
}
