namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// B [k, n] rearranged for <see cref="GemmTile"/>: panels of two vectors' columns, each stored step by step and padded with zeros; a last panel of
/// at most one vector's columns is half as wide. Panel p starts at float <c>p * k * 2 * lanes</c>.
/// </summary>
internal static unsafe class GemmPanels
{
    /// <summary>Columns of a full panel.</summary>
    public static int Width<TLanes, TVector>()
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        => 2 * TLanes.Count;

    /// <summary>Columns that are stored for a panel of <paramref name="columns"/> columns.</summary>
    public static int StoredWidth<TLanes, TVector>(int columns)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        => columns > TLanes.Count ? 2 * TLanes.Count : TLanes.Count;

    /// <summary>Floats that the panels of any lane width need, 64-byte alignment included.</summary>
    public static int MaxSize(int n, int k) => checked((n + 31) / 32 * 32 * k + NativeBlock.Alignment / sizeof(float));

    /// <summary>Packs all panels. <paramref name="transposed"/>: the source is B^T [n, k] rather than B [k, n].</summary>
    public static void Pack<TLanes, TVector>(bool transposed, int n, int k, float* source, nint stride, float* panels, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        const int elementsPerPiece = 32_768;
        int width = Width<TLanes, TVector>();
        int count = RowBlocks.CountOf(n, width);
        int size = Math.Clamp(elementsPerPiece / Math.Max(1, width * k), 1, count);
        var job = new PackJob<TLanes, TVector>(transposed, n, k, source, stride, panels, size);
        parallel.For(RowBlocks.CountOf(count, size), ref job);
    }

    /// <summary>Packs <paramref name="steps"/> rows of <paramref name="columns"/> columns of B into one panel.</summary>
    public static void PackRows<TLanes, TVector>(int columns, int steps, float* source, nint stride, float* panel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        if (columns == 2 * TLanes.Count)
        {
            for (; steps > 0; steps--, source += stride, panel += 2 * TLanes.Count)
            {
                TLanes.Store(panel, TLanes.Load(source));
                TLanes.Store(panel + TLanes.Count, TLanes.Load(source + TLanes.Count));
            }

            return;
        }

        int width = StoredWidth<TLanes, TVector>(columns);
        for (; steps > 0; steps--, source += stride, panel += width)
        {
            var row = new Span<float>(panel, width);
            new ReadOnlySpan<float>(source, columns).CopyTo(row);
            row[columns..].Clear();
        }
    }

    /// <summary>
    /// Copies neighbouring tiles of columns, each as wide as <typeparamref name="TColumns"/> has floats, out of wider rows: tile i, step s goes to
    /// place <c>i * steps + s</c>. A copy of constant size, which the compiler turns into vector moves.
    /// </summary>
    public static void CopyTiles<TColumns>(int tiles, int steps, float* source, nint stride, float* destination)
        where TColumns : unmanaged
    {
        for (int s = 0; s < steps; s++, source += stride)
        {
            var from = (TColumns*)source;
            TColumns* to = (TColumns*)destination + s;
            for (int i = 0; i < tiles; i++, to += steps)
                *to = from[i];
        }
    }

    /// <summary>Packs <paramref name="columns"/> rows of B^T, each of <paramref name="steps"/> elements, into one panel.</summary>
    private static void PackTransposed<TLanes, TVector>(int columns, int steps, float* source, nint stride, float* panel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int width = StoredWidth<TLanes, TVector>(columns);
        if (columns < width)
            new Span<float>(panel, checked(steps * width)).Clear();
        GemmTranspose.Copy(columns, steps, source, stride, panel, width);
    }

    private readonly struct PackJob<TLanes, TVector>(bool transposed, int n, int k, float* source, nint stride, float* panels, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int width = Width<TLanes, TVector>();
            int end = Math.Min((index + 1) * size, RowBlocks.CountOf(n, width));
            for (int p = index * size; p < end; p++)
            {
                int column = p * width;
                int columns = Math.Min(width, n - column);
                float* panel = panels + (nint)column * k;
                if (transposed)
                    PackTransposed<TLanes, TVector>(columns, k, source + column * stride, stride, panel);
                else
                    PackRows<TLanes, TVector>(columns, k, source + column, stride, panel);
            }
        }
    }

    public struct TwelveFloats
    {
        public fixed float Values[12];
    }

    public struct SixFloats
    {
        public fixed float Values[6];
    }

    public struct FourFloats
    {
        public fixed float Values[4];
    }
}
