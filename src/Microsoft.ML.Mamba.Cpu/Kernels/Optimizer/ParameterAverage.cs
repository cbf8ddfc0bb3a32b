using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// An average a of a flat block of parameters p: <c>a += share (p - a)</c>, three roundings in this order on every machine, and the exchange of the two.
/// </summary>
/// <remarks>Updated in place: the average; for the exchange both. Element by element, so the same for any number of threads.</remarks>
internal static unsafe class ParameterAverage
{
    private const int PieceSize = 16_384;

    /// <param name="average">[count], updated.</param>
    /// <param name="parameters">[count].</param>
    /// <param name="share">Any value.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Update(Span<float> average, ReadOnlySpan<float> parameters, float share, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Update<Lanes512, Vector512<float>>(average, parameters, share, parallel); break;
            case 256: Update<Lanes256, Vector256<float>>(average, parameters, share, parallel); break;
            case 128: Update<Lanes128, Vector128<float>>(average, parameters, share, parallel); break;
            default: Update<Lanes1, float>(average, parameters, share, parallel); break;
        }
    }

    internal static void Update<TLanes, TVector>(Span<float> average, ReadOnlySpan<float> parameters, float share, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Vector(average.Length, nameof(average), parameters.Length, nameof(parameters));
        fixed (float* a = average, p = parameters)
        {
            var job = new UpdateJob<TLanes, TVector>(a, p, parameters.Length, share);
            parallel.For(RowBlocks.CountOf(parameters.Length, PieceSize), ref job);
        }
    }

    /// <summary>Exchanges the elements of two blocks of the same length.</summary>
    /// <param name="average">[count], updated.</param>
    /// <param name="parameters">[count], updated.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Swap(Span<float> average, Span<float> parameters, CpuParallel parallel)
    {
        KernelCheck.Vector(average.Length, nameof(average), parameters.Length, nameof(parameters));
        fixed (float* a = average, p = parameters)
        {
            var job = new SwapJob(a, p, parameters.Length);
            parallel.For(RowBlocks.CountOf(parameters.Length, PieceSize), ref job);
        }
    }

    private readonly struct UpdateJob<TLanes, TVector>(float* average, float* parameters, int count, float share) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int i = index * PieceSize;
            int end = i + Math.Min(PieceSize, count - i);
            TVector factor = TLanes.Create(share);
            for (; i + TLanes.Count <= end; i += TLanes.Count)
            {
                TVector old = TLanes.Load(average + i);
                TLanes.Store(average + i, TLanes.Add(old, TLanes.Multiply(factor, TLanes.Subtract(TLanes.Load(parameters + i), old))));
            }

            for (; i < end; i++)
                average[i] += share * (parameters[i] - average[i]);
        }
    }

    private readonly struct SwapJob(float* average, float* parameters, int count) : IParallelJob
    {
        public void Run(int index)
        {
            int i = index * PieceSize;
            int end = i + Math.Min(PieceSize, count - i);
            for (; i < end; i++)
                (average[i], parameters[i]) = (parameters[i], average[i]);
        }
    }
}
