using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Access to rows whose last vector of channels may be incomplete.</summary>
internal static unsafe class LaneRows
{
    /// <summary>
    /// Asks for memory that will be needed soon: rows of a tile lie too far apart for the machine to guess. Never faults, so it may point
    /// beyond the end.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1(from);
    }

    /// <summary>The first <paramref name="count"/> lanes from memory, zero in the others; a full load when all are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector LoadPart<TLanes, TVector>(float* from, int count)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        return count >= TLanes.Count ? TLanes.Load(from) : LoadTail<TLanes, TVector>(from, count);
    }

    /// <summary>Writes the first <paramref name="count"/> lanes, or all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePart<TLanes, TVector>(float* to, TVector value, int count)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        if (count >= TLanes.Count)
            TLanes.Store(to, value);
        else
            StoreTail<TLanes, TVector>(to, value, count);
    }

    /// <summary>As <see cref="StorePart"/>, or adds to what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreOrAddPart<TLanes, TVector>(float* to, TVector value, int count, bool accumulate)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        if (accumulate)
            value = TLanes.Add(LoadPart<TLanes, TVector>(to, count), value);
        StorePart<TLanes, TVector>(to, value, count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TVector LoadTail<TLanes, TVector>(float* from, int count)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        float* all = stackalloc float[TLanes.Count];
        for (int i = 0; i < TLanes.Count; i++)
            all[i] = i < count ? from[i] : 0;
        return TLanes.Load(all);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreTail<TLanes, TVector>(float* to, TVector value, int count)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        float* all = stackalloc float[TLanes.Count];
        TLanes.Store(all, value);
        for (int i = 0; i < count; i++)
            to[i] = all[i];
    }
}
