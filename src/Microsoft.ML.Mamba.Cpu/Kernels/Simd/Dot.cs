using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Inner products of contiguous vectors, accumulated in float32 in an order that depends on the length and the width only.</summary>
internal static unsafe class Dot
{
    /// <summary><c>sum over i of a[i] * b[i]</c>, over four running vectors so that additions overlap.</summary>
    public static float Product<TLanes, TVector>(float* a, float* b, int length)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector s0 = TLanes.Create(0f), s1 = s0, s2 = s0, s3 = s0;
        int i = 0;
        for (; i + 4 * TLanes.Count <= length; i += 4 * TLanes.Count)
        {
            s0 = TLanes.MultiplyAdd(TLanes.Load(a + i), TLanes.Load(b + i), s0);
            s1 = TLanes.MultiplyAdd(TLanes.Load(a + i + TLanes.Count), TLanes.Load(b + i + TLanes.Count), s1);
            s2 = TLanes.MultiplyAdd(TLanes.Load(a + i + 2 * TLanes.Count), TLanes.Load(b + i + 2 * TLanes.Count), s2);
            s3 = TLanes.MultiplyAdd(TLanes.Load(a + i + 3 * TLanes.Count), TLanes.Load(b + i + 3 * TLanes.Count), s3);
        }

        for (; i + TLanes.Count <= length; i += TLanes.Count)
            s0 = TLanes.MultiplyAdd(TLanes.Load(a + i), TLanes.Load(b + i), s0);
        float sum = TLanes.Sum(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)));
        for (; i < length; i++)
            sum = float.MultiplyAddEstimate(a[i], b[i], sum);
        return sum;
    }

    /// <summary><c>y[i] += scale * x[i]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled<TLanes, TVector>(float scale, float* x, float* y, int length)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector factor = TLanes.Create(scale);
        int i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
            TLanes.Store(y + i, TLanes.MultiplyAdd(factor, TLanes.Load(x + i), TLanes.Load(y + i)));
        for (; i < length; i++)
            y[i] = float.MultiplyAddEstimate(scale, x[i], y[i]);
    }
}
