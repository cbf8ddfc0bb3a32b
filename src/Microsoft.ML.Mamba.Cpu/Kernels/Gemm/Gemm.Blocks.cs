namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class Gemm
{
    // A block of A, 96 rows by 512 steps, stays in the second cache while the panels of B pass by it.
    private const int BlockRows = 96;
    private const int BlockSteps = 512;

    // Less work than this is not worth handing to another thread.
    private const long LeastWork = 1 << 19;
    private const int WantedPieces = 16;

    /// <summary>C = A B with B in panels: pieces are blocks of rows by groups of panels.</summary>
    private static void MultiplyPanels<TLanes, TVector>(in GemmProduct product, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int full = GemmTile.FullRows<TLanes, TVector>();
        int panels = RowBlocks.CountOf(product.N, GemmPanels.Width<TLanes, TVector>());
        int wanted = (int)Math.Min(WantedPieces, product.Work / LeastWork);
        int rowBlocks = Math.Max(RowBlocks.CountOf(product.M, BlockRows), Math.Min(wanted, product.M / full));
        int rows = RowBlocks.CountOf(RowBlocks.CountOf(product.M, Math.Max(rowBlocks, 1)), full) * full;
        rowBlocks = RowBlocks.CountOf(product.M, rows);
        int panelBlocks = Math.Clamp(wanted / Math.Max(rowBlocks, 1), 1, panels);
        int panelsPerBlock = RowBlocks.CountOf(panels, panelBlocks);
        panelBlocks = RowBlocks.CountOf(panels, panelsPerBlock);
        var job = new PanelJob<TLanes, TVector>(product, rows, panelsPerBlock, panelBlocks);
        parallel.For(checked(rowBlocks * panelBlocks), ref job);
    }

    private readonly struct PanelJob<TLanes, TVector>(GemmProduct product, int blockRows, int panelsPerBlock, int panelBlocks) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int width = GemmPanels.Width<TLanes, TVector>();
            int row = index / panelBlocks * blockRows;
            int rows = Math.Min(blockRows, product.M - row);
            int column = index % panelBlocks * panelsPerBlock * width;
            int end = Math.Min(product.N, column + panelsPerBlock * width);
            float* start = product.Start<TLanes, TVector>(row, rows, column, end - column, out nint rowStart);
            float* c = product.C + row * product.StrideC + column;
            int step = 0;
            do
            {
                int steps = Math.Min(BlockSteps, product.K - step);
                for (int j = column; j < end; j += width)
                {
                    int columns = Math.Min(width, end - j);
                    int stored = GemmPanels.StoredWidth<TLanes, TVector>(columns);
                    float* panel = product.B + (nint)j * product.K + (nint)step * stored;
                    float* from = start == null ? null : start + (j - column);
                    Column(row, rows, columns, steps, step, panel, stored, from, rowStart, c + (j - column));
                }

                // Later steps go on from the sums so far.
                start = c;
                rowStart = product.StrideC;
                step += steps;
            }
            while (step < product.K);
        }

        private void Column(int row, int rows, int columns, int steps, int step, float* panel, nint stepB, float* start, nint rowStart, float* c)
        {
            float* a = product.A + row * product.StrideA + step;
            while (rows > 0)
            {
                int taken = GemmTile.RowsFor<TLanes, TVector>(rows);
                GemmTile.Run<TLanes, TVector>(taken, columns, steps, a, product.StrideA, 1, panel, stepB, start, rowStart, c, product.StrideC);
                a += taken * product.StrideA;
                c += taken * product.StrideC;
                start = start == null ? null : start + taken * rowStart;
                rows -= taken;
            }
        }
    }
}
