using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class Gemm
{
    // Packing B costs about as much as a dozen rows' multiplication; with fewer rows B is read where it lies.
    private const int FewRows = 16;
    private const int ShortSteps = 16;
    private const int FewRowsStackSteps = 128;

    private static bool IsFewRows(GemmKind kind, int m, int k) => m < FewRows && (kind == GemmKind.NN || (kind == GemmKind.NT && (m == 1 || k >= ShortSteps)));

    /// <summary>NT with few rows: inner products of rows of A with rows of B, four of B at a time.</summary>
    private static void MultiplyDots<TLanes, TVector>(in GemmProduct product, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int size = ColumnsPerPiece(product, 4);
        var job = new DotJob<TLanes, TVector>(product, size);
        parallel.For(RowBlocks.CountOf(product.N, size), ref job);
    }

    /// <summary>NN with few rows: tiles over B's own rows; a last panel that is not whole goes over the stack.</summary>
    private static void MultiplyRows<TLanes, TVector>(in GemmProduct product, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int size = ColumnsPerPiece(product, GemmPanels.Width<TLanes, TVector>());
        var job = new RowsJob<TLanes, TVector>(product, size);
        parallel.For(RowBlocks.CountOf(product.N, size), ref job);
    }

    private static int ColumnsPerPiece(in GemmProduct product, int multiple)
    {
        int wanted = (int)Math.Clamp(product.Work / LeastWork, 1, WantedPieces);
        return RowBlocks.CountOf(RowBlocks.CountOf(product.N, wanted), multiple) * multiple;
    }

    private readonly struct DotJob<TLanes, TVector>(GemmProduct product, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        [SkipLocalsInit]
        public void Run(int index)
        {
            int end = Math.Min(product.N, (index + 1) * size);
            float* sums = stackalloc float[4];
            for (int j = index * size; j < end; j += 4)
            {
                int count = Math.Min(4, end - j);
                for (int i = 0; i < product.M; i++)
                {
                    float* a = product.A + i * product.StrideA;
                    float* b = product.B + j * product.StrideB;
                    if (count == 4)
                    {
                        Dot.FourProducts<TLanes, TVector>(a, b, product.StrideB, product.K, sums);
                    }
                    else
                    {
                        for (int q = 0; q < count; q++)
                            sums[q] = Dot.Product<TLanes, TVector>(a, b + q * product.StrideB, product.K);
                    }

                    float* c = product.C + i * product.StrideC + j;
                    for (int q = 0; q < count; q++)
                        c[q] = (product.Accumulate ? c[q] : 0f) + (product.Bias == null ? 0f : product.Bias[j + q]) + sums[q];
                }
            }
        }
    }

    private readonly struct RowsJob<TLanes, TVector>(GemmProduct product, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        [SkipLocalsInit]
        public void Run(int index)
        {
            int column = index * size;
            int columns = Math.Min(size, product.N - column);
            float* start = product.Start<TLanes, TVector>(0, product.M, column, columns, out nint rowStart);
            int width = GemmPanels.Width<TLanes, TVector>();
            float* panel = stackalloc float[FewRowsStackSteps * 32];
            for (int j = 0; j < columns; j += width)
            {
                int count = Math.Min(width, columns - j);
                float* from = start == null ? null : start + j;
                float* c = product.C + column + j;
                if (count == width)
                    Tiles(count, 0, product.K, product.B + column + j, product.StrideB, from, rowStart, c);
                else
                    Partial(column + j, count, panel, from, rowStart, c);
            }
        }

        private void Partial(int column, int count, float* panel, float* start, nint rowStart, float* c)
        {
            int step = 0;
            do
            {
                int steps = Math.Min(FewRowsStackSteps, product.K - step);
                GemmPanels.PackRows<TLanes, TVector>(count, steps, product.B + step * product.StrideB + column, product.StrideB, panel);
                Tiles(count, step, steps, panel, GemmPanels.StoredWidth<TLanes, TVector>(count), start, rowStart, c);
                start = c;
                rowStart = product.StrideC;
                step += steps;
            }
            while (step < product.K);
        }

        private void Tiles(int columns, int step, int steps, float* b, nint stepB, float* start, nint rowStart, float* c)
        {
            for (int i = 0; i < product.M;)
            {
                int taken = GemmTile.RowsFor<TLanes, TVector>(product.M - i);
                GemmTile.Run<TLanes, TVector>(
                    taken, columns, steps, product.A + i * product.StrideA + step, product.StrideA, 1, b, stepB,
                    start == null ? null : start + i * rowStart, rowStart, c + i * product.StrideC, product.StrideC);
                i += taken;
            }
        }
    }
}
