using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Backward scan of one tile of channels over one run of sequences. Saved by the forward pass: states at chunk borders. Recomputed here, chunk by
/// chunk from the last: delta, aBar, the states and y. Sums that other jobs also contribute to go to the workspace, for <see cref="ScanReduceJob"/>.
/// </summary>
internal readonly unsafe struct ScanBackwardJob<TLanes, TVector>(in ScanPlan plan, in ScanGradientPlan gradient, ScanWorkspace workspace) : IParallelJob
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
{
    private readonly ScanPlan _plan = plan;
    private readonly ScanGradientPlan _gradient = gradient;

    [SkipLocalsInit]
    public void Run(int index)
    {
        int tileIndex = index % _plan.Split.Tiles;
        var tile = new ScanTile(_plan, tileIndex, TLanes.Count);
        float* rowMemory = stackalloc float[ScanGradientRows.Floats];
        float* chunkMemory = stackalloc float[ScanChunk.Floats(TLanes.Count)];
        var rows = new ScanGradientRows(rowMemory);
        var chunk = new ScanChunk(chunkMemory, TLanes.Count);
        ScanJobBuffers buffers = workspace.OfJob(index);
        tile.LoadRow(_plan.DtBias, rows.DtBias);
        tile.LoadRow(_plan.D, rows.D);
        tile.LoadStates(_plan.A, ScanMath.Log2E, buffers.A);
        buffers.ClearSums();

        (int sequence, int end) = _plan.Split.SequencesOfRun(index / _plan.Split.Tiles, _plan.Offsets, _plan.Sequences);
        for (; sequence < end; sequence++)
        {
            nint state = (nint)sequence * _plan.Channels * _plan.StateSize;
            int length = _plan.LengthOf(sequence);
            tile.LoadStates(_plan.InitialState == null ? null : _plan.InitialState + state, 1, buffers.Start);
            tile.LoadStates(_gradient.GradFinalState == null ? null : _gradient.GradFinalState + state, 1, buffers.Carry);
            for (int first = (length - 1) / PackedSplit.ChunkSize * PackedSplit.ChunkSize; first >= 0 && length > 0; first -= PackedSplit.ChunkSize)
            {
                float* start = first == 0 ? buffers.Start : Border(tileIndex, sequence, first);
                RunChunk(tile, tileIndex, sequence, first, Math.Min(PackedSplit.ChunkSize, length - first), start, buffers, rows, chunk);
            }

            if (_gradient.GradInitialState != null)
                tile.StoreStates(_gradient.GradInitialState + state, buffers.Carry);
        }
    }

    private float* Border(int tile, int sequence, int step)
    {
        nint slot = PackedSplit.BorderSlot(_plan.Offsets[sequence], step / PackedSplit.ChunkSize);
        return _gradient.BorderStates + (((slot * _plan.Split.Tiles) + tile) * PackedSplit.TileChannels * PackedSplit.PadState(_plan.StateSize));
    }

    private void RunChunk(
        in ScanTile tile, int tileIndex, int sequence, int firstStep, int steps, float* start,
        in ScanJobBuffers buffers, in ScanGradientRows rows, in ScanChunk chunk)
    {
        int padded = PackedSplit.PadState(_plan.StateSize);
        nint rowStride = 2 * padded, direction = _plan.Reverse ? -1 : 1;
        float* sums = workspace.ProjectionsOfTile(tileIndex) + (_plan.TokenAt(sequence, firstStep) * rowStride);
        ScanGradientRows.Prepare<TLanes, TVector>(_plan, _gradient, tile, sequence, firstStep, steps, rows);
        for (int state = 0; state < padded; state += PackedSplit.StatesAtOnce)
        {
            tile.PackProjections(sequence, firstStep, steps, state, rows.Packed);
            chunk.ClearPartials(steps);
            for (int block = 0; block < tile.Blocks; block++)
            {
                nint lane = (nint)block * TLanes.Count, at = (lane * padded) + (state * TLanes.Count);
                ScanGradientStates.Replay<TLanes, TVector>(
                    rows.Delta + lane, rows.DeltaX + lane, rows.Y + lane, rows.Packed, buffers.A + at, start + at, chunk.Decays, chunk.States, steps);
                ScanGradientStates.Retreat<TLanes, TVector>(
                    rows.Delta + lane,
                    rows.DeltaX + lane,
                    rows.GradY + lane,
                    rows.GradDelta + lane,
                    rows.GradDeltaX + lane,
                    rows.Packed,
                    buffers.A + at,
                    chunk.Decays,
                    chunk.States,
                    buffers.Carry + at,
                    buffers.GradA + at,
                    chunk.Partials,
                    steps);
            }

            ScanGradientStates.SumLanes<TLanes, TVector>(chunk.Partials, sums + state, padded, direction * rowStride, steps);
        }

        ScanGradientRows.Finish<TLanes, TVector>(_plan, _gradient, tile, sequence, firstStep, steps, rows, buffers.GradD, buffers.GradDtBias);
    }
}
