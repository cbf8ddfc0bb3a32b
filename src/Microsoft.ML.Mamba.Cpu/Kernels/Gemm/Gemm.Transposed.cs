using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class Gemm
{
    // A^T B over many steps (tokens): per piece, up to 192 columns of A and one panel of B are copied to the
    // stack (112 KiB), 128 steps at a time. B's rows lie far apart, so its copies are worth many rows of C.
    private const int TransposedRows = 192;
    private const int TransposedSteps = 128;
    private const int TransposedColumns = 256;
    private const int LeastStepsPerSplit = 512;
    private const int StackFloats = TransposedSteps * (TransposedRows + 32) + 16;

    /// <summary>Whether C^T = B^T A is computed instead, because C has too few columns to fill vectors with.</summary>
    private static bool IsTurned(int m, int n) => n < 16 && n < m;

    /// <summary>Floats for the parts' sums; none where C itself can take them.</summary>
    private static int TransposedWorkspace(int m, int n, int k)
    {
        bool turned = IsTurned(m, n);
        int splits = turned ? TransposedSplits(n, m, k) : TransposedSplits(m, n, k);
        return splits == 1 && !turned ? 0 : checked(splits * m * n);
    }

    /// <summary>
    /// Parts that the steps are cut into where C is too small to give every thread a block; each part has its own sums, added in order at the end.
    /// Depends on the shape alone.
    /// </summary>
    private static int TransposedSplits(int m, int n, int k)
    {
        long blocks = (long)RowBlocks.CountOf(m, TransposedRows) * RowBlocks.CountOf(n, TransposedColumns);
        long byWork = (long)m * n * k / LeastWork;
        return (int)Math.Max(1, Math.Min(Math.Min(WantedPieces / Math.Max(blocks, 1), byWork / Math.Max(blocks, 1)), k / LeastStepsPerSplit));
    }

    private static void MultiplyTransposed<TLanes, TVector>(in GemmProduct product, float* workspace, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        bool turned = IsTurned(product.M, product.N);
        int m = turned ? product.N : product.M, n = turned ? product.M : product.N;
        int splits = TransposedSplits(m, n, product.K);
        int stepsPerSplit = RowBlocks.CountOf(RowBlocks.CountOf(product.K, splits), TransposedSteps) * TransposedSteps;
        bool direct = splits == 1 && !turned;
        GemmProduct part =
            turned ? new GemmProduct(m, n, product.K, product.B, product.StrideB, product.A, product.StrideA, null, workspace, n, accumulate: false)
            : direct ? product
            : new GemmProduct(m, n, product.K, product.A, product.StrideA, product.B, product.StrideB, null, workspace, n, accumulate: false);
        int rowBlocks = RowBlocks.CountOf(m, TransposedRows), columnBlocks = RowBlocks.CountOf(n, TransposedColumns);
        int full = GemmTile.FullRows<TLanes, TVector>();
        int blockRows = RowBlocks.CountOf(RowBlocks.CountOf(m, rowBlocks), full) * full;
        rowBlocks = RowBlocks.CountOf(m, blockRows);
        var job = new TransposedJob<TLanes, TVector>(part, Math.Max(stepsPerSplit, 1), blockRows, rowBlocks, columnBlocks);
        parallel.For(checked(splits * rowBlocks * columnBlocks), ref job);
        if (direct)
            return;
        var reduce = new ReduceJob<TLanes, TVector>(product, workspace, splits, turned);
        parallel.For(RowBlocks.CountOf(product.M, TransposedRows), ref reduce);
    }

    private readonly struct TransposedJob<TLanes, TVector>(GemmProduct product, int stepsPerSplit, int blockRows, int rowBlocks, int columnBlocks) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        [SkipLocalsInit]
        public void Run(int index)
        {
            int split = index / (rowBlocks * columnBlocks);
            int block = index % (rowBlocks * columnBlocks);
            int row = block / columnBlocks * blockRows, column = block % columnBlocks * TransposedColumns;
            int rows = Math.Min(blockRows, product.M - row), columns = Math.Min(TransposedColumns, product.N - column);
            float* c = product.C + split * (product.M * product.StrideC) + row * product.StrideC + column;
            float* start = product.Start<TLanes, TVector>(row, rows, column, columns, out nint rowStart);

            float* stack = stackalloc float[StackFloats];
            var aligned = (float*)(((nint)stack + NativeBlock.Alignment - 1) & -NativeBlock.Alignment);
            int step = (int)Math.Min((long)split * stepsPerSplit, product.K);
            int end = (int)Math.Min((long)step + stepsPerSplit, product.K);
            do
            {
                int steps = Math.Min(TransposedSteps, end - step);
                Block(row, rows, column, columns, step, steps, aligned, start, rowStart, c);
                start = c;
                rowStart = product.StrideC;
                step += steps;
            }
            while (step < end);
        }

        private void Block(int row, int rows, int column, int columns, int step, int steps, float* stack, float* start, nint rowStart, float* c)
        {
            float* packedA = stack + TransposedSteps * 32;
            PackA(product.A + step * product.StrideA + row, rows, steps, packedA);
            int width = GemmPanels.Width<TLanes, TVector>();
            for (int j = 0; j < columns; j += width)
            {
                int count = Math.Min(width, columns - j);
                float* b = product.B + step * product.StrideB + column + j;
                GemmPanels.PackRows<TLanes, TVector>(count, steps, b, product.StrideB, stack);
                nint stepB = GemmPanels.StoredWidth<TLanes, TVector>(count);
                for (int i = 0; i < rows;)
                {
                    int taken = GemmTile.RowsFor<TLanes, TVector>(rows - i);
                    float* from = start == null ? null : start + i * rowStart + j;
                    GemmTile.Run<TLanes, TVector>(
                        taken, count, steps, packedA + (nint)i * steps, 1, taken, stack, stepB, from, rowStart, c + i * product.StrideC + j, product.StrideC);
                    i += taken;
                }
            }
        }

        /// <summary>Copies columns of A so that each tile's lie together, step by step. Whole rows at a time: A is read once, in its own order.</summary>
        private void PackA(float* a, int rows, int steps, float* packed)
        {
            int full = GemmTile.FullRows<TLanes, TVector>();
            int tiles = rows / full;
            if (full == 12)
                GemmPanels.CopyTiles<GemmPanels.TwelveFloats>(tiles, steps, a, product.StrideA, packed);
            else
                GemmPanels.CopyTiles<GemmPanels.SixFloats>(tiles, steps, a, product.StrideA, packed);
            for (int i = tiles * full; i < rows;)
            {
                int taken = GemmTile.RowsFor<TLanes, TVector>(rows - i);
                if (taken == 4)
                    GemmPanels.CopyTiles<GemmPanels.FourFloats>(1, steps, a + i, product.StrideA, packed + (nint)i * steps);
                else
                    GemmPanels.CopyTiles<float>(1, steps, a + i, product.StrideA, packed + (nint)i * steps);
                i += taken;
            }
        }
    }

    /// <summary><c>C (+)= bias + part 0 + part 1 + ...</c> for 192 rows.</summary>
    private readonly struct ReduceJob<TLanes, TVector>(GemmProduct product, float* parts, int splits, bool turned) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int end = Math.Min(product.M, (index + 1) * TransposedRows);
            for (int i = index * TransposedRows; i < end; i++)
            {
                float* row = product.C + i * product.StrideC;
                if (!product.Accumulate)
                    new Span<float>(row, product.N).Clear();
                if (product.Bias != null)
                    ColumnSum.AddRow<TLanes, TVector>(product.Bias, row, product.N);
                for (int s = 0; s < splits; s++)
                {
                    float* part = parts + (nint)s * product.M * product.N;
                    if (turned)
                        AddColumn(part + i, row);
                    else
                        ColumnSum.AddRow<TLanes, TVector>(part + (nint)i * product.N, row, product.N);
                }
            }
        }

        private void AddColumn(float* part, float* row)
        {
            for (int j = 0; j < product.N; j++)
                row[j] += part[(nint)j * product.M];
        }
    }
}
