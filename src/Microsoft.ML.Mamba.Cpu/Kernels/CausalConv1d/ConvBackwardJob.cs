using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Backward convolution of one tile of channels over one run of sequences. Saved by the forward pass: nothing. Recomputed here: what SiLU was
/// applied to. A token's gradient is complete once the k tokens that read it have been seen, so it is written k - 1 steps late.
/// </summary>
internal readonly unsafe struct ConvBackwardJob<TLanes, TVector>(in ConvPlan plan, in ConvGradientPlan gradient, float* workspace) : IParallelJob
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
{
    private const int RowsAhead = 16;
    private readonly ConvPlan _plan = plan;
    private readonly ConvGradientPlan _gradient = gradient;

    public void Run(int index)
    {
        int k = _plan.KernelSize, back = k - 1;
        var tile = new ConvTile(_plan, index % _plan.Split.Tiles);
        var buffers = new ConvJobBuffers(workspace, index, k);
        float* zeros = stackalloc float[PackedSplit.TileChannels];
        float** inputs = stackalloc float*[CausalConv1d.MaxKernelSize];
        float** gradients = stackalloc float*[CausalConv1d.MaxKernelSize];
        tile.LoadWeights(buffers.Weights);
        buffers.ClearSums();
        (int sequence, int end) = _plan.Split.SequencesOfRun(index / _plan.Split.Tiles, _plan.Offsets, _plan.Sequences);
        for (; sequence < end; sequence++)
        {
            int length = _plan.LengthOf(sequence);
            for (int j = 0; j < back; j++)
                inputs[j] = tile.InputRow(sequence, j - back, zeros);
            for (int step = 0; step < length + back; step++)
            {
                float* row = zeros;
                if (step < length)
                {
                    row = buffers.Rows + (step % k * PackedSplit.TileChannels);
                    inputs[back] = tile.InputRow(sequence, step, zeros);
                    Receive(tile, _plan.TokenAt(sequence, step), buffers, inputs, row);
                    ConvTile.Shift(inputs, k);
                }

                // Newest first, as weight[0] meets the newest of the outputs that read the token.
                for (int j = back; j > 0; j--)
                    gradients[j] = gradients[j - 1];
                gradients[0] = row;
                if (step >= back)
                    Send(tile, _plan.TokenAt(sequence, step - back), buffers, gradients);
            }
        }
    }

    /// <summary>Takes a token's gradient through SiLU into <paramref name="row"/>, and adds to the sums for weights and bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Receive(in ConvTile tile, nint token, in ConvJobBuffers buffers, float** inputs, float* row)
    {
        int k = _plan.KernelSize, channels = tile.Channels;
        bool silu = _plan.Silu;
        float* gradY = _gradient.GradY + (token * _gradient.GradYStride) + tile.FirstChannel;
        nint ahead = (_plan.Reverse ? -RowsAhead : RowsAhead);
        for (int c = 0; c < channels; c += TLanes.Count)
        {
            int count = channels - c;
            LaneRows.Prefetch(gradY + (ahead * _gradient.GradYStride) + c);
            LaneRows.Prefetch(inputs[k - 1] + (ahead * _plan.XStride) + c);
            TVector incoming = LaneRows.LoadPart<TLanes, TVector>(gradY + c, count);
            if (silu)
            {
                TVector sum = ConvTile.Convolve<TLanes, TVector>(inputs, buffers.Weights, k, c, count, TLanes.Load(buffers.Bias + c));
                TVector sigmoid = SimdMath.Sigmoid<TLanes, TVector>(sum), part = TLanes.Multiply(incoming, sigmoid);
                incoming = TLanes.MultiplyAdd(TLanes.Multiply(part, sum), TLanes.Subtract(TLanes.Create(1), sigmoid), part);
            }

            TLanes.Store(row + c, incoming);
            TLanes.Store(buffers.GradBias + c, TLanes.Add(TLanes.Load(buffers.GradBias + c), incoming));
            float* gradWeight = buffers.GradWeight + c;
            for (int j = 0; j < k; j++)
            {
                TVector input = LaneRows.LoadPart<TLanes, TVector>(inputs[j] + c, count);
                TLanes.Store(gradWeight, TLanes.MultiplyAdd(incoming, input, TLanes.Load(gradWeight)));
                gradWeight += PackedSplit.TileChannels;
            }
        }
    }

    /// <summary>Writes the gradient of an input from those of the k outputs that read it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Send(in ConvTile tile, nint token, in ConvJobBuffers buffers, float** gradients)
    {
        int k = _plan.KernelSize, channels = tile.Channels;
        bool accumulate = _gradient.AccumulateX;
        float* gradX = _gradient.GradX + (token * _gradient.GradXStride) + tile.FirstChannel;
        nint ahead = (_plan.Reverse ? -RowsAhead : RowsAhead) * _gradient.GradXStride;
        for (int c = 0; c < channels; c += TLanes.Count)
        {
            // The tile's own rows are padded, so that full vectors may be read.
            LaneRows.Prefetch(gradX + ahead + c);
            TVector sum = ConvTile.Convolve<TLanes, TVector>(gradients, buffers.Weights, k, c, TLanes.Count, TLanes.Create(0));
            LaneRows.StoreOrAddPart<TLanes, TVector>(gradX + c, sum, channels - c, accumulate);
        }
    }
}
