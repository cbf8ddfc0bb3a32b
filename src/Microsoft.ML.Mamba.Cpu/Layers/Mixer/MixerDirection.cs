using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>
/// One direction of a mixer (Gu and Dao, section 3.4): <c>u = SiLU(conv1d(x))</c>, <c>[dt, B, C] = x_proj(u)</c> (normalised in Falcon-Mamba),
/// <c>y = S6(u; A, dt_proj(dt), B, C, D)</c>.
/// </summary>
internal static class MixerDirection
{
    /// <param name="context">The pass.</param>
    /// <param name="parameters">The direction's parameters.</param>
    /// <param name="a">A, [DInner, DState].</param>
    /// <param name="xz">x in the first half of each row, the gate z in the second, [T, 2 DInner].</param>
    /// <param name="tape">Overwritten.</param>
    /// <param name="y">[T, DInner]; overwritten, or added to. Gated by z where the model reads in one direction.</param>
    /// <param name="accumulate">Whether the result is added to <paramref name="y"/>.</param>
    /// <param name="state">In and out.</param>
    /// <param name="reverse">Whether this is the reversed direction.</param>
    public static void Forward(
        in LayerContext context, DirectionParameters parameters, ReadOnlySpan<float> a, ReadOnlySpan<float> xz, in DirectionTape tape, Span<float> y,
        bool accumulate, in DirectionState state, bool reverse)
    {
        MambaConfig config = context.Config;
        int inner = config.DInner;
        NativeArena.Mark mark = context.Arena.GetMark();
        CausalConv1d.Forward(
            ConvArguments(context, parameters, xz, state.ConvInputs, reverse),
            new CausalConv1dOutputs { Y = tape.U, FinalInputs = state.ConvInputs },
            context.Arena.Allocate<float>(CausalConv1d.ForwardWorkspaceSize(context.Tokens, context.Sequences, inner, config.DConv)),
            context.Parallel);
        Linear.Forward(context, context.Tokens, tape.U, inner, parameters.XProj, default, tape.DtBC, DtBCSlices.WidthOf(config));
        DtBCSlices slices = DtBCNorm.Forward(context, tape.DtBC, default);
        NativeBuffer<float> dt = ProjectDt(context, parameters, slices);
        SelectiveScan.Forward(
            ScanArguments(context, parameters, a, xz, tape, slices, dt, state.ScanStates, reverse),
            new SelectiveScanOutputs { Y = y, AccumulateY = accumulate, FinalState = state.ScanStates, BorderStates = tape.BorderStates },
            context.Arena.Allocate<float>(SelectiveScan.ForwardWorkspaceSize(context.Tokens, context.Sequences, inner, config.DState, 1)),
            context.Parallel);
        context.Arena.Release(mark);
    }

    /// <summary>
    /// Saved: <paramref name="xz"/> and <paramref name="tape"/>. Recomputed: dt and the norms of dt, B and C; inside the kernels the convolution's sum
    /// and the states.
    /// </summary>
    /// <param name="context">The pass.</param>
    /// <param name="parameters">The direction's parameters.</param>
    /// <param name="gradients">Added to (+=); null where only the input's gradient is wanted.</param>
    /// <param name="a">A, [DInner, DState].</param>
    /// <param name="xz">As in the forward pass.</param>
    /// <param name="tape">What the forward pass wrote.</param>
    /// <param name="gradY">dL/dy, [T, DInner].</param>
    /// <param name="initial">What the forward pass went on from; it counts as constant.</param>
    /// <param name="gradXZ">x: overwritten by the forward direction, added to by the reversed one; z: overwritten where the only direction gates.</param>
    /// <param name="reverse">Whether this is the reversed direction.</param>
    public static void Backward(
        in LayerContext context, DirectionParameters parameters, DirectionParameters? gradients, ReadOnlySpan<float> a, ReadOnlySpan<float> xz,
        in DirectionTape tape, in DirectionState initial, ReadOnlySpan<float> gradY, Span<float> gradXZ, bool reverse)
    {
        MambaConfig config = context.Config;
        int inner = config.DInner, states = config.DState, tokens = context.Tokens;
        NativeArena.Mark mark = context.Arena.GetMark();
        NativeBuffer<float> inverseRms = context.Arena.Allocate<float>(DtBCNorm.InverseRmsSize(context));
        DtBCSlices slices = DtBCNorm.Forward(context, tape.DtBC, inverseRms);
        NativeBuffer<float> dt = ProjectDt(context, parameters, slices);
        NativeBuffer<float> gradU = context.Rows(inner), gradDt = context.Rows(inner), gradA = context.Arena.AllocateZeroed<float>(a.Length);
        DtBCSlices gradSlices = DtBCSlices.Allocate(context);
        SelectiveScan.Backward(
            ScanArguments(context, parameters, a, xz, tape, slices, dt, initial.ScanStates, reverse),
            tape.BorderStates,
            new SelectiveScanGradients
            {
                GradY = gradY,
                GradX = gradU,
                GradDt = gradDt,
                GradB = gradSlices.B,
                GradBStride = gradSlices.Stride,
                GradC = gradSlices.C,
                GradCStride = gradSlices.Stride,
                GradZ = config.IsBidirectional ? default : gradXZ[inner..],
                GradZStride = config.IsBidirectional ? 0 : 2 * inner,
                GradA = gradA,
                GradD = context.GradientOrScratch(gradients?.D, inner),
                GradDtBias = context.GradientOrScratch(gradients?.DtBias, inner),
            },
            context.Arena.Allocate<float>(SelectiveScan.BackwardWorkspaceSize(tokens, context.Sequences, inner, states, 1)),
            context.Parallel);

        // A = -exp(ALog), so dA/dALog = A.
        Span<float> gradALog = gradients is null ? default : gradients.ALog;
        for (int i = 0; i < gradALog.Length; i++)
            gradALog[i] += gradA.Span[i] * a[i];

        Linear.BackwardInput(context, tokens, gradDt, inner, parameters.DtProj, gradSlices.Dt, gradSlices.Stride);
        if (gradients is not null)
            Linear.BackwardWeight(context, tokens, gradDt, inner, slices.Dt, slices.Stride, gradients.DtProj, default);
        NativeBuffer<float> gradDtBC = DtBCNorm.Backward(context, tape.DtBC, inverseRms, gradSlices);
        Linear.BackwardInput(context, tokens, gradDtBC, gradSlices.Stride, parameters.XProj, gradU, inner, accumulate: true);
        if (gradients is not null)
            Linear.BackwardWeight(context, tokens, gradDtBC, gradSlices.Stride, tape.U, inner, gradients.XProj, default);
        CausalConv1d.Backward(
            ConvArguments(context, parameters, xz, initial.ConvInputs, reverse),
            new CausalConv1dGradients
            {
                GradY = gradU,
                GradX = gradXZ,
                GradXStride = 2 * inner,
                AccumulateX = reverse,
                GradWeight = context.GradientOrScratch(gradients?.ConvWeight, parameters.ConvWeight.Length),
                GradBias = context.GradientOrScratch(gradients?.ConvBias, parameters.ConvBias.Length),
            },
            context.Arena.Allocate<float>(CausalConv1d.BackwardWorkspaceSize(tokens, context.Sequences, inner, config.DConv)),
            context.Parallel);
        context.Arena.Release(mark);
    }

    private static CausalConv1dArguments ConvArguments(
        in LayerContext context, DirectionParameters parameters, ReadOnlySpan<float> xz, ReadOnlySpan<float> initial, bool reverse) => new()
        {
            Channels = context.Config.DInner,
            KernelSize = context.Config.DConv,
            Offsets = context.Offsets,
            X = xz,
            XStride = 2 * context.Config.DInner,
            Weight = parameters.ConvWeight,
            Bias = parameters.ConvBias,
            Silu = true,
            InitialInputs = initial,
            Reverse = reverse,
        };

    private static SelectiveScanArguments ScanArguments(
        in LayerContext context, DirectionParameters parameters, ReadOnlySpan<float> a, ReadOnlySpan<float> xz, in DirectionTape tape, in DtBCSlices slices,
        ReadOnlySpan<float> dt, ReadOnlySpan<float> initial, bool reverse)
    {
        int inner = context.Config.DInner;
        bool gated = !context.Config.IsBidirectional;
        return new SelectiveScanArguments
        {
            Channels = inner,
            StateSize = context.Config.DState,
            Offsets = context.Offsets,
            X = tape.U,
            Dt = dt,
            DtBias = parameters.DtBias,
            Softplus = true,
            A = a,
            B = slices.B,
            BStride = slices.Stride,
            C = slices.C,
            CStride = slices.Stride,
            D = parameters.D,
            Z = gated ? xz[inner..] : default,
            ZStride = gated ? 2 * inner : 0,
            InitialState = initial,
            Reverse = reverse,
            Stretches = context.IsStretch,
        };
    }

    private static NativeBuffer<float> ProjectDt(in LayerContext context, DirectionParameters parameters, in DtBCSlices slices)
    {
        // The bias of dt_proj is added inside the scan.
        NativeBuffer<float> dt = context.Rows(context.Config.DInner);
        Linear.Forward(context, context.Tokens, slices.Dt, slices.Stride, parameters.DtProj, default, dt, context.Config.DInner);
        return dt;
    }
}
