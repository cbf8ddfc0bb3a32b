using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The rows of a chunk that the states share, [ChunkSize][TileChannels] each, in reading order; what the forward pass does to them before
/// and after the states.
/// </summary>
internal readonly unsafe struct ScanRows(float* memory)
{
    /// <summary>Floats of one such buffer.</summary>
    public const int Size = PackedSplit.ChunkSize * PackedSplit.TileChannels;

    /// <summary>Floats of all.</summary>
    public const int Floats = (3 * Size) + (2 * PackedSplit.TileChannels) + (2 * PackedSplit.StatesAtOnce * PackedSplit.ChunkSize);

    public float* Delta => memory;

    /// <summary>delta x, which meets B.</summary>
    public float* DeltaX => memory + Size;

    /// <summary>D x, to which the states add C h.</summary>
    public float* Y => memory + (2 * Size);

    public float* DtBias => memory + (3 * Size);

    public float* D => DtBias + PackedSplit.TileChannels;

    /// <summary>Four states of B and C, [ChunkSize][8].</summary>
    public float* Packed => D + PackedSplit.TileChannels;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Prepare<TLanes, TVector>(in ScanPlan plan, in ScanTile tile, int sequence, int firstStep, int steps, in ScanRows rows)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        nint direction = plan.Reverse ? -1 : 1, token = plan.TokenAt(sequence, firstStep);
        bool softplus = plan.Softplus;
        int channels = tile.Channels;
        float* x = plan.X + (token * plan.XStride) + tile.FirstChannel;
        float* dt = plan.Dt + (token * plan.DtStride) + tile.FirstChannel;
        nint ahead = direction * PackedSplit.ChunkSize;
        float* delta = rows.Delta, deltaX = rows.DeltaX, y = rows.Y, bias = rows.DtBias, d = rows.D;
        for (int step = 0; step < steps; step++)
        {
            for (int c = 0; c < channels; c += TLanes.Count)
            {
                LaneRows.Prefetch(x + c + (ahead * plan.XStride));
                LaneRows.Prefetch(dt + c + (ahead * plan.DtStride));
                TVector value = LaneRows.LoadPart<TLanes, TVector>(x + c, channels - c);
                TVector time = TLanes.Add(LaneRows.LoadPart<TLanes, TVector>(dt + c, channels - c), TLanes.Load(bias + c));
                if (softplus)
                    time = ScanMath.Softplus<TLanes, TVector>(time, out _);
                TLanes.Store(delta + c, time);
                TLanes.Store(deltaX + c, TLanes.Multiply(time, value));
                TLanes.Store(y + c, TLanes.Multiply(TLanes.Load(d + c), value));
            }

            x += direction * plan.XStride;
            dt += direction * plan.DtStride;
            delta += PackedSplit.TileChannels;
            deltaX += PackedSplit.TileChannels;
            y += PackedSplit.TileChannels;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Finish<TLanes, TVector>(
        in ScanPlan plan, in ScanOutputPlan output, in ScanTile tile, int sequence, int firstStep, int steps, in ScanRows rows)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        nint direction = plan.Reverse ? -1 : 1, token = plan.TokenAt(sequence, firstStep);
        bool gated = plan.Z != null, accumulate = output.AccumulateY;
        int channels = tile.Channels;
        float* z = gated ? plan.Z + (token * plan.ZStride) + tile.FirstChannel : null;
        float* to = output.Y + (token * output.YStride) + tile.FirstChannel;
        nint ahead = direction * PackedSplit.ChunkSize;
        float* y = rows.Y;
        for (int step = 0; step < steps; step++)
        {
            for (int c = 0; c < channels; c += TLanes.Count)
            {
                LaneRows.Prefetch(to + c + (ahead * output.YStride));
                TVector value = TLanes.Load(y + c);
                if (gated)
                {
                    LaneRows.Prefetch(z + c + (ahead * plan.ZStride));
                    TVector gate = LaneRows.LoadPart<TLanes, TVector>(z + c, channels - c);
                    value = TLanes.Multiply(value, TLanes.Multiply(gate, SimdMath.Sigmoid<TLanes, TVector>(gate)));
                }

                LaneRows.StoreOrAddPart<TLanes, TVector>(to + c, value, channels - c, accumulate);
            }

            z += direction * plan.ZStride;
            to += direction * output.YStride;
            y += PackedSplit.TileChannels;
        }
    }
}
