using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class RmsNorm
{
    // Saved: x and r = inverseRms. Recomputed: nothing. With g = gradY * weight and n = channels:
    // gradX = r g - x r^3 / n * sum over c of g[c] x[c];  gradWeight[c] += sum over t of gradY[t, c] x[t, c] r[t].

    /// <param name="rows">Rows.</param>
    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="x">[rows, channels], the input of <c>Forward</c>.</param>
    /// <param name="strideX">Row stride of <paramref name="x"/>.</param>
    /// <param name="weight">[channels], or empty for none.</param>
    /// <param name="inverseRms">[rows], from <c>Forward</c>.</param>
    /// <param name="gradY">[rows, channels].</param>
    /// <param name="strideGradY">Row stride of <paramref name="gradY"/>.</param>
    /// <param name="gradX">[rows, channels]; may be <paramref name="gradY"/> when overwritten.</param>
    /// <param name="strideGradX">Row stride of <paramref name="gradX"/>.</param>
    /// <param name="accumulateGradX">Whether <paramref name="gradX"/> is accumulated (+=), as where it joins a residual stream, rather than overwritten (=).</param>
    /// <param name="gradWeight">[channels], accumulated (+=); empty without a weight.</param>
    /// <param name="workspace">At least <see cref="BackwardWorkspaceSize"/>, overwritten.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Backward(
        int rows, int channels, ReadOnlySpan<float> x, int strideX, ReadOnlySpan<float> weight, ReadOnlySpan<float> inverseRms,
        ReadOnlySpan<float> gradY, int strideGradY, Span<float> gradX, int strideGradX, bool accumulateGradX,
        Span<float> gradWeight, Span<float> workspace, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Backward<Lanes512, Vector512<float>>(rows, channels, x, strideX, weight, inverseRms, gradY, strideGradY, gradX,
                strideGradX, accumulateGradX, gradWeight, workspace, parallel); break;
            case 256: Backward<Lanes256, Vector256<float>>(rows, channels, x, strideX, weight, inverseRms, gradY, strideGradY, gradX,
                strideGradX, accumulateGradX, gradWeight, workspace, parallel); break;
            case 128: Backward<Lanes128, Vector128<float>>(rows, channels, x, strideX, weight, inverseRms, gradY, strideGradY, gradX,
                strideGradX, accumulateGradX, gradWeight, workspace, parallel); break;
            default: Backward<Lanes1, float>(rows, channels, x, strideX, weight, inverseRms, gradY, strideGradY, gradX, strideGradX,
                accumulateGradX, gradWeight, workspace, parallel); break;
        }
    }

    internal static void Backward<TLanes, TVector>(
        int rows, int channels, ReadOnlySpan<float> x, int strideX, ReadOnlySpan<float> weight, ReadOnlySpan<float> inverseRms,
        ReadOnlySpan<float> gradY, int strideGradY, Span<float> gradX, int strideGradX, bool accumulateGradX,
        Span<float> gradWeight, Span<float> workspace, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        CheckSizes(rows, channels, weight);
        KernelCheck.Matrix(x.Length, nameof(x), rows, nameof(rows), channels, nameof(channels), strideX);
        KernelCheck.Vector(inverseRms.Length, nameof(inverseRms), rows, nameof(rows));
        KernelCheck.Matrix(gradY.Length, nameof(gradY), rows, nameof(rows), channels, nameof(channels), strideGradY);
        KernelCheck.Matrix(gradX.Length, nameof(gradX), rows, nameof(rows), channels, nameof(channels), strideGradX);
        KernelCheck.Vector(gradWeight.Length, nameof(gradWeight), weight.IsEmpty ? 0 : channels, nameof(channels));
        KernelCheck.Workspace(workspace.Length, BackwardWorkspaceSize(rows, channels, !weight.IsEmpty));
        fixed (float* px = x, pWeight = weight, pInverse = inverseRms, pGradY = gradY, pGradX = gradX, pGradWeight = gradWeight, pWorkspace = workspace)
        {
            int partials = RowBlocks.Partials(rows);
            var job = new BackwardJob<TLanes, TVector>(
                rows, channels, px, strideX, pWeight, pInverse, pGradY, strideGradY, pGradX, strideGradX, accumulateGradX, pWorkspace);
            parallel.For(partials, ref job);
            if (pWeight != null)
                ColumnSum.AddPartials<TLanes, TVector>(pWorkspace, partials, channels, pGradWeight);
        }
    }

    /// <summary>The sum of <c>gradY x weight</c> over a row; adds <c>gradY x r</c> to this piece's part of gradWeight.</summary>
    private static float ReduceRow<TLanes, TVector>(float* x, float* weight, float inverse, float* gradY, float* partial, int channels)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        if (weight == null)
            return Dot.Product<TLanes, TVector>(x, gradY, channels);
        TVector sum = TLanes.Create(0f);
        TVector scale = TLanes.Create(inverse);
        int c = 0;
        for (; c + TLanes.Count <= channels; c += TLanes.Count)
        {
            TVector product = TLanes.Multiply(TLanes.Load(x + c), TLanes.Load(gradY + c));
            sum = TLanes.MultiplyAdd(product, TLanes.Load(weight + c), sum);
            TLanes.Store(partial + c, TLanes.MultiplyAdd(product, scale, TLanes.Load(partial + c)));
        }

        float total = TLanes.Sum(sum);
        for (; c < channels; c++)
        {
            float product = x[c] * gradY[c];
            total = float.MultiplyAddEstimate(product, weight[c], total);
            partial[c] = float.MultiplyAddEstimate(product, inverse, partial[c]);
        }

        return total;
    }

    /// <summary><c>gradX (+)= inverse * gradY * weight - pull * x</c>.</summary>
    private static void BackwardRow<TLanes, TVector>(
        float* x, float* weight, float inverse, float pull, float* gradY, float* gradX, bool accumulate, int channels)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector scale = TLanes.Create(inverse);
        TVector minusPull = TLanes.Create(-pull);
        int c = 0;
        for (; c + TLanes.Count <= channels; c += TLanes.Count)
        {
            TVector g = TLanes.Multiply(TLanes.Load(gradY + c), scale);
            if (weight != null)
                g = TLanes.Multiply(g, TLanes.Load(weight + c));
            g = TLanes.MultiplyAdd(TLanes.Load(x + c), minusPull, g);
            TLanes.Store(gradX + c, accumulate ? TLanes.Add(TLanes.Load(gradX + c), g) : g);
        }

        for (; c < channels; c++)
        {
            float g = gradY[c] * inverse;
            if (weight != null)
                g *= weight[c];
            g = float.MultiplyAddEstimate(x[c], -pull, g);
            gradX[c] = accumulate ? gradX[c] + g : g;
        }
    }

    private readonly struct BackwardJob<TLanes, TVector>(
        int rows, int channels, float* x, int strideX, float* weight, float* inverseRms,
        float* gradY, int strideGradY, float* gradX, int strideGradX, bool accumulate, float* workspace) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int size = RowBlocks.RowsPerPartial(rows);
            int end = Math.Min((index + 1) * size, rows);
            float* partial = null;
            if (weight != null)
            {
                partial = workspace + (nint)index * channels;
                new Span<float>(partial, channels).Clear();
            }

            for (int t = index * size; t < end; t++)
            {
                float* row = x + (nint)t * strideX;
                float* gradRow = gradY + (nint)t * strideGradY;
                float inverse = inverseRms[t];
                float dot = ReduceRow<TLanes, TVector>(row, weight, inverse, gradRow, partial, channels);
                float pull = dot / channels * inverse * inverse * inverse;
                BackwardRow<TLanes, TVector>(row, weight, inverse, pull, gradRow, gradX + (nint)t * strideGradX, accumulate, channels);
            }
        }
    }
}
