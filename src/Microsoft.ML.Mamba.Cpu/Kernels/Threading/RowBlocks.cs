namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>How rows are cut into pieces of parallel work. Depends on the shape alone, so that sums over pieces do too.</summary>
internal static class RowBlocks
{
    private const int ElementsPerPiece = 16_384;
    private const int MostPartials = 64;
    private const int FewestRowsPerPartial = 64;

    /// <summary>Rows of a piece where rows are independent.</summary>
    public static int RowsPerPiece(int rows, int columns) => Math.Clamp(ElementsPerPiece / Math.Max(columns, 1), 1, Math.Max(rows, 1));

    /// <summary>Rows of a piece where each piece gives a partial sum, of which there are at most 64.</summary>
    public static int RowsPerPartial(int rows) => Math.Max(FewestRowsPerPartial, CountOf(rows, MostPartials));

    /// <summary>Number of partial sums.</summary>
    public static int Partials(int rows) => CountOf(rows, RowsPerPartial(rows));

    /// <summary><c>ceil(total / size)</c>.</summary>
    public static int CountOf(int total, int size) => (int)(((long)total + size - 1) / size);
}
