using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>
/// A bidirectional block over one long sequence, stretch by stretch: first from its end, for the reversed direction, then from its start. Only the residual
/// stream and the reversed direction's output are as long as the sequence; x is projected twice.
/// </summary>
internal static class LongBidirectionalBlock
{
    /// <summary>Adds the block's output to <paramref name="residual"/>, [T, DModel].</summary>
    public static void Forward(
        in LayerContext whole, BlockParameters parameters, StateMatrices matrices, int layer, int stretchTokens, NativeBuffer<float> residual,
        CancellationToken cancellationToken)
    {
        MambaConfig config = whole.Config;
        int width = config.DModel, inner = config.DInner, tokens = whole.Tokens;
        NativeBuffer<float> y = whole.Rows(inner);
        NativeBuffer<float> convInputs = whole.Arena.AllocateZeroed<float>((config.DConv - 1) * inner);
        NativeBuffer<float> scanStates = whole.Arena.AllocateZeroed<float>(inner * config.DState);
        NativeBuffer<int> offsets = whole.Arena.AllocateZeroed<int>(2);
        var state = new DirectionState { ConvInputs = convInputs, ScanStates = scanStates };
        int stretches = (tokens + stretchTokens - 1) / stretchTokens;
        for (int i = 2 * stretches - 1; i >= 0; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            NativeArena.Mark mark = whole.Arena.GetMark();
            bool reverse = i >= stretches;
            int start = (reverse ? i - stretches : stretches - 1 - i) * stretchTokens;
            int count = Math.Min(stretchTokens, tokens - start);
            offsets.Span[1] = count;
            if (i == stretches - 1)
            {
                convInputs.Span.Clear();
                scanStates.Span.Clear();
            }

            var context = new LayerContext
            {
                Config = config, Arena = whole.Arena, Parallel = whole.Parallel, UsesPackedWeights = true, IsStretch = true,
                Offsets = offsets,
            };
            Span<float> rows = residual.Slice(start * width, count * width);
            NativeBuffer<float> sum = y.Slice(start * inner, count * inner), xz = context.Rows(2 * inner);
            MambaBlock.ProjectIn(context, parameters, reverse ? parameters.InProjX : parameters.InProj, rows, xz);
            DirectionParameters direction = reverse ? parameters.Reversed! : parameters.Forward;
            DirectionTape tape = DirectionTape.Allocate(context, training: false);
            MixerDirection.Forward(context, direction, matrices.Get(layer, reverse), xz, tape, sum, accumulate: !reverse, state, reverse);
            if (!reverse)
                MambaBlock.ProjectOut(context, parameters, sum, xz, rows, accumulate: true);
            whole.Arena.Release(mark);
        }
    }
}
