using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Forward convolution of one tile of channels over one run of sequences, token by token, with the rows that the kernel covers in
/// a sliding window.
/// </summary>
internal readonly unsafe struct ConvForwardJob<TLanes, TVector>(in ConvPlan plan, in ConvOutputPlan output, float* workspace) : IParallelJob
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
{
    private const int RowsAhead = 16;
    private readonly ConvPlan _plan = plan;
    private readonly ConvOutputPlan _output = output;

    public static int WorkspacePerJob(int kernelSize) => (kernelSize + 1) * PackedSplit.TileChannels;

    public void Run(int index)
    {
        var tile = new ConvTile(_plan, index % _plan.Split.Tiles);
        float* weights = workspace + ((nint)index * WorkspacePerJob(_plan.KernelSize));
        float* zeros = stackalloc float[PackedSplit.TileChannels];
        float** window = stackalloc float*[CausalConv1d.MaxKernelSize];
        tile.LoadWeights(weights);
        int back = _plan.KernelSize - 1;
        (int sequence, int end) = _plan.Split.SequencesOfRun(index / _plan.Split.Tiles, _plan.Offsets, _plan.Sequences);
        for (; sequence < end; sequence++)
        {
            for (int j = 0; j < back; j++)
                window[j] = tile.InputRow(sequence, j - back, zeros);
            RunSequence(tile, sequence, weights, window);
            if (_output.FinalInputs == null)
                continue;

            // In rising order: where final and initial inputs are the same memory, a row is read before it is overwritten.
            for (int j = 0; j < back; j++)
            {
                float* from = tile.InputRow(sequence, _plan.LengthOf(sequence) - back + j, zeros);
                new Span<float>(from, tile.Channels).CopyTo(new Span<float>(tile.StateRow(_output.FinalInputs, sequence, j), tile.Channels));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunSequence(in ConvTile tile, int sequence, float* weights, float** window)
    {
        int k = _plan.KernelSize, channels = tile.Channels, length = _plan.LengthOf(sequence);
        bool silu = _plan.Silu;
        float* bias = weights + (k * PackedSplit.TileChannels);
        nint direction = _plan.Reverse ? -1 : 1, token = _plan.TokenAt(sequence, 0);
        nint xStride = direction * _plan.XStride, yStride = direction * _output.YStride;
        float* x = _plan.X + (token * _plan.XStride) + tile.FirstChannel;
        float* y = _output.Y + (token * _output.YStride) + tile.FirstChannel;
        for (int step = 0; step < length; step++)
        {
            window[k - 1] = x;
            for (int c = 0; c < channels; c += TLanes.Count)
            {
                LaneRows.Prefetch(x + (RowsAhead * xStride) + c);
                LaneRows.Prefetch(y + (RowsAhead * yStride) + c);
                TVector sum = ConvTile.Convolve<TLanes, TVector>(window, weights, k, c, channels - c, TLanes.Load(bias + c));
                if (silu)
                    sum = TLanes.Multiply(sum, SimdMath.Sigmoid<TLanes, TVector>(sum));
                LaneRows.StorePart<TLanes, TVector>(y + c, sum, channels - c);
            }

            ConvTile.Shift(window, k);
            x += xStride;
            y += yStride;
        }
    }
}
