using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Forward scan of one tile of channels over one run of sequences, chunk by chunk: all blocks' rows are prepared, states go through the
/// chunk four at a time, rows are finished.
/// </summary>
internal readonly unsafe struct ScanForwardJob<TLanes, TVector>(in ScanPlan plan, in ScanOutputPlan output, float* workspace) : IParallelJob
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
{
    private readonly ScanPlan _plan = plan;
    private readonly ScanOutputPlan _output = output;

    /// <summary>Floats that each job needs: A and the running state.</summary>
    public static int WorkspacePerJob(int stateSize) => 2 * PackedSplit.TileChannels * PackedSplit.PadState(stateSize);

    [SkipLocalsInit]
    public void Run(int index)
    {
        int tileIndex = index % _plan.Split.Tiles;
        var tile = new ScanTile(_plan, tileIndex, TLanes.Count);
        int padded = PackedSplit.PadState(_plan.StateSize);
        float* a = workspace + ((nint)index * WorkspacePerJob(_plan.StateSize));
        float* h = a + (PackedSplit.TileChannels * padded);
        float* memory = stackalloc float[ScanRows.Floats];
        var rows = new ScanRows(memory);
        tile.LoadRow(_plan.DtBias, rows.DtBias);
        tile.LoadRow(_plan.D, rows.D);
        bool hasA = false;

        (int sequence, int end) = _plan.Split.SequencesOfRun(index / _plan.Split.Tiles, _plan.Offsets, _plan.Sequences);
        for (; sequence < end; sequence++)
        {
            nint state = (nint)sequence * _plan.Channels * _plan.StateSize;
            float* initial = _plan.InitialState == null ? null : _plan.InitialState + state;
            float* final = _output.FinalState == null ? null : _output.FinalState + state;
            int length = _plan.LengthOf(sequence);
            if (length == 1 && !_plan.Stretches)
            {
                ScanRows.Prepare<TLanes, TVector>(_plan, tile, sequence, 0, 1, rows);
                ScanStep.Run(_plan, tile, sequence, rows, initial, final, TLanes.Count);
                ScanRows.Finish<TLanes, TVector>(_plan, _output, tile, sequence, 0, 1, rows);
                continue;
            }

            if (length == 0)
            {
                if (final != null)
                    tile.CopyStates(final, initial);
                continue;
            }

            if (!hasA)
                tile.LoadStates(_plan.A, ScanMath.Log2E, a);
            hasA = true;
            tile.LoadStates(initial, 1, h);
            for (int step = 0; step < length; step += PackedSplit.ChunkSize)
            {
                if (step > 0 && _output.BorderStates != null)
                    SaveBorder(tileIndex, sequence, step, h, padded);
                RunChunk(tile, sequence, step, Math.Min(PackedSplit.ChunkSize, length - step), a, h, rows);
            }

            if (final != null)
                tile.StoreStates(final, h);
        }
    }

    private void SaveBorder(int tile, int sequence, int step, float* h, int padded)
    {
        nint slot = PackedSplit.BorderSlot(_plan.Offsets[sequence], step / PackedSplit.ChunkSize);
        int size = PackedSplit.TileChannels * padded;
        new Span<float>(h, size).CopyTo(new Span<float>(_output.BorderStates + (((slot * _plan.Split.Tiles) + tile) * size), size));
    }

    private void RunChunk(in ScanTile tile, int sequence, int firstStep, int steps, float* a, float* h, in ScanRows rows)
    {
        int padded = PackedSplit.PadState(_plan.StateSize);
        ScanRows.Prepare<TLanes, TVector>(_plan, tile, sequence, firstStep, steps, rows);
        for (int state = 0; state < padded; state += PackedSplit.StatesAtOnce)
        {
            tile.PackProjections(sequence, firstStep, steps, state, rows.Packed);
            for (int block = 0; block < tile.Blocks; block++)
            {
                nint lane = (nint)block * TLanes.Count;
                nint at = ((lane * padded) + (state * TLanes.Count));
                ScanStates.Advance<TLanes, TVector>(rows.Delta + lane, rows.DeltaX + lane, rows.Y + lane, rows.Packed, a + at, h + at, steps);
            }
        }

        ScanRows.Finish<TLanes, TVector>(_plan, _output, tile, sequence, firstStep, steps, rows);
    }
}
