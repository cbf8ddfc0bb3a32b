using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>dt (of low rank), B and C as columns of the rows that x_proj writes, [T, DtRank + 2 DState], and Falcon-Mamba's norms of each.</summary>
internal readonly struct DtBCColumns
{
    public DtBCColumns(MambaConfig config, Tensor rows)
    {
        int rank = config.EffectiveDtRank, states = config.DState;
        Dt = rows.narrow(1, 0, rank);
        B = rows.narrow(1, rank, states);
        C = rows.narrow(1, rank + states, states);
    }

    public Tensor Dt { get; }

    public Tensor B { get; }

    public Tensor C { get; }

    /// <summary>The columns of <paramref name="raw"/>, normalised in new memory where the configuration says so.</summary>
    public static DtBCColumns Of(MambaConfig config, FusedKernels kernels, Tensor raw, bool keepsInverseRms, out Tensor? inverseRms)
    {
        inverseRms = null;
        var columns = new DtBCColumns(config, raw);
        if (!config.NormalizeDtBC)
            return columns;
        if (keepsInverseRms)
            inverseRms = empty(3, raw.shape[0], dtype: ScalarType.Float32, device: raw.device);
        var normed = new DtBCColumns(config, empty_like(raw));
        kernels.NormForward(Inputs(config, columns.Dt), normed.Dt, null, inverseRms?[0]);
        kernels.NormForward(Inputs(config, columns.B), normed.B, null, inverseRms?[1]);
        kernels.NormForward(Inputs(config, columns.C), normed.C, null, inverseRms?[2]);
        return normed;
    }

    /// <summary>Overwrites gradients of the normalised columns by those of the raw ones.</summary>
    public static void Backward(MambaConfig config, FusedKernels kernels, Tensor raw, Tensor? inverseRms, Tensor gradients)
    {
        if (inverseRms is null)
            return;
        DtBCColumns columns = new(config, raw), slices = new(config, gradients);
        kernels.NormBackward(Inputs(config, columns.Dt), inverseRms[0], slices.Dt, null, slices.Dt, null, null);
        kernels.NormBackward(Inputs(config, columns.B), inverseRms[1], slices.B, null, slices.B, null, null);
        kernels.NormBackward(Inputs(config, columns.C), inverseRms[2], slices.C, null, slices.C, null, null);
    }

    private static NormInputs Inputs(MambaConfig config, Tensor columns) => new(columns, null, null, config.MixerNormEpsilon);
}
