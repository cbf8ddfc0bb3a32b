using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal unsafe partial struct ConvBackwardWalk
{
    /// <summary>
    /// Any number of taps: both windows are rings that hold every vector twice, so that they can be read in one piece. The inputs' begins with the
    /// oldest, the gradients' with the current token's.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Many<TLanes, TVector, TActivation>()
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        where TActivation : struct, IConvActivation
    {
        const int Row = PackedSplit.TileChannels;
        int k = KernelSize, count = TLanes.Count, size = k * count, at = size;
        float* inputs = stackalloc float[4 * size], gradients = inputs + (2 * size);
        for (int j = 0; j < k - 1; j++)
        {
            StoreTwice<TLanes, TVector>(inputs + (j * count), size, TLanes.Load(Newest[k - 2 - j] + Channel));
            StoreTwice<TLanes, TVector>(gradients + (j * count), size, TLanes.Load(Rows + (j * Row)));
        }

        float* gradY = GradY, gradX = GradX;
        TVector bias = TLanes.Load(Weights + (k * Row)), sumBias = TLanes.Load(GradWeight + (k * Row));
        ConvOldest part = Inside;
        for (int pass = 0; pass < 2; pass++)
        {
            float* oldest = part.Row + Channel;
            for (int step = part.Steps; step > 0; step--)
            {
                LaneRows.Prefetch(oldest + (RowsAhead * part.Stride));
                LaneRows.Prefetch(gradY + (RowsAhead * GradYStride));
                LaneRows.Prefetch(gradX + (RowsAhead * GradXStride));
                at = (at == 0 ? size : at) - count;
                StoreTwice<TLanes, TVector>(inputs + at, size, TLanes.Load(oldest));
                TVector sum = bias;
                float* input = inputs + at, weight = Weights;
                for (int j = 0; TActivation.NeedsSum && j < k; j++, input += count, weight += Row)
                    sum = TLanes.MultiplyAdd(TLanes.Load(input), TLanes.Load(weight), sum);

                TVector gradient = TActivation.Backward<TLanes, TVector>(sum, TLanes.Load(gradY));
                StoreTwice<TLanes, TVector>(gradients + at, size, gradient);
                sumBias = TLanes.Add(sumBias, gradient);
                TVector result = TLanes.Create(0);
                float* follower = gradients + at + size - count, sums = GradWeight;
                input = inputs + at;
                weight = Weights;
                for (int j = 0; j < k; j++, input += count, follower -= count, weight += Row, sums += Row)
                {
                    TLanes.Store(sums, TLanes.MultiplyAdd(gradient, TLanes.Load(input), TLanes.Load(sums)));
                    result = TLanes.MultiplyAdd(TLanes.Load(follower), TLanes.Load(weight), result);
                }

                if (AccumulateX)
                    result = TLanes.Add(TLanes.Load(gradX), result);
                TLanes.Store(gradX, result);
                oldest += part.Stride;
                gradY += GradYStride;
                gradX += GradXStride;
            }

            part = Outside;
        }

        TLanes.Store(GradWeight + (k * Row), sumBias);
        for (int j = 0; j < k - 1; j++)
            TLanes.Store(Rows + (j * Row), TLanes.Load(gradients + (at % size) + (j * count)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTwice<TLanes, TVector>(float* to, int apart, TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TLanes.Store(to, value);
        TLanes.Store(to + apart, value);
    }
}
