namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The backward pass's workspace: buffers of each job, then the gradients of B and C as each tile sees them, [tile][token][B, C][padded state].
/// </summary>
internal readonly unsafe struct ScanWorkspace(float* memory, PackedSplit split, int tokens, int stateSize)
{
    public static int Floats(in PackedSplit split, int tokens, int stateSize)
    {
        return checked((split.Jobs * ScanJobBuffers.Floats(stateSize)) + (split.Tiles * tokens * 2 * PackedSplit.PadState(stateSize)));
    }

    public ScanJobBuffers OfJob(int job) => new(memory + ((nint)job * ScanJobBuffers.Floats(stateSize)), stateSize);

    public float* ProjectionsOfTile(int tile)
    {
        return memory + ((nint)split.Jobs * ScanJobBuffers.Floats(stateSize)) + ((nint)tile * tokens * 2 * PackedSplit.PadState(stateSize));
    }
}

/// <summary>What one backward job keeps over its chunks, in the tile's layout.</summary>
internal readonly unsafe struct ScanJobBuffers(float* memory, int stateSize)
{
    private readonly int _states = PackedSplit.TileChannels * PackedSplit.PadState(stateSize);

    public static int Floats(int stateSize) => (4 * PackedSplit.TileChannels * PackedSplit.PadState(stateSize)) + (2 * PackedSplit.TileChannels);

    /// <summary>A log2(e).</summary>
    public float* A => memory;

    /// <summary>The sequence's initial state.</summary>
    public float* Start => memory + _states;

    /// <summary>Gradient of the state before the chunk worked on last.</summary>
    public float* Carry => memory + (2 * _states);

    public float* GradA => memory + (3 * _states);

    public float* GradD => memory + (4 * _states);

    public float* GradDtBias => GradD + PackedSplit.TileChannels;

    /// <summary>Number of floats from <see cref="GradA"/> on, all of them sums.</summary>
    public int Sums => _states + (2 * PackedSplit.TileChannels);

    public void ClearSums() => new Span<float>(GradA, Sums).Clear();
}

/// <summary>What one block and four states leave behind in a chunk.</summary>
internal readonly unsafe struct ScanChunk(float* memory, int lanes)
{
    private readonly int _step = PackedSplit.StatesAtOnce * lanes;

    public static int Floats(int lanes) => PackedSplit.StatesAtOnce * lanes * ((4 * PackedSplit.ChunkSize) + 1);

    /// <summary>[step][4][lanes].</summary>
    public float* Decays => memory;

    /// <summary>[step + 1][4][lanes]; the first is the state before the chunk.</summary>
    public float* States => memory + (PackedSplit.ChunkSize * _step);

    /// <summary>Gradients of B and C before their lanes are summed, over all blocks of the tile, [step][B, C][4][lanes].</summary>
    public float* Partials => States + ((PackedSplit.ChunkSize + 1) * _step);

    public void ClearPartials(int steps) => new Span<float>(Partials, steps * 2 * _step).Clear();
}
