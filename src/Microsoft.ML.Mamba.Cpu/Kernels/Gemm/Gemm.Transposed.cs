using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class Gemm
{
    // A^T B over many steps (tokens): per piece, 96 columns of A and one panel of B are copied to the stack, 128 steps at a time.
    private const int TransposedRows = 96;
    private const int TransposedSteps = 128;
    private const int TransposedColumns = 256;
    private const int LeastStepsPerSplit = 512;
    private const int StackFloats = TransposedSteps * (TransposedRows + 32) + 16;

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
        int splits = TransposedSplits(product.M, product.N, product.K);
        int stepsPerSplit = RowBlocks.CountOf(RowBlocks.CountOf(product.K, splits), TransposedSteps) * TransposedSteps;
        int rowBlocks = RowBlocks.CountOf(product.M, TransposedRows), columnBlocks = RowBlocks.CountOf(product.N, TransposedColumns);
        GemmProduct part = splits == 1
            ? product
            : new GemmProduct(
                product.M, product.N, product.K, product.A, product.StrideA, product.B, product.StrideB, null, workspace, product.N, accumulate: false);
        var job = new TransposedJob<TLanes, TVector>(part, Math.Max(stepsPerSplit, 1), rowBlocks, columnBlocks);
        parallel.For(checked(splits * rowBlocks * columnBlocks), ref job);
        if (splits == 1)
            return;
        var reduce = new ReduceJob<TLanes, TVector>(product, workspace, splits);
        parallel.For(RowBlocks.CountOf(product.M, TransposedRows), ref reduce);
    }

    private readonly struct TransposedJob<TLanes, TVector>(GemmProduct product, int stepsPerSplit, int rowBlocks, int columnBlocks) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        [SkipLocalsInit]
        public void Run(int index)
        {
            int split = index / (rowBlocks * columnBlocks);
            int block = index % (rowBlocks * columnBlocks);
            int row = block / columnBlocks * TransposedRows, column = block % columnBlocks * TransposedColumns;
            int rows = Math.Min(TransposedRows, product.M - row), columns = Math.Min(TransposedColumns, product.N - column);
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

        /// <summary>Copies columns of A tile by tile, each tile step by step.</summary>
        private void PackA(float* a, int rows, int steps, float* packed)
        {
            for (int i = 0; i < rows;)
            {
                int taken = GemmTile.RowsFor<TLanes, TVector>(rows - i);
                float* from = a + i;
                for (int s = 0; s < steps; s++, from += product.StrideA, packed += taken)
                {
                    for (int r = 0; r < taken; r++)
                        packed[r] = from[r];
                }

                i += taken;
            }
        }
    }

    /// <summary><c>C (+)= bias + part 0 + part 1 + ...</c> for 96 rows.</summary>
    private readonly struct ReduceJob<TLanes, TVector>(GemmProduct product, float* parts, int splits) : IParallelJob
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
                    ColumnSum.AddRow<TLanes, TVector>(parts + ((nint)s * product.M + i) * product.N, row, product.N);
            }
        }
    }
}
