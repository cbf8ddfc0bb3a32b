using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The innermost part of a product: a tile of C that stays in registers while <c>steps</c> rank-one updates are added to it. Each update multiplies a
/// few elements of A, <c>rowA</c> floats apart, with one or two neighbouring vectors of B; the next update's lie <c>stepA</c> and <c>stepB</c> floats on.
/// The tile starts from <c>start</c> (rows <c>rowStart</c> apart, 0 for a bias; null for zeros) and is stored to <c>c</c>.
/// </summary>
/// <remarks>
/// 12 x 2 vectors fill the 32 registers of AVX-512, 6 x 2 the 16 of AVX2 and SSE. Every element of C is one chain of multiply-adds in the order of the
/// steps, whatever the tile's shape, so an element does not depend on which tile it falls into.
/// </remarks>
internal static unsafe partial class GemmTile
{
    private const int MostRows = 12;
    private const int MostColumns = 32;

    /// <summary>Rows of the full tile at this width.</summary>
    public static int FullRows<TLanes, TVector>()
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        => TLanes.Count == 16 ? 12 : 6;

    /// <summary>Rows of the tile to take next where <paramref name="left"/> rows remain: 12 (or 6), 4 or 1.</summary>
    public static int RowsFor<TLanes, TVector>(int left)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int full = FullRows<TLanes, TVector>();
        return left >= full ? full : left >= 4 ? 4 : 1;
    }

    /// <summary>
    /// One tile of <paramref name="rows"/> (as <see cref="RowsFor"/> says) by <paramref name="columns"/> columns. B must be readable over one
    /// whole vector, or two for more columns than a vector's; C and <paramref name="start"/> are touched within their columns only.
    /// </summary>
    [SkipLocalsInit]
    public static void Run<TLanes, TVector>(
        int rows, int columns, int steps, float* a, nint rowA, nint stepA, float* b, nint stepB, float* start, nint rowStart, float* c, nint rowC)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        bool wide = columns > TLanes.Count;
        int width = wide ? 2 * TLanes.Count : TLanes.Count;
        if (columns == width)
        {
            RunWhole<TLanes, TVector>(rows, wide, steps, a, rowA, stepA, b, stepB, start, rowStart, c, rowC);
            return;
        }

        // The idle columns compute products with B's zero padding (or neighbours) in a buffer of their own and are never copied out.
        float* buffer = stackalloc float[MostRows * MostColumns];
        float* bufferStart = null;
        if (start != null)
        {
            bufferStart = buffer;
            for (int r = 0; r < rows; r++)
            {
                var row = new Span<float>(buffer + r * width, width);
                row[columns..].Clear();
                new ReadOnlySpan<float>(start + r * rowStart, columns).CopyTo(row);
            }
        }

        RunWhole<TLanes, TVector>(rows, wide, steps, a, rowA, stepA, b, stepB, bufferStart, width, buffer, width);
        for (int r = 0; r < rows; r++)
            new ReadOnlySpan<float>(buffer + r * width, columns).CopyTo(new Span<float>(c + r * rowC, columns));
    }

    private static void RunWhole<TLanes, TVector>(
        int rows, bool wide, int steps, float* a, nint rowA, nint stepA, float* b, nint stepB, float* start, nint rowStart, float* c, nint rowC)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        switch (rows)
        {
            case 12 when wide: Rows12Wide<TLanes, TVector>(steps, a, rowA, stepA, b, stepB, start, rowStart, c, rowC); break;
            case 12: Rows12Narrow<TLanes, TVector>(steps, a, rowA, stepA, b, stepB, start, rowStart, c, rowC); break;
            case 6 when wide: Rows6Wide<TLanes, TVector>(steps, a, rowA, stepA, b, stepB, start, rowStart, c, rowC); break;
            case 6: Rows6Narrow<TLanes, TVector>(steps, a, rowA, stepA, b, stepB, start, rowStart, c, rowC); break;
            case 4 when wide: Rows4Wide<TLanes, TVector>(steps, a, rowA, stepA, b, stepB, start, rowStart, c, rowC); break;
            case 4: Rows4Narrow<TLanes, TVector>(steps, a, rowA, stepA, b, stepB, start, rowStart, c, rowC); break;
            case 1 when wide: Rows1Wide<TLanes, TVector>(steps, a, rowA, stepA, b, stepB, start, rowStart, c, rowC); break;
            default: Rows1Narrow<TLanes, TVector>(steps, a, rowA, stepA, b, stepB, start, rowStart, c, rowC); break;
        }
    }
}
