using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Backward convolution of one tile of channels over one run of sequences: pieces of each sequence from its last token to its first, vector by
/// vector. Saved by the forward pass: nothing. Recomputed here: what SiLU was applied to.
/// </summary>
internal readonly unsafe struct ConvBackwardJob<TLanes, TVector>(in ConvPlan plan, in ConvGradientPlan gradient, float* workspace) : IParallelJob
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
{
    private readonly ConvPlan _plan = plan;
    private readonly ConvGradientPlan _gradient = gradient;

    public void Run(int index)
    {
        var tile = new ConvTile(_plan, index % _plan.Split.Tiles);
        var buffers = new ConvJobBuffers(workspace, index, _plan.KernelSize);
        float* zeros = stackalloc float[PackedSplit.TileChannels];
        float** newest = stackalloc float*[CausalConv1d.MaxKernelSize];
        tile.LoadWeights(buffers.Weights);
        buffers.ClearSums();
        int back = _plan.KernelSize - 1;
        (int sequence, int last) = _plan.Split.SequencesOfRun(index / _plan.Split.Tiles, _plan.Offsets, _plan.Sequences);
        for (; sequence < last; sequence++)
        {
            buffers.ClearRows();
            for (int end = _plan.LengthOf(sequence), first; end > 0; end = first)
            {
                first = (end - 1) / ConvTile.PieceSteps * ConvTile.PieceSteps;
                for (int j = 0; j < back; j++)
                    newest[j] = tile.InputRow(sequence, end - 1 - j, zeros);
                Piece(tile, Walk(tile, buffers, sequence, first, end, newest, zeros));
            }
        }
    }

    /// <summary>The walk of a tile's first vector over a sequence's steps from <paramref name="end"/> - 1 down to <paramref name="first"/>.</summary>
    private ConvBackwardWalk Walk(in ConvTile tile, in ConvJobBuffers buffers, int sequence, int first, int end, float** newest, float* zeros)
    {
        nint token = _plan.TokenAt(sequence, end - 1), direction = _plan.Reverse ? 1 : -1;
        int back = _plan.KernelSize - 1, inside = Math.Max(0, end - Math.Max(first, back)), outside = end - first - inside;
        var walk = new ConvBackwardWalk
        {
            KernelSize = _plan.KernelSize,
            GradY = _gradient.GradY + (token * _gradient.GradYStride) + tile.FirstChannel,
            GradX = _gradient.GradX + (token * _gradient.GradXStride) + tile.FirstChannel,
            AccumulateX = _gradient.AccumulateX,
            GradYStride = direction * _gradient.GradYStride,
            GradXStride = direction * _gradient.GradXStride,
            Weights = buffers.Weights,
            Rows = buffers.Rows,
            GradWeight = buffers.GradWeight,
            Newest = newest,
        };
        if (inside > 0)
            walk.Inside = new ConvOldest { Row = tile.InputRow(sequence, end - 1 - back, zeros), Stride = direction * _plan.XStride, Steps = inside };
        if (outside > 0)
        {
            // Where there are no initial inputs, all of these rows are the same zeros.
            nint stride = _plan.InitialInputs == null ? 0 : -_plan.Channels;
            walk.Outside = new ConvOldest { Row = tile.InputRow(sequence, Math.Min(end, back) - 1 - back, zeros), Stride = stride, Steps = outside };
        }

        return walk;
    }

    private void Piece(in ConvTile tile, ConvBackwardWalk walk)
    {
        // What is left of a tile's channels goes to ever narrower vectors.
        Columns<TLanes, TVector>(ref walk, tile.Channels);
        Columns<Lanes256, Vector256<float>>(ref walk, tile.Channels);
        Columns<Lanes128, Vector128<float>>(ref walk, tile.Channels);
        Columns<Lanes1, float>(ref walk, tile.Channels);
    }

    private void Columns<TPart, TPartVector>(ref ConvBackwardWalk walk, int channels)
        where TPart : struct, ILanes<TPartVector>
        where TPartVector : unmanaged
    {
        for (; walk.Channel + TPart.Count <= channels; walk.Channel += TPart.Count)
        {
            if (_plan.Silu)
                walk.Run<TPart, TPartVector, ConvSilu>();
            else
                walk.Run<TPart, TPartVector, ConvLinear>();
            walk.GradY += TPart.Count;
            walk.GradX += TPart.Count;
            walk.Weights += TPart.Count;
            walk.Rows += TPart.Count;
            walk.GradWeight += TPart.Count;
        }
    }
}
