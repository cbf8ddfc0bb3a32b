using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>
/// One block without its residual addition: <c>out = out_proj(y * SiLU(z))</c>, <c>y = S6(x)</c> or <c>S6(x) + reversed S6(x)</c>,
/// <c>[x, z] = in_proj(RMSNorm(residual))</c>.
/// </summary>
internal static class MambaBlock
{
    /// <param name="context">The pass.</param>
    /// <param name="parameters">The block's parameters.</param>
    /// <param name="matrices">A of all blocks.</param>
    /// <param name="layer">The block's number.</param>
    /// <param name="residual">[T, DModel].</param>
    /// <param name="tape">Overwritten.</param>
    /// <param name="output">[T, DModel]; overwritten, or added to.</param>
    /// <param name="accumulate">Whether the block's output is added to <paramref name="output"/>, which may then be <paramref name="residual"/> itself.</param>
    /// <param name="states">In and out.</param>
    public static void Forward(
        in LayerContext context, BlockParameters parameters, StateMatrices matrices, int layer, ReadOnlySpan<float> residual, in BlockTape tape,
        Span<float> output, bool accumulate, in BlockStates states)
    {
        Mix(context, parameters, matrices, layer, residual, tape, states);
        ProjectOut(context, parameters, tape.Y, tape.XZ, output, accumulate);
    }

    /// <summary>All but the gate of two directions and out_proj: what the backward pass needs is then in the tape.</summary>
    public static void Mix(
        in LayerContext context, BlockParameters parameters, StateMatrices matrices, int layer, ReadOnlySpan<float> residual, in BlockTape tape,
        in BlockStates states)
    {
        ProjectIn(context, parameters, parameters.InProj, residual, tape.XZ);
        MixerDirection.Forward(
            context, parameters.Forward, matrices.Get(layer, reversed: false), tape.XZ, tape.Forward, tape.Y, accumulate: false, states.Forward, reverse: false);
        if (parameters.Reversed is { } reversed)
        {
            MixerDirection.Forward(
                context, reversed, matrices.Get(layer, reversed: true), tape.XZ, tape.Reversed, tape.Y, accumulate: true, states.Reversed, reverse: true);
        }
    }

    /// <summary>The norm and in_proj, or its part for x alone. The rows of <paramref name="xz"/> are 2 DInner wide in any case.</summary>
    public static void ProjectIn(in LayerContext context, BlockParameters parameters, WeightMatrix weight, ReadOnlySpan<float> residual, Span<float> xz)
    {
        MambaConfig config = context.Config;
        int width = config.DModel;
        NativeArena.Mark mark = context.Arena.GetMark();
        NativeBuffer<float> normed = context.Rows(width);
        ReadOnlySpan<float> bias = parameters.InProjBias;
        RmsNorm.Forward(context.Tokens, width, residual, width, parameters.Norm, config.NormEpsilon, normed, width, default, context.Parallel);
        Linear.Forward(context, context.Tokens, normed, width, weight, bias.IsEmpty ? default : bias[..weight.Outputs], xz, 2 * config.DInner);
        context.Arena.Release(mark);
    }

    /// <summary>The gate, where the scan has not applied it, and out_proj.</summary>
    public static void ProjectOut(
        in LayerContext context, BlockParameters parameters, NativeBuffer<float> y, ReadOnlySpan<float> xz, Span<float> output, bool accumulate)
    {
        int inner = context.Config.DInner, width = context.Config.DModel;
        NativeArena.Mark mark = context.Arena.GetMark();
        NativeBuffer<float> gated = context.Config.IsBidirectional ? GatedSum(context, y, xz) : y;
        Linear.Forward(context, context.Tokens, gated, inner, parameters.OutProj, parameters.OutProjBias, output, width, accumulate);
        context.Arena.Release(mark);
    }

    /// <summary>Saved: <paramref name="residual"/> and <paramref name="tape"/>. Recomputed: the norm, and the gate where there are two directions.</summary>
    /// <param name="context">The pass.</param>
    /// <param name="parameters">The block's parameters.</param>
    /// <param name="gradients">Added to (+=); null where only the input's gradient is wanted.</param>
    /// <param name="matrices">A of all blocks.</param>
    /// <param name="layer">The block's number.</param>
    /// <param name="residual">As in the forward pass.</param>
    /// <param name="tape">What the forward pass wrote.</param>
    /// <param name="initial">What the forward pass went on from; it counts as constant.</param>
    /// <param name="gradOutput">dL/doutput, [T, DModel].</param>
    /// <param name="gradResidual">Added to (+=), [T, DModel]; may be the memory of <paramref name="gradOutput"/>.</param>
    public static void Backward(
        in LayerContext context, BlockParameters parameters, BlockParameters? gradients, StateMatrices matrices, int layer, ReadOnlySpan<float> residual,
        in BlockTape tape, in BlockStates initial, ReadOnlySpan<float> gradOutput, Span<float> gradResidual)
    {
        MambaConfig config = context.Config;
        int inner = config.DInner, width = config.DModel, tokens = context.Tokens;
        NativeArena.Mark mark = context.Arena.GetMark();
        NativeBuffer<float> gradXZ = context.Rows(2 * inner), gradGated = context.Rows(inner), a = matrices.Get(layer, reversed: false);
        Linear.BackwardInput(context, tokens, gradOutput, width, parameters.OutProj, gradGated, inner);
        if (parameters.Reversed is { } reversed)
        {
            NativeBuffer<float> gated = GatedSum(context, tape.Y, tape.XZ), gradY = gradGated;
            if (gradients is not null)
                Linear.BackwardWeight(context, tokens, gradOutput, width, gated, inner, gradients.OutProj, gradients.OutProjBias);
            Gate.Backward(
                tokens, inner, tape.Y, inner, tape.XZ.Span[inner..], 2 * inner, gradGated, inner, gradY, inner, gradXZ.Span[inner..], 2 * inner,
                context.Parallel);
            MixerDirection.Backward(context, parameters.Forward, gradients?.Forward, a, tape.XZ, tape.Forward, initial.Forward, gradY, gradXZ, reverse: false);
            MixerDirection.Backward(
                context, reversed, gradients?.Reversed, matrices.Get(layer, reversed: true), tape.XZ, tape.Reversed, initial.Reversed, gradY, gradXZ,
                reverse: true);
        }
        else
        {
            if (gradients is not null)
                Linear.BackwardWeight(context, tokens, gradOutput, width, tape.Y, inner, gradients.OutProj, gradients.OutProjBias);
            MixerDirection.Backward(context, parameters.Forward, gradients?.Forward, a, tape.XZ, tape.Forward, initial.Forward, gradGated, gradXZ, reverse: false);
        }

        NativeBuffer<float> normed = context.Rows(width), gradNormed = context.Rows(width), inverseRms = context.Rows(1);
        RmsNorm.Forward(tokens, width, residual, width, parameters.Norm, config.NormEpsilon, normed, width, inverseRms, context.Parallel);
        Linear.BackwardInput(context, tokens, gradXZ, 2 * inner, parameters.InProj, gradNormed, width);
        if (gradients is not null)
            Linear.BackwardWeight(context, tokens, gradXZ, 2 * inner, normed, width, gradients.InProj, gradients.InProjBias);
        RmsNorm.Backward(
            tokens, width, residual, width, parameters.Norm, inverseRms, gradNormed, width, gradResidual, width, accumulateGradX: true,
            context.GradientOrScratch(gradients?.Norm, width),
            context.Arena.Allocate<float>(RmsNorm.BackwardWorkspaceSize(tokens, width, hasWeight: true)), context.Parallel);
        context.Arena.Release(mark);
    }

    private static NativeBuffer<float> GatedSum(in LayerContext context, ReadOnlySpan<float> y, ReadOnlySpan<float> xz)
    {
        int inner = context.Config.DInner;
        NativeBuffer<float> gated = context.Rows(inner);
        Gate.Forward(context.Tokens, inner, y, inner, xz[inner..], 2 * inner, gated, inner, context.Parallel);
        return gated;
    }
}
