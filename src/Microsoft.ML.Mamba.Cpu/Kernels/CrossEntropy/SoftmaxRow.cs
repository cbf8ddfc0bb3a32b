namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>The pieces of a softmax over one contiguous row.</summary>
internal static unsafe class SoftmaxRow
{
    /// <summary>The largest element; -infinity for none. A row that holds NaN gives some other element: its exponentials are NaN all the same.</summary>
    public static float Max<TLanes, TVector>(float* x, int length)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        float max = float.NegativeInfinity;
        int i = 0;
        if (length >= TLanes.Count)
        {
            TVector best = TLanes.Load(x);
            for (i = TLanes.Count; i + TLanes.Count <= length; i += TLanes.Count)
                best = TLanes.SelectLess(best, TLanes.Load(x + i), TLanes.Load(x + i), best);
            max = TLanes.MaxAcross(best);
        }

        for (; i < length; i++)
            max = max < x[i] ? x[i] : max;
        return max;
    }

    /// <summary>
    /// Returns the sum over i of <c>e^(x[i] - max)</c> and stores the terms unless <paramref name="terms"/> is null; it may be
    /// <paramref name="x"/>.
    /// </summary>
    public static double Exponentials<TLanes, TVector>(float* x, float max, float* terms, int length)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        const int block = 1024;
        double total = 0;
        TVector shift = TLanes.Create(max);
        for (int start = 0; start < length; start += block)
        {
            int end = Math.Min(length, start + block);
            TVector sum = TLanes.Create(0f);
            int i = start;
            for (; i + TLanes.Count <= end; i += TLanes.Count)
            {
                TVector term = SimdMath.Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Load(x + i), shift));
                sum = TLanes.Add(sum, term);
                if (terms != null)
                    TLanes.Store(terms + i, term);
            }

            total += TLanes.Sum(sum);
            for (; i < end; i++)
            {
                float term = SimdMath.Exp(x[i] - max);
                total += term;
                if (terms != null)
                    terms[i] = term;
            }
        }

        return total;
    }

    /// <summary><c>x[i] *= factor</c>.</summary>
    public static void Scale<TLanes, TVector>(float* x, float factor, int length)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector f = TLanes.Create(factor);
        int i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
            TLanes.Store(x + i, TLanes.Multiply(TLanes.Load(x + i), f));
        for (; i < length; i++)
            x[i] *= factor;
    }
}
