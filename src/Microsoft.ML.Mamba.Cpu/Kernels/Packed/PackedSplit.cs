namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// How work on packed sequences is cut into independent jobs: tiles of channels by runs of whole sequences. It follows from the shape alone, never
/// from the number of threads or lanes, so that every reduction has one order.
/// </summary>
internal readonly struct PackedSplit
{
    /// <summary>Tokens of a chunk: states are saved at chunk borders, and the backward pass recomputes within a chunk.</summary>
    public const int ChunkSize = 32;

    /// <summary>Channels of a tile: a whole number of the widest vectors.</summary>
    public const int TileChannels = 64;

    /// <summary>States are worked on in fours; the kernels' own buffers are padded to that with states that stay zero.</summary>
    public const int StatesAtOnce = 4;

    private const int MaxRuns = 16;
    private const int TokensPerRun = 64;

    public PackedSplit(int tokens, int sequences, int channels, int groups)
    {
        Tokens = tokens;
        ChannelsPerGroup = channels / groups;
        TilesPerGroup = (ChannelsPerGroup + TileChannels - 1) / TileChannels;
        Tiles = TilesPerGroup * groups;
        Runs = Math.Clamp(Math.Min(tokens / TokensPerRun, sequences), 1, MaxRuns);
    }

    private int Tokens { get; }

    private int ChannelsPerGroup { get; }

    public int TilesPerGroup { get; }

    public int Tiles { get; }

    /// <summary>Number of runs of sequences.</summary>
    public int Runs { get; }

    public int Jobs => Tiles * Runs;

    /// <summary>Channels with every tile padded to its full width; the layout of the kernels' own buffers.</summary>
    public int PaddedChannels => Tiles * TileChannels;

    public static int PadState(int stateSize) => (stateSize + StatesAtOnce - 1) / StatesAtOnce * StatesAtOnce;

    /// <summary>Number of chunk borders that need a slot.</summary>
    public int Borders => Tokens == 0 ? 0 : (Tokens - 1) / ChunkSize;

    /// <summary>
    /// The slot of the state before step <paramref name="chunk"/> * ChunkSize (chunk at least 1) of the sequence that starts at token
    /// <paramref name="offset"/>.
    /// </summary>
    /// <remarks>Slots of two sequences never meet: a sequence's last one is at most its last token / ChunkSize, and the next begins above that.</remarks>
    public static int BorderSlot(int offset, int chunk) => (offset / ChunkSize) + chunk - 1;

    public int GroupOfTile(int tile) => tile / TilesPerGroup;

    public int FirstChannel(int tile)
    {
        return (GroupOfTile(tile) * ChannelsPerGroup) + (tile % TilesPerGroup * TileChannels);
    }

    public int ChannelsOfTile(int tile)
    {
        return Math.Min(TileChannels, ChannelsPerGroup - (tile % TilesPerGroup * TileChannels));
    }

    /// <summary>The sequences of a run: those that start within its equal share of the tokens.</summary>
    public unsafe (int First, int End) SequencesOfRun(int run, int* offsets, int sequences)
    {
        return (FirstSequence(run, offsets, sequences), run == Runs - 1 ? sequences : FirstSequence(run + 1, offsets, sequences));
    }

    private unsafe int FirstSequence(int run, int* offsets, int sequences)
    {
        if (run == 0)
            return 0;
        long from = (long)run * Tokens / Runs;
        int low = 0, high = sequences;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (offsets[middle] < from)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
