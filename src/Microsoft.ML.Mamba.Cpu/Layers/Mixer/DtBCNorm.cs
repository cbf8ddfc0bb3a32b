using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>Falcon-Mamba's norms of dt, B and C, each over its own columns and without weights; nothing happens where the configuration has none.</summary>
internal static class DtBCNorm
{
    private const int Slices = 3;

    /// <summary>Floats that the forward pass keeps for the backward pass.</summary>
    public static int InverseRmsSize(in LayerContext context) => context.Config.NormalizeDtBC ? checked(Slices * context.Tokens) : 0;

    /// <param name="context">The pass.</param>
    /// <param name="dtBC">Rows as x_proj wrote them.</param>
    /// <param name="inverseRms">Overwritten; or empty where no backward pass follows.</param>
    /// <returns>The normalised slices, in new memory; the slices of <paramref name="dtBC"/> itself without norms.</returns>
    public static DtBCSlices Forward(in LayerContext context, NativeBuffer<float> dtBC, NativeBuffer<float> inverseRms)
    {
        var raw = new DtBCSlices(context.Config, dtBC);
        if (!context.Config.NormalizeDtBC)
            return raw;
        DtBCSlices normed = DtBCSlices.Allocate(context);
        Forward(context, raw.Dt, normed.Dt, raw.Stride, context.Config.EffectiveDtRank, Part(inverseRms, context.Tokens, 0));
        Forward(context, raw.B, normed.B, raw.Stride, context.Config.DState, Part(inverseRms, context.Tokens, 1));
        Forward(context, raw.C, normed.C, raw.Stride, context.Config.DState, Part(inverseRms, context.Tokens, 2));
        return normed;
    }

    /// <summary>The gradient of the rows that x_proj wrote. Saved: these rows and the inverse root mean squares.</summary>
    /// <param name="context">The pass.</param>
    /// <param name="dtBC">Rows as x_proj wrote them.</param>
    /// <param name="inverseRms">From the forward pass.</param>
    /// <param name="gradients">Gradients of the normalised slices; overwritten by the result.</param>
    public static NativeBuffer<float> Backward(in LayerContext context, NativeBuffer<float> dtBC, NativeBuffer<float> inverseRms, in DtBCSlices gradients)
    {
        if (context.Config.NormalizeDtBC)
        {
            var raw = new DtBCSlices(context.Config, dtBC);
            Backward(context, raw.Dt, gradients.Dt, raw.Stride, context.Config.EffectiveDtRank, Part(inverseRms, context.Tokens, 0));
            Backward(context, raw.B, gradients.B, raw.Stride, context.Config.DState, Part(inverseRms, context.Tokens, 1));
            Backward(context, raw.C, gradients.C, raw.Stride, context.Config.DState, Part(inverseRms, context.Tokens, 2));
        }

        return gradients.Rows;
    }

    private static void Forward(in LayerContext context, ReadOnlySpan<float> x, Span<float> y, int stride, int columns, Span<float> inverseRms) =>
        RmsNorm.Forward(
            context.Tokens, columns, x, stride, default, context.Config.MixerNormEpsilon, y, stride, inverseRms, context.Parallel);

    private static void Backward(in LayerContext context, ReadOnlySpan<float> x, Span<float> gradient, int stride, int columns, ReadOnlySpan<float> inverseRms) =>
        RmsNorm.Backward(
            context.Tokens, columns, x, stride, default, inverseRms, gradient, stride, gradient, stride, accumulateGradX: false, default, default, context.Parallel);

    private static NativeBuffer<float> Part(NativeBuffer<float> inverseRms, int tokens, int index) =>
        inverseRms.IsEmpty ? default : inverseRms.Slice(index * tokens, tokens);
}
