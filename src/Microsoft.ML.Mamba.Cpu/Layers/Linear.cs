using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>A linear layer <c>Y = X W^T + bias</c> over rows that may be slices of wider ones.</summary>
internal static class Linear
{
    /// <summary>
    /// Y is overwritten, or added to. With packed weights a row's result depends on that row alone, bit by bit, and not on how many rows there are.
    /// In training the weights change every step and are not worth packing.
    /// </summary>
    public static void Forward(
        in LayerContext context, int rows, ReadOnlySpan<float> x, int strideX, WeightMatrix weight, ReadOnlySpan<float> bias, Span<float> y, int strideY,
        bool accumulate = false)
    {
        if (context.UsesPackedWeights)
        {
            Gemm.Multiply(rows, x, strideX, weight.Packed, bias, y, strideY, accumulate, context.Parallel);
            return;
        }

        int outputs = weight.Outputs, inputs = weight.Inputs;
        NativeArena.Mark mark = context.Arena.GetMark();
        NativeBuffer<float> workspace = context.Arena.Allocate<float>(Gemm.WorkspaceSize(GemmKind.NT, rows, outputs, inputs));
        Gemm.Multiply(GemmKind.NT, rows, outputs, inputs, x, strideX, weight.Values, inputs, bias, y, strideY, accumulate, workspace, context.Parallel);
        context.Arena.Release(mark);
    }

    /// <summary><c>gradX (+)= gradY W</c>.</summary>
    public static void BackwardInput(
        in LayerContext context, int rows, ReadOnlySpan<float> gradY, int strideGradY, WeightMatrix weight, Span<float> gradX, int strideGradX,
        bool accumulate = false)
    {
        int outputs = weight.Outputs, inputs = weight.Inputs;
        NativeArena.Mark mark = context.Arena.GetMark();
        NativeBuffer<float> workspace = context.Arena.Allocate<float>(Gemm.WorkspaceSize(GemmKind.NN, rows, inputs, outputs));
        Gemm.Multiply(
            GemmKind.NN, rows, inputs, outputs, gradY, strideGradY, weight.Values, inputs, default, gradX, strideGradX, accumulate, workspace,
            context.Parallel);
        context.Arena.Release(mark);
    }

    /// <summary><c>gradW += gradY^T X</c>, and where there is a bias <c>gradBias += sum of gradY over the rows</c>.</summary>
    public static void BackwardWeight(
        in LayerContext context, int rows, ReadOnlySpan<float> gradY, int strideGradY, ReadOnlySpan<float> x, int strideX, WeightMatrix gradWeight,
        Span<float> gradBias)
    {
        int outputs = gradWeight.Outputs, inputs = gradWeight.Inputs;
        NativeArena.Mark mark = context.Arena.GetMark();
        NativeBuffer<float> workspace = context.Arena.Allocate<float>(Gemm.WorkspaceSize(GemmKind.TN, outputs, inputs, rows));
        Gemm.Multiply(
            GemmKind.TN, outputs, inputs, rows, gradY, strideGradY, x, strideX, default, gradWeight.Values, inputs, accumulate: true, workspace,
            context.Parallel);
        if (!gradBias.IsEmpty)
        {
            NativeBuffer<float> partials = context.Arena.Allocate<float>(ColumnSum.WorkspaceSize(rows, outputs));
            ColumnSum.Accumulate(rows, outputs, gradY, strideGradY, gradBias, partials, context.Parallel);
        }

        context.Arena.Release(mark);
    }
}
