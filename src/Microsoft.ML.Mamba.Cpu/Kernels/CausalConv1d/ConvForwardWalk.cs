using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// One vector of channels along neighbouring tokens of a sequence: weights and the last k - 1 inputs stay in registers, so that a token costs
/// one load and one store. Pointers stand at the vector's first channel and the first of the tokens.
/// </summary>
internal unsafe struct ConvForwardWalk
{
    private const int RowsAhead = 16;

    public int Steps, KernelSize;
    public float* X, Y;

    /// <summary>Distances from a step's row to the next step's; negative when a sequence is read backwards.</summary>
    public nint XStride, YStride;

    /// <summary>Rows of weights, oldest input first, then that of the bias; TileChannels apart.</summary>
    public float* Weights;

    /// <summary>The k - 1 rows of inputs before the first token, oldest first.</summary>
    public float** Before;

    /// <summary>Channel at which the rows of <see cref="Before"/> are read.</summary>
    public int Channel;

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

    /// <summary>At most four taps; names count tokens back from the current one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Few<TLanes, TVector, TTaps, TActivation>()
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        where TTaps : struct, IConvTaps
        where TActivation : struct, IConvActivation
    {
        int k = TTaps.Count;
        float* row = Weights + ((k - 1) * PackedSplit.TileChannels);
        TVector bias = TLanes.Load(row + PackedSplit.TileChannels);
        TVector weight0 = TLanes.Load(row), weight1 = bias, weight2 = bias, weight3 = bias, input1 = bias, input2 = bias, input3 = bias;
        if (k > 1)
        {
            weight1 = TLanes.Load(row - PackedSplit.TileChannels);
            input1 = TLanes.Load(Before[k - 2] + Channel);
        }

        if (k > 2)
        {
            weight2 = TLanes.Load(row - (2 * PackedSplit.TileChannels));
            input2 = TLanes.Load(Before[k - 3] + Channel);
        }

        if (k > 3)
        {
            weight3 = TLanes.Load(row - (3 * PackedSplit.TileChannels));
            input3 = TLanes.Load(Before[0] + Channel);
        }

        float* x = X, y = Y;
        nint xStride = XStride, yStride = YStride;
        for (int step = Steps; step > 0; step--)
        {
            LaneRows.Prefetch(x + (RowsAhead * xStride));
            LaneRows.Prefetch(y + (RowsAhead * yStride));
            TVector sum = bias, input = TLanes.Load(x);
            if (k > 3)
                sum = TLanes.MultiplyAdd(input3, weight3, sum);
            if (k > 2)
                sum = TLanes.MultiplyAdd(input2, weight2, sum);
            if (k > 1)
                sum = TLanes.MultiplyAdd(input1, weight1, sum);
            sum = TLanes.MultiplyAdd(input, weight0, sum);
            TLanes.Store(y, TActivation.Apply<TLanes, TVector>(sum));
            (input3, input2, input1) = (input2, input1, input);
            x += xStride;
            y += yStride;
        }
    }

    /// <summary>Any number of taps: the window is a ring that holds every input twice, so that it can be read in one piece.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Many<TLanes, TVector, TActivation>()
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        where TActivation : struct, IConvActivation
    {
        int k = KernelSize, count = TLanes.Count, newest = k - 1;
        float* ring = stackalloc float[2 * k * count];
        for (int j = 0; j < k - 1; j++)
        {
            TVector before = TLanes.Load(Before[j] + Channel);
            TLanes.Store(ring + (j * count), before);
            TLanes.Store(ring + ((j + k) * count), before);
        }

        float* x = X, y = Y;
        TVector bias = TLanes.Load(Weights + (k * PackedSplit.TileChannels));
        for (int step = Steps; step > 0; step--)
        {
            LaneRows.Prefetch(x + (RowsAhead * XStride));
            LaneRows.Prefetch(y + (RowsAhead * YStride));
            TVector input = TLanes.Load(x);
            TLanes.Store(ring + (newest * count), input);
            TLanes.Store(ring + ((newest + k) * count), input);
            newest = newest + 1 == k ? 0 : newest + 1;
            float* window = ring + (newest * count), weight = Weights;
            TVector sum = bias;
            for (int j = 0; j < k; j++)
            {
                sum = TLanes.MultiplyAdd(TLanes.Load(window), TLanes.Load(weight), sum);
                window += count;
                weight += PackedSplit.TileChannels;
            }

            TLanes.Store(y, TActivation.Apply<TLanes, TVector>(sum));
            x += XStride;
            y += YStride;
        }
    }
}
