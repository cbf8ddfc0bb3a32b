using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Inner products row by row: <c>y[t] = sum over c of a[t, c] b[t, c]</c>, accumulated in float32. Overwritten (=): y. A row's result depends on that row
/// alone, so it is the same for any number of rows and threads.
/// </summary>
internal static unsafe class RowProducts
{
    /// <param name="rows">Rows.</param>
    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="a">[rows, channels].</param>
    /// <param name="strideA">Row stride of <paramref name="a"/>.</param>
    /// <param name="b">[rows, channels].</param>
    /// <param name="strideB">Row stride of <paramref name="b"/>.</param>
    /// <param name="y">[rows], overwritten.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Compute(
        int rows, int channels, ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> y, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Compute<Lanes512, Vector512<float>>(rows, channels, a, strideA, b, strideB, y, parallel); break;
            case 256: Compute<Lanes256, Vector256<float>>(rows, channels, a, strideA, b, strideB, y, parallel); break;
            case 128: Compute<Lanes128, Vector128<float>>(rows, channels, a, strideA, b, strideB, y, parallel); break;
            default: Compute<Lanes1, float>(rows, channels, a, strideA, b, strideB, y, parallel); break;
        }
    }

    internal static void Compute<TLanes, TVector>(
        int rows, int channels, ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> y, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Size(rows, nameof(rows));
        KernelCheck.Size(channels, nameof(channels), 1);
        KernelCheck.Matrix(a.Length, nameof(a), rows, nameof(rows), channels, nameof(channels), strideA);
        KernelCheck.Matrix(b.Length, nameof(b), rows, nameof(rows), channels, nameof(channels), strideB);
        KernelCheck.Vector(y.Length, nameof(y), rows, nameof(rows));
        fixed (float* pa = a, pb = b, py = y)
        {
            int size = RowBlocks.RowsPerPiece(rows, channels);
            var job = new Job<TLanes, TVector>(rows, channels, pa, strideA, pb, strideB, py, size);
            parallel.For(RowBlocks.CountOf(rows, size), ref job);
        }
    }

    private readonly struct Job<TLanes, TVector>(int rows, int channels, float* a, int strideA, float* b, int strideB, float* y, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int end = Math.Min((index + 1) * size, rows);
            for (int t = index * size; t < end; t++)
                y[t] = Dot.Product<TLanes, TVector>(a + (nint)t * strideA, b + (nint)t * strideB, channels);
        }
    }
}
