using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// One vector of channels along neighbouring tokens of a sequence, against the direction of reading: a token's gradient needs those of the k
/// outputs that read it, itself the oldest, so it is complete as soon as its own output's gradient is. Windows of inputs and of gradients,
/// weights and the gradients of weights stay in registers. Pointers stand at the vector's first channel and the last of the tokens.
/// </summary>
internal unsafe partial struct ConvBackwardWalk
{
    private const int RowsAhead = 16;

    public int KernelSize;
    public float* GradY, GradX;
    public bool AccumulateX;

    /// <summary>Distances from a step's row to that of the step before it.</summary>
    public nint GradYStride, GradXStride;

    /// <summary>Rows of the job at the vector's first channel.</summary>
    public float* Weights, Rows, GradWeight;

    /// <summary>The last token's input and those before it, newest first, k - 1 rows.</summary>
    public float** Newest;

    /// <summary>Channel at which the rows of <see cref="Newest"/> are read.</summary>
    public int Channel;

    /// <summary>
    /// Where the inputs k - 1 steps before a token are: first those of the sequence, then those before its first token.
    /// </summary>
    public ConvOldest Inside, Outside;

    public readonly void Run<TLanes, TVector, TActivation>()
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        where TActivation : struct, IConvActivation
    {
        switch (KernelSize)
        {
            case 1:
                Few<TLanes, TVector, ConvTaps1, TActivation>();
                break;
            case 2:
                Few<TLanes, TVector, ConvTaps2, TActivation>();
                break;
            case 3:
                Few<TLanes, TVector, ConvTaps3, TActivation>();
                break;
            case 4:
                Few<TLanes, TVector, ConvTaps4, TActivation>();
                break;
            default:
                Many<TLanes, TVector, TActivation>();
                break;
        }
    }

    /// <summary>At most four taps; names of inputs count tokens back from the current one, those of gradients forth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Few<TLanes, TVector, TTaps, TActivation>()
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        where TTaps : struct, IConvTaps
        where TActivation : struct, IConvActivation
    {
        int k = TTaps.Count;
        const int Row = PackedSplit.TileChannels;
        float* weight = Weights + ((k - 1) * Row), sums = GradWeight + ((k - 1) * Row), rows = Rows;
        TVector none = TLanes.Create(0), bias = TLanes.Load(weight + Row), sumBias = TLanes.Load(sums + Row);
        TVector weight0 = TLanes.Load(weight), weight1 = none, weight2 = none, weight3 = none;
        TVector sum0 = TLanes.Load(sums), sum1 = none, sum2 = none, sum3 = none;
        TVector input0 = none, input1 = none, input2 = none, input3 = none, gradient1 = none, gradient2 = none, gradient3 = none;
        if (k > 1)
        {
            weight1 = TLanes.Load(weight - Row);
            sum1 = TLanes.Load(sums - Row);
            input0 = TLanes.Load(Newest[0] + Channel);
            gradient1 = TLanes.Load(rows);
        }

        if (k > 2)
        {
            weight2 = TLanes.Load(weight - (2 * Row));
            sum2 = TLanes.Load(sums - (2 * Row));
            input1 = TLanes.Load(Newest[1] + Channel);
            gradient2 = TLanes.Load(rows + Row);
        }

        if (k > 3)
        {
            weight3 = TLanes.Load(weight - (3 * Row));
            sum3 = TLanes.Load(sums - (3 * Row));
            input2 = TLanes.Load(Newest[2] + Channel);
            gradient3 = TLanes.Load(rows + (2 * Row));
        }

        float* gradY = GradY, gradX = GradX;
        nint gradYStride = GradYStride, gradXStride = GradXStride;
        bool accumulate = AccumulateX;
        ConvOldest part = Inside;
        for (int pass = 0; pass < 2; pass++)
        {
            float* oldest = part.Row + Channel;
            nint oldestStride = part.Stride;
            for (int step = part.Steps; step > 0; step--)
            {
                LaneRows.Prefetch(oldest + (RowsAhead * oldestStride));
                LaneRows.Prefetch(gradY + (RowsAhead * gradYStride));
                LaneRows.Prefetch(gradX + (RowsAhead * gradXStride));
                TVector input = TLanes.Load(oldest), sum = bias, result = none;
                if (k > 3)
                    input3 = input;
                else if (k > 2)
                    input2 = input;
                else if (k > 1)
                    input1 = input;
                else
                    input0 = input;
                if (k > 3)
                    sum = TLanes.MultiplyAdd(input3, weight3, sum);
                if (k > 2)
                    sum = TLanes.MultiplyAdd(input2, weight2, sum);
                if (k > 1)
                    sum = TLanes.MultiplyAdd(input1, weight1, sum);
                sum = TLanes.MultiplyAdd(input0, weight0, sum);
                TVector gradient = TActivation.Backward<TLanes, TVector>(sum, TLanes.Load(gradY));
                if (k > 3)
                {
                    result = TLanes.Multiply(gradient3, weight3);
                    sum3 = TLanes.MultiplyAdd(gradient, input3, sum3);
                }

                if (k > 2)
                {
                    result = TLanes.MultiplyAdd(gradient2, weight2, result);
                    sum2 = TLanes.MultiplyAdd(gradient, input2, sum2);
                }

                if (k > 1)
                {
                    result = TLanes.MultiplyAdd(gradient1, weight1, result);
                    sum1 = TLanes.MultiplyAdd(gradient, input1, sum1);
                }

                result = TLanes.MultiplyAdd(gradient, weight0, result);
                sum0 = TLanes.MultiplyAdd(gradient, input0, sum0);
                sumBias = TLanes.Add(sumBias, gradient);
                if (accumulate)
                    result = TLanes.Add(TLanes.Load(gradX), result);
                TLanes.Store(gradX, result);
                (input0, input1, input2) = (input1, input2, input3);
                (gradient3, gradient2, gradient1) = (gradient2, gradient1, gradient);
                oldest += oldestStride;
                gradY += gradYStride;
                gradX += gradXStride;
            }

            part = Outside;
        }

        TLanes.Store(sums + Row, sumBias);
        TLanes.Store(sums, sum0);
        if (k > 1)
        {
            TLanes.Store(sums - Row, sum1);
            TLanes.Store(rows, gradient1);
        }

        if (k > 2)
        {
            TLanes.Store(sums - (2 * Row), sum2);
            TLanes.Store(rows + Row, gradient2);
        }

        if (k > 3)
        {
            TLanes.Store(sums - (3 * Row), sum3);
            TLanes.Store(rows + (2 * Row), gradient3);
        }
    }
}

/// <summary>Rows of inputs that a walk takes up one after the other.</summary>
internal unsafe struct ConvOldest
{
    public float* Row;
    public nint Stride;
    public int Steps;
}
