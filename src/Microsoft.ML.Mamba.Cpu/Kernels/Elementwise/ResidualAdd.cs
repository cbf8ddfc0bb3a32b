using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// <c>y[t, c] += x[t, c]</c>: the residual addition, the joining of two gradients, and (with one row for all) a bias. x and y may be the
/// same buffer, not overlap otherwise.
/// </summary>
internal static unsafe class ResidualAdd
{
    /// <param name="rows">Rows.</param>
    /// <param name="channels">Columns.</param>
    /// <param name="x">[rows, channels].</param>
    /// <param name="strideX">Row stride of <paramref name="x"/>; 0 adds one row to all, as a bias is added.</param>
    /// <param name="y">[rows, channels], accumulated (+=).</param>
    /// <param name="strideY">Row stride of <paramref name="y"/>.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Add(int rows, int channels, ReadOnlySpan<float> x, int strideX, Span<float> y, int strideY, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Add<Lanes512, Vector512<float>>(rows, channels, x, strideX, y, strideY, parallel); break;
            case 256: Add<Lanes256, Vector256<float>>(rows, channels, x, strideX, y, strideY, parallel); break;
            case 128: Add<Lanes128, Vector128<float>>(rows, channels, x, strideX, y, strideY, parallel); break;
            default: Add<Lanes1, float>(rows, channels, x, strideX, y, strideY, parallel); break;
        }
    }

    internal static void Add<TLanes, TVector>(int rows, int channels, ReadOnlySpan<float> x, int strideX, Span<float> y, int strideY, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Size(rows, nameof(rows));
        KernelCheck.Size(channels, nameof(channels), 1);
        if (strideX == 0)
            KernelCheck.Vector(x.Length, nameof(x), channels, nameof(channels));
        else
            KernelCheck.Matrix(x.Length, nameof(x), rows, nameof(rows), channels, nameof(channels), strideX);
        KernelCheck.Matrix(y.Length, nameof(y), rows, nameof(rows), channels, nameof(channels), strideY);
        fixed (float* px = x, py = y)
        {
            int size = RowBlocks.RowsPerPiece(rows, channels);
            var job = new Job<TLanes, TVector>(rows, channels, px, strideX, py, strideY, size);
            parallel.For(RowBlocks.CountOf(rows, size), ref job);
        }
    }

    private readonly struct Job<TLanes, TVector>(int rows, int channels, float* x, int strideX, float* y, int strideY, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int end = Math.Min((index + 1) * size, rows);
            for (int t = index * size; t < end; t++)
                ColumnSum.AddRow<TLanes, TVector>(x + (nint)t * strideX, y + (nint)t * strideY, channels);
        }
    }
}
