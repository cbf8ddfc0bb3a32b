using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Forward convolution of one tile of channels over one run of sequences: pieces of each sequence, two vectors at a time.</summary>
internal readonly unsafe struct ConvForwardJob<TLanes, TVector>(in ConvPlan plan, in ConvOutputPlan output, float* workspace) : IParallelJob
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
{
    private readonly ConvPlan _plan = plan;
    private readonly ConvOutputPlan _output = output;

    public static int WorkspacePerJob(int kernelSize) => (kernelSize + 1) * PackedSplit.TileChannels;

    public void Run(int index)
    {
        var tile = new ConvTile(_plan, index % _plan.Split.Tiles);
        float* weights = workspace + ((nint)index * WorkspacePerJob(_plan.KernelSize));
        float* zeros = stackalloc float[PackedSplit.TileChannels];
        float** before = stackalloc float*[CausalConv1d.MaxKernelSize];
        tile.LoadWeights(weights);
        int back = _plan.KernelSize - 1;
        (int sequence, int end) = _plan.Split.SequencesOfRun(index / _plan.Split.Tiles, _plan.Offsets, _plan.Sequences);
        for (; sequence < end; sequence++)
        {
            int length = _plan.LengthOf(sequence);
            for (int first = 0; first < length; first += ConvTile.PieceSteps)
            {
                for (int j = 0; j < back; j++)
                    before[j] = tile.InputRow(sequence, first + j - back, zeros);
                Piece(tile, _plan.TokenAt(sequence, first), Math.Min(ConvTile.PieceSteps, length - first), weights, before);
            }

            if (_output.FinalInputs == null)
                continue;

            // In rising order: where final and initial inputs are the same memory, a row is read before it is overwritten.
            for (int j = 0; j < back; j++)
            {
                float* from = tile.InputRow(sequence, length - back + j, zeros);
                new Span<float>(from, tile.Channels).CopyTo(new Span<float>(tile.StateRow(_output.FinalInputs, sequence, j), tile.Channels));
            }
        }
    }

    private void Piece(in ConvTile tile, nint token, int steps, float* weights, float** before)
    {
        nint direction = _plan.Reverse ? -1 : 1;
        var walk = new ConvForwardWalk
        {
            Steps = steps,
            KernelSize = _plan.KernelSize,
            X = _plan.X + (token * _plan.XStride) + tile.FirstChannel,
            Y = _output.Y + (token * _output.YStride) + tile.FirstChannel,
            XStride = direction * _plan.XStride,
            YStride = direction * _output.YStride,
            Weights = weights,
            Before = before,
        };

        // What is left of a tile's channels goes to ever narrower vectors.
        Columns<LanesPair<TLanes, TVector>, LanePair<TVector>>(ref walk, tile.Channels);
        Columns<TLanes, TVector>(ref walk, tile.Channels);
        Columns<Lanes256, Vector256<float>>(ref walk, tile.Channels);
        Columns<Lanes128, Vector128<float>>(ref walk, tile.Channels);
        Columns<Lanes1, float>(ref walk, tile.Channels);
    }

    private void Columns<TPart, TPartVector>(ref ConvForwardWalk walk, int channels)
        where TPart : struct, ILanes<TPartVector>
        where TPartVector : unmanaged
    {
        for (; walk.Channel + TPart.Count <= channels; walk.Channel += TPart.Count)
        {
            if (_plan.Silu)
                walk.Run<TPart, TPartVector, ConvSilu>();
            else
                walk.Run<TPart, TPartVector, ConvLinear>();
            walk.X += TPart.Count;
            walk.Y += TPart.Count;
            walk.Weights += TPart.Count;
        }
    }
}
