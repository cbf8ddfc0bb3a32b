using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// One tile of neighbouring channels of one group. Its states lie as [block][state][lane] (a block is one vector of channels), its
/// rows as [token][TileChannels]. Lanes beyond the last channel hold A = 0 and x = 0, so their state stays zero and they add nothing.
/// </summary>
internal readonly unsafe struct ScanTile
{
    private readonly ScanPlan _plan;
    private readonly int _lanes;

    public ScanTile(in ScanPlan plan, int tile, int lanes)
    {
        _plan = plan;
        _lanes = lanes;
        FirstChannel = plan.Split.FirstChannel(tile);
        Channels = plan.Split.ChannelsOfTile(tile);
        Group = plan.Split.GroupOfTile(tile);
        Blocks = (Channels + lanes - 1) / lanes;
    }

    public int FirstChannel { get; }

    public int Channels { get; }

    public int Group { get; }

    public int Blocks { get; }

    private int PaddedState => PackedSplit.PadState(_plan.StateSize);

    /// <summary>Fills a row with this tile's part of a vector of channels, or with zeros if there is none.</summary>
    public void LoadRow(float* channels, float* row)
    {
        for (int c = 0; c < PackedSplit.TileChannels; c++)
            row[c] = channels != null && c < Channels ? channels[FirstChannel + c] : 0;
    }

    /// <summary>Brings this tile's part of [channels, state] into the tile's layout, scaled; zeros if there is none.</summary>
    public void LoadStates(float* states, float scale, float* to)
    {
        new Span<float>(to, PackedSplit.TileChannels * PaddedState).Clear();
        if (states == null)
            return;
        for (int c = 0; c < Channels; c++)
        {
            float* from = states + ((nint)(FirstChannel + c) * _plan.StateSize);
            float* lane = Lane(to, c);
            for (int n = 0; n < _plan.StateSize; n++)
                lane[n * _lanes] = from[n] * scale;
        }
    }

    /// <summary>Takes this tile's part of [channels, state] out of the tile's layout.</summary>
    public void StoreStates(float* states, float* from)
    {
        for (int c = 0; c < Channels; c++)
        {
            float* to = states + ((nint)(FirstChannel + c) * _plan.StateSize);
            float* lane = Lane(from, c);
            for (int n = 0; n < _plan.StateSize; n++)
                to[n] = lane[n * _lanes];
        }
    }

    /// <summary>Adds the tile's layout to its part of [channels, state].</summary>
    public void AddStates(float* states, float* from)
    {
        for (int c = 0; c < Channels; c++)
        {
            float* to = states + ((nint)(FirstChannel + c) * _plan.StateSize);
            float* lane = Lane(from, c);
            for (int n = 0; n < _plan.StateSize; n++)
                to[n] += lane[n * _lanes];
        }
    }

    /// <summary>What a sequence without tokens does to its state: nothing.</summary>
    public void CopyStates(float* states, float* from)
    {
        nint first = (nint)FirstChannel * _plan.StateSize;
        var destination = new Span<float>(states + first, Channels * _plan.StateSize);
        if (from == null)
            destination.Clear();
        else
            new Span<float>(from + first, destination.Length).CopyTo(destination);
    }

    /// <summary>Lays four states of B and C of each token side by side, [token][B0 B1 B2 B3 C0 C1 C2 C3], zeros beyond the last state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PackProjections(int sequence, int firstStep, int steps, int state, float* packed)
    {
        nint column = ((nint)Group * _plan.StateSize) + state;
        int count = Math.Min(PackedSplit.StatesAtOnce, _plan.StateSize - state);
        nint direction = _plan.Reverse ? -1 : 1;
        nint token = _plan.TokenAt(sequence, firstStep);
        float* b = _plan.B + (token * _plan.BStride) + column;
        float* c = _plan.C + (token * _plan.CStride) + column;
        for (int step = 0; step < steps; step++)
        {
            Lanes128.Store(packed, LaneRows.LoadPart<Lanes128, Vector128<float>>(b, count));
            Lanes128.Store(packed + PackedSplit.StatesAtOnce, LaneRows.LoadPart<Lanes128, Vector128<float>>(c, count));
            packed += 2 * PackedSplit.StatesAtOnce;
            b += direction * _plan.BStride;
            c += direction * _plan.CStride;
        }
    }

    private float* Lane(float* states, int channel)
    {
        return states + ((nint)(channel / _lanes) * PaddedState * _lanes) + (channel % _lanes);
    }
}
