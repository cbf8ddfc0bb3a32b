using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Adds up what the backward jobs left in the workspace, in one order for any number of threads: gradients of parameters over the runs
/// (one piece a tile), gradients of B and C over the tiles of a group (one piece a stretch of tokens).
/// </summary>
internal readonly unsafe struct ScanReduceJob(in ScanPlan plan, in ScanGradientPlan gradient, ScanWorkspace workspace, int lanes) : IParallelJob
{
    private const int TokensAtOnce = 256;
    private readonly ScanPlan _plan = plan;
    private readonly ScanGradientPlan _gradient = gradient;

    public int Pieces => _plan.Split.Tiles + ((_plan.Tokens + TokensAtOnce - 1) / TokensAtOnce);

    public void Run(int index)
    {
        int tiles = _plan.Split.Tiles;
        if (index < tiles)
        {
            ReduceParameters(index);
            return;
        }

        int first = (index - tiles) * TokensAtOnce, end = Math.Min(_plan.Tokens, first + TokensAtOnce);
        int padded = PackedSplit.PadState(_plan.StateSize);
        for (int group = 0; group < _plan.Groups; group++)
        {
            nint column = (nint)group * _plan.StateSize;
            ReduceTokens(group, first, end, 0, _gradient.GradB + column, _gradient.GradBStride, _gradient.AccumulateB);
            ReduceTokens(group, first, end, padded, _gradient.GradC + column, _gradient.GradCStride, _gradient.AccumulateC);
        }
    }

    private void ReduceParameters(int tileIndex)
    {
        ScanJobBuffers sums = workspace.OfJob(tileIndex);
        for (int run = 1; run < _plan.Split.Runs; run++)
        {
            float* more = workspace.OfJob((run * _plan.Split.Tiles) + tileIndex).GradA;
            for (int i = 0; i < sums.Sums; i += Lanes128.Count)
                Lanes128.Store(sums.GradA + i, Lanes128.Load(sums.GradA + i) + Lanes128.Load(more + i));
        }

        var tile = new ScanTile(_plan, tileIndex, lanes);
        tile.AddStates(_gradient.GradA, sums.GradA);
        for (int c = 0; c < tile.Channels; c++)
        {
            if (_gradient.GradD != null)
                _gradient.GradD[tile.FirstChannel + c] += sums.GradD[c];
            if (_gradient.GradDtBias != null)
                _gradient.GradDtBias[tile.FirstChannel + c] += sums.GradDtBias[c];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReduceTokens(int group, int first, int end, int column, float* to, nint stride, bool accumulate)
    {
        int states = _plan.StateSize, tiles = _plan.Split.TilesPerGroup;
        nint row = 2 * PackedSplit.PadState(states), tile = _plan.Tokens * row;
        float* from = workspace.ProjectionsOfTile(group * tiles) + column;
        for (nint token = first; token < end; token++)
        {
            for (int n = 0; n < states; n += Lanes128.Count)
            {
                float* part = from + (token * row) + n;
                Vector128<float> sum = Lanes128.Load(part);
                for (int i = 1; i < tiles; i++)
                    sum += Lanes128.Load(part + (i * tile));
                LaneRows.StoreOrAddPart<Lanes128, Vector128<float>>(to + (token * stride) + n, sum, states - n, accumulate);
            }
        }
    }
}
