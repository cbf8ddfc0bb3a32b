using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class RmsNorm
{
    /// <param name="rows">Rows.</param>
    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="x">[rows, channels].</param>
    /// <param name="strideX">Row stride of <paramref name="x"/>.</param>
    /// <param name="weight">[channels], or empty for none.</param>
    /// <param name="epsilon">Positive.</param>
    /// <param name="y">[rows, channels], overwritten; may be <paramref name="x"/>.</param>
    /// <param name="strideY">Row stride of <paramref name="y"/>.</param>
    /// <param name="inverseRms">[rows], overwritten with r for <c>Backward</c>; or empty.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Forward(
        int rows, int channels, ReadOnlySpan<float> x, int strideX, ReadOnlySpan<float> weight, float epsilon,
        Span<float> y, int strideY, Span<float> inverseRms, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Forward<Lanes512, Vector512<float>>(rows, channels, x, strideX, weight, epsilon, y, strideY, inverseRms, parallel); break;
            case 256: Forward<Lanes256, Vector256<float>>(rows, channels, x, strideX, weight, epsilon, y, strideY, inverseRms, parallel); break;
            case 128: Forward<Lanes128, Vector128<float>>(rows, channels, x, strideX, weight, epsilon, y, strideY, inverseRms, parallel); break;
            default: Forward<Lanes1, float>(rows, channels, x, strideX, weight, epsilon, y, strideY, inverseRms, parallel); break;
        }
    }

    internal static void Forward<TLanes, TVector>(
        int rows, int channels, ReadOnlySpan<float> x, int strideX, ReadOnlySpan<float> weight, float epsilon,
        Span<float> y, int strideY, Span<float> inverseRms, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        CheckSizes(rows, channels, weight);
        KernelCheck.Matrix(x.Length, nameof(x), rows, nameof(rows), channels, nameof(channels), strideX);
        KernelCheck.Matrix(y.Length, nameof(y), rows, nameof(rows), channels, nameof(channels), strideY);
        if (!inverseRms.IsEmpty)
            KernelCheck.Vector(inverseRms.Length, nameof(inverseRms), rows, nameof(rows));
        if (!(epsilon > 0f))
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, $"epsilon must be positive; got {epsilon}.");
        fixed (float* px = x, pWeight = weight, py = y, pInverse = inverseRms)
        {
            int size = RowBlocks.RowsPerPiece(rows, channels);
            var job = new ForwardJob<TLanes, TVector>(rows, channels, px, strideX, pWeight, epsilon, py, strideY, pInverse, size);
            parallel.For(RowBlocks.CountOf(rows, size), ref job);
        }
    }

    private static void ForwardRow<TLanes, TVector>(float* x, float* weight, float inverse, float* y, int channels)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector scale = TLanes.Create(inverse);
        int c = 0;
        for (; c + TLanes.Count <= channels; c += TLanes.Count)
        {
            TVector value = TLanes.Multiply(TLanes.Load(x + c), scale);
            TLanes.Store(y + c, weight == null ? value : TLanes.Multiply(value, TLanes.Load(weight + c)));
        }

        for (; c < channels; c++)
            y[c] = weight == null ? x[c] * inverse : x[c] * inverse * weight[c];
    }

    private readonly struct ForwardJob<TLanes, TVector>(
        int rows, int channels, float* x, int strideX, float* weight, float epsilon, float* y, int strideY, float* inverseRms, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int end = Math.Min((index + 1) * size, rows);
            for (int t = index * size; t < end; t++)
            {
                float* row = x + (nint)t * strideX;
                float inverse = 1f / MathF.Sqrt(Dot.Product<TLanes, TVector>(row, row, channels) / channels + epsilon);
                if (inverseRms != null)
                    inverseRms[t] = inverse;
                ForwardRow<TLanes, TVector>(row, weight, inverse, y + (nint)t * strideY, channels);
            }
        }
    }
}
