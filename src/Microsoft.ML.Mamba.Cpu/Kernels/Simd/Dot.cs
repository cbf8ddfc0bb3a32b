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

    /// <summary>Four inner products of a with rows of b, <paramref name="stride"/> floats apart.</summary>
    public static void FourProducts<TLanes, TVector>(float* a, float* b, nint stride, int length, float* sums)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        float* b1 = b + stride, b2 = b1 + stride, b3 = b2 + stride;
        TVector s0 = TLanes.Create(0f), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
        int i = 0;
        for (; i + 2 * TLanes.Count <= length; i += 2 * TLanes.Count)
        {
            TVector x = TLanes.Load(a + i), y = TLanes.Load(a + i + TLanes.Count);
            s0 = TLanes.MultiplyAdd(x, TLanes.Load(b + i), s0);
            s1 = TLanes.MultiplyAdd(x, TLanes.Load(b1 + i), s1);
            s2 = TLanes.MultiplyAdd(x, TLanes.Load(b2 + i), s2);
            s3 = TLanes.MultiplyAdd(x, TLanes.Load(b3 + i), s3);
            t0 = TLanes.MultiplyAdd(y, TLanes.Load(b + i + TLanes.Count), t0);
            t1 = TLanes.MultiplyAdd(y, TLanes.Load(b1 + i + TLanes.Count), t1);
            t2 = TLanes.MultiplyAdd(y, TLanes.Load(b2 + i + TLanes.Count), t2);
            t3 = TLanes.MultiplyAdd(y, TLanes.Load(b3 + i + TLanes.Count), t3);
        }

        (sums[0], sums[1]) = (TLanes.Sum(TLanes.Add(s0, t0)), TLanes.Sum(TLanes.Add(s1, t1)));
        (sums[2], sums[3]) = (TLanes.Sum(TLanes.Add(s2, t2)), TLanes.Sum(TLanes.Add(s3, t3)));
        for (; i < length; i++)
        {
            sums[0] = float.MultiplyAddEstimate(a[i], b[i], sums[0]);
            sums[1] = float.MultiplyAddEstimate(a[i], b1[i], sums[1]);
            sums[2] = float.MultiplyAddEstimate(a[i], b2[i], sums[2]);
            sums[3] = float.MultiplyAddEstimate(a[i], b3[i], sums[3]);
        }
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
