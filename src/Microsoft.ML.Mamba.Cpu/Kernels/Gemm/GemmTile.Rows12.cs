using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class GemmTile
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows12Wide<TLanes, TVector>(
        int steps, float* a, nint rowA, nint stepA, float* b, nint stepB, float* start, nint rowStart, float* c, nint rowC)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector c00x = TLanes.Create(0f);
        TVector c00y = c00x, c01x = c00x, c01y = c00x, c02x = c00x, c02y = c00x, c03x = c00x, c03y = c00x, c04x = c00x;
        TVector c04y = c00x, c05x = c00x, c05y = c00x, c06x = c00x, c06y = c00x, c07x = c00x, c07y = c00x, c08x = c00x;
        TVector c08y = c00x, c09x = c00x, c09y = c00x, c10x = c00x, c10y = c00x, c11x = c00x, c11y = c00x;
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
            start += rowStart;
            c06x = TLanes.Load(start);
            c06y = TLanes.Load(start + TLanes.Count);
            start += rowStart;
            c07x = TLanes.Load(start);
            c07y = TLanes.Load(start + TLanes.Count);
            start += rowStart;
            c08x = TLanes.Load(start);
            c08y = TLanes.Load(start + TLanes.Count);
            start += rowStart;
            c09x = TLanes.Load(start);
            c09y = TLanes.Load(start + TLanes.Count);
            start += rowStart;
            c10x = TLanes.Load(start);
            c10y = TLanes.Load(start + TLanes.Count);
            start += rowStart;
            c11x = TLanes.Load(start);
            c11y = TLanes.Load(start + TLanes.Count);
        }

        nint rowA2 = 2 * rowA;
        float* a03 = a + 3 * rowA;
        float* a06 = a + 6 * rowA;
        float* a09 = a + 9 * rowA;
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
            v = TLanes.Create(*a06);
            c06x = TLanes.MultiplyAdd(v, x, c06x);
            c06y = TLanes.MultiplyAdd(v, y, c06y);
            v = TLanes.Create(*(a06 + rowA));
            c07x = TLanes.MultiplyAdd(v, x, c07x);
            c07y = TLanes.MultiplyAdd(v, y, c07y);
            v = TLanes.Create(*(a06 + rowA2));
            c08x = TLanes.MultiplyAdd(v, x, c08x);
            c08y = TLanes.MultiplyAdd(v, y, c08y);
            v = TLanes.Create(*a09);
            c09x = TLanes.MultiplyAdd(v, x, c09x);
            c09y = TLanes.MultiplyAdd(v, y, c09y);
            v = TLanes.Create(*(a09 + rowA));
            c10x = TLanes.MultiplyAdd(v, x, c10x);
            c10y = TLanes.MultiplyAdd(v, y, c10y);
            v = TLanes.Create(*(a09 + rowA2));
            c11x = TLanes.MultiplyAdd(v, x, c11x);
            c11y = TLanes.MultiplyAdd(v, y, c11y);
            b += stepB;
            a += stepA;
            a03 += stepA;
            a06 += stepA;
            a09 += stepA;
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
        c += rowC;
        TLanes.Store(c, c06x);
        TLanes.Store(c + TLanes.Count, c06y);
        c += rowC;
        TLanes.Store(c, c07x);
        TLanes.Store(c + TLanes.Count, c07y);
        c += rowC;
        TLanes.Store(c, c08x);
        TLanes.Store(c + TLanes.Count, c08y);
        c += rowC;
        TLanes.Store(c, c09x);
        TLanes.Store(c + TLanes.Count, c09y);
        c += rowC;
        TLanes.Store(c, c10x);
        TLanes.Store(c + TLanes.Count, c10y);
        c += rowC;
        TLanes.Store(c, c11x);
        TLanes.Store(c + TLanes.Count, c11y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows12Narrow<TLanes, TVector>(
        int steps, float* a, nint rowA, nint stepA, float* b, nint stepB, float* start, nint rowStart, float* c, nint rowC)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector c00 = TLanes.Create(0f);
        TVector c01 = c00, c02 = c00, c03 = c00, c04 = c00, c05 = c00, c06 = c00, c07 = c00, c08 = c00;
        TVector c09 = c00, c10 = c00, c11 = c00;
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
            start += rowStart;
            c06 = TLanes.Load(start);
            start += rowStart;
            c07 = TLanes.Load(start);
            start += rowStart;
            c08 = TLanes.Load(start);
            start += rowStart;
            c09 = TLanes.Load(start);
            start += rowStart;
            c10 = TLanes.Load(start);
            start += rowStart;
            c11 = TLanes.Load(start);
        }

        nint rowA2 = 2 * rowA;
        float* a03 = a + 3 * rowA;
        float* a06 = a + 6 * rowA;
        float* a09 = a + 9 * rowA;
        for (; steps > 0; steps--)
        {
            TVector x = TLanes.Load(b);
            c00 = TLanes.MultiplyAdd(TLanes.Create(*a), x, c00);
            c01 = TLanes.MultiplyAdd(TLanes.Create(*(a + rowA)), x, c01);
            c02 = TLanes.MultiplyAdd(TLanes.Create(*(a + rowA2)), x, c02);
            c03 = TLanes.MultiplyAdd(TLanes.Create(*a03), x, c03);
            c04 = TLanes.MultiplyAdd(TLanes.Create(*(a03 + rowA)), x, c04);
            c05 = TLanes.MultiplyAdd(TLanes.Create(*(a03 + rowA2)), x, c05);
            c06 = TLanes.MultiplyAdd(TLanes.Create(*a06), x, c06);
            c07 = TLanes.MultiplyAdd(TLanes.Create(*(a06 + rowA)), x, c07);
            c08 = TLanes.MultiplyAdd(TLanes.Create(*(a06 + rowA2)), x, c08);
            c09 = TLanes.MultiplyAdd(TLanes.Create(*a09), x, c09);
            c10 = TLanes.MultiplyAdd(TLanes.Create(*(a09 + rowA)), x, c10);
            c11 = TLanes.MultiplyAdd(TLanes.Create(*(a09 + rowA2)), x, c11);
            b += stepB;
            a += stepA;
            a03 += stepA;
            a06 += stepA;
            a09 += stepA;
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
        c += rowC;
        TLanes.Store(c, c06);
        c += rowC;
        TLanes.Store(c, c07);
        c += rowC;
        TLanes.Store(c, c08);
        c += rowC;
        TLanes.Store(c, c09);
        c += rowC;
        TLanes.Store(c, c10);
        c += rowC;
        TLanes.Store(c, c11);
    }
}
