using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>dt (of low rank), B and C as columns of the rows that x_proj writes, [T, DtRank + 2 DState].</summary>
internal readonly struct DtBCSlices
{
    public DtBCSlices(MambaConfig config, NativeBuffer<float> rows)
    {
        int rank = config.EffectiveDtRank;
        Rows = rows;
        Stride = WidthOf(config);
        Dt = rows;
        B = From(rows, rank);
        C = From(rows, rank + config.DState);
    }

    public NativeBuffer<float> Rows { get; }

    /// <summary>Distance of two rows in floats.</summary>
    public int Stride { get; }

    public NativeBuffer<float> Dt { get; }

    public NativeBuffer<float> B { get; }

    public NativeBuffer<float> C { get; }

    public static int WidthOf(MambaConfig config) => config.EffectiveDtRank + 2 * config.DState;

    public static DtBCSlices Allocate(in LayerContext context) => new(context.Config, context.Rows(WidthOf(context.Config)));

    private static NativeBuffer<float> From(NativeBuffer<float> rows, int column) => rows.Slice(column, rows.Length - column);
}
