using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Two vectors of neighbouring lanes.</summary>
internal struct LanePair<TVector>(TVector first, TVector second) where TVector : unmanaged
{
    public TVector First = first, Second = second;
}

/// <summary>
/// Twice the lanes, operation by operation: two chains of dependent operations (an exponential) stand interleaved in the machine code, so that one
/// fills the other's waits.
/// </summary>
internal readonly unsafe struct LanesPair<TLanes, TVector> : ILanes<LanePair<TVector>>
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
{
    public static int Count => 2 * TLanes.Count;

    public static bool IsSupported => TLanes.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> Load(float* source) =>
        new(TLanes.Load(source), TLanes.Load(source + TLanes.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, LanePair<TVector> value)
    {
        TLanes.Store(destination, value.First);
        TLanes.Store(destination + TLanes.Count, value.Second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> Create(float value) =>
        new(TLanes.Create(value), TLanes.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> Add(LanePair<TVector> a, LanePair<TVector> b) =>
        new(TLanes.Add(a.First, b.First), TLanes.Add(a.Second, b.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> Subtract(LanePair<TVector> a, LanePair<TVector> b) =>
        new(TLanes.Subtract(a.First, b.First), TLanes.Subtract(a.Second, b.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> Multiply(LanePair<TVector> a, LanePair<TVector> b) =>
        new(TLanes.Multiply(a.First, b.First), TLanes.Multiply(a.Second, b.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> Divide(LanePair<TVector> a, LanePair<TVector> b) =>
        new(TLanes.Divide(a.First, b.First), TLanes.Divide(a.Second, b.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> Sqrt(LanePair<TVector> a) =>
        new(TLanes.Sqrt(a.First), TLanes.Sqrt(a.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> Abs(LanePair<TVector> a) =>
        new(TLanes.Abs(a.First), TLanes.Abs(a.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> MultiplyAdd(LanePair<TVector> a, LanePair<TVector> b, LanePair<TVector> c) =>
        new(TLanes.MultiplyAdd(a.First, b.First, c.First), TLanes.MultiplyAdd(a.Second, b.Second, c.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> Min(LanePair<TVector> bound, LanePair<TVector> value) =>
        new(TLanes.Min(bound.First, value.First), TLanes.Min(bound.Second, value.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> Max(LanePair<TVector> bound, LanePair<TVector> value) =>
        new(TLanes.Max(bound.First, value.First), TLanes.Max(bound.Second, value.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> SelectLess(LanePair<TVector> a, LanePair<TVector> b, LanePair<TVector> whenLess, LanePair<TVector> otherwise) =>
        new(TLanes.SelectLess(a.First, b.First, whenLess.First, otherwise.First), TLanes.SelectLess(a.Second, b.Second, whenLess.Second, otherwise.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> ScaleByPowerOfTwo(LanePair<TVector> x, LanePair<TVector> k) =>
        new(TLanes.ScaleByPowerOfTwo(x.First, k.First), TLanes.ScaleByPowerOfTwo(x.Second, k.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> SplitMantissa(LanePair<TVector> x, out LanePair<TVector> exponent)
    {
        TVector first = TLanes.SplitMantissa(x.First, out TVector firstExponent), second = TLanes.SplitMantissa(x.Second, out TVector secondExponent);
        exponent = new(firstExponent, secondExponent);
        return new(first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(LanePair<TVector> a) =>
        TLanes.Sum(TLanes.Add(a.First, a.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(LanePair<TVector> a) =>
        TLanes.MaxAcross(TLanes.Max(a.First, a.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TVector> KeepWhereHashed(LanePair<TVector> value, uint index, uint key0, uint key1, uint threshold) =>
        new(
            TLanes.KeepWhereHashed(value.First, index, key0, key1, threshold),
            TLanes.KeepWhereHashed(value.Second, index + (uint)TLanes.Count, key0, key1, threshold));
}
