using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class GemmTile
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows6Wide<TLanes, TVector>(int steps, float* a, nint rowA, nint stepA, float* b, nint stepB, float* start, nint rowStart, float* c, nint rowC)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector c00x = TLanes.Create(0f);
        TVector c00y = c00x, c01x = c00x, c01y = c00x, c02x = c00x, c02y = c00x, c03x = c00x, c03y = c00x, c04x = c00x;
        TVector c04y = c00x, c05x = c00x, c05y = c00x;
        if (start != null)
        {
            c00x = TLanes.Load(start);
            c00y = TLanes.Load(start + TLanes.Count);
            start += rowStart;
            c01x = TLanes.Load(start);
            c01y = TLanes.Load(start + TLanes.Count);
            start += rowStart;
            c02x = TLanes.Load(start);
            c02y = TLanes.Load(start + TLanes.Count);
            start += rowStart;
            c03x = TLanes.Load(start);
            c03y = TLanes.Load(start + TLanes.Count);
            start += rowStart;
            c04x = TLanes.Load(start);
            c04y = TLanes.Load(start + TLanes.Count);
            start += rowStart;
            c05x = TLanes.Load(start);
            c05y = TLanes.Load(start + TLanes.Count);
        }

        nint rowA2 = 2 * rowA;
        float* a03 = a + 3 * rowA;
        for (; steps > 0; steps--)
        {
            TVector x = TLanes.Load(b), y = TLanes.Load(b + TLanes.Count);
            TVector v = TLanes.Create(*a);
            c00x = TLanes.MultiplyAdd(v, x, c00x);
            c00y = TLanes.MultiplyAdd(v, y, c00y);
            v = TLanes.Create(*(a + rowA));
            c01x = TLanes.MultiplyAdd(v, x, c01x);
            c01y = TLanes.MultiplyAdd(v, y, c01y);
            v = TLanes.Create(*(a + rowA2));
            c02x = TLanes.MultiplyAdd(v, x, c02x);
            c02y = TLanes.MultiplyAdd(v, y, c02y);
            v = TLanes.Create(*a03);
            c03x = TLanes.MultiplyAdd(v, x, c03x);
            c03y = TLanes.MultiplyAdd(v, y, c03y);
            v = TLanes.Create(*(a03 + rowA));
            c04x = TLanes.MultiplyAdd(v, x, c04x);
            c04y = TLanes.MultiplyAdd(v, y, c04y);
            v = TLanes.Create(*(a03 + rowA2));
            c05x = TLanes.MultiplyAdd(v, x, c05x);
            c05y = TLanes.MultiplyAdd(v, y, c05y);
            b += stepB;
            a += stepA;
            a03 += stepA;
        }

        TLanes.Store(c, c00x);
        TLanes.Store(c + TLanes.Count, c00y);
        c += rowC;
        TLanes.Store(c, c01x);
        TLanes.Store(c + TLanes.Count, c01y);
        c += rowC;
        TLanes.Store(c, c02x);
        TLanes.Store(c + TLanes.Count, c02y);
        c += rowC;
        TLanes.Store(c, c03x);
        TLanes.Store(c + TLanes.Count, c03y);
        c += rowC;
        TLanes.Store(c, c04x);
        TLanes.Store(c + TLanes.Count, c04y);
        c += rowC;
        TLanes.Store(c, c05x);
        TLanes.Store(c + TLanes.Count, c05y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows6Narrow<TLanes, TVector>(
        int steps, float* a, nint rowA, nint stepA, float* b, nint stepB, float* start, nint rowStart, float* c, nint rowC)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector c00 = TLanes.Create(0f);
        TVector c01 = c00, c02 = c00, c03 = c00, c04 = c00, c05 = c00;
        if (start != null)
        {
            c00 = TLanes.Load(start);
            start += rowStart;
            c01 = TLanes.Load(start);
            start += rowStart;
            c02 = TLanes.Load(start);
            start += rowStart;
            c03 = TLanes.Load(start);
            start += rowStart;
            c04 = TLanes.Load(start);
            start += rowStart;
            c05 = TLanes.Load(start);
        }

        nint rowA2 = 2 * rowA;
        float* a03 = a + 3 * rowA;
        for (; steps > 0; steps--)
        {
            TVector x = TLanes.Load(b);
            c00 = TLanes.MultiplyAdd(TLanes.Create(*a), x, c00);
            c01 = TLanes.MultiplyAdd(TLanes.Create(*(a + rowA)), x, c01);
            c02 = TLanes.MultiplyAdd(TLanes.Create(*(a + rowA2)), x, c02);
            c03 = TLanes.MultiplyAdd(TLanes.Create(*a03), x, c03);
            c04 = TLanes.MultiplyAdd(TLanes.Create(*(a03 + rowA)), x, c04);
            c05 = TLanes.MultiplyAdd(TLanes.Create(*(a03 + rowA2)), x, c05);
            b += stepB;
            a += stepA;
            a03 += stepA;
        }

        TLanes.Store(c, c00);
        c += rowC;
        TLanes.Store(c, c01);
        c += rowC;
        TLanes.Store(c, c02);
        c += rowC;
        TLanes.Store(c, c03);
        c += rowC;
        TLanes.Store(c, c04);
        c += rowC;
        TLanes.Store(c, c05);
    }
}
