using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The rows of a chunk that the states share in the backward pass, [ChunkSize][TileChannels] each, in reading order; what happens to them
/// before and after the states.
/// </summary>
internal readonly unsafe struct ScanGradientRows(float* memory)
{
    private const int Size = ScanRows.Size;

    /// <summary>Floats of all.</summary>
    public const int Floats = (8 * Size) + (2 * PackedSplit.TileChannels) + (2 * PackedSplit.StatesAtOnce * PackedSplit.ChunkSize);

    public float* Delta => memory;

    public float* DeltaX => memory + Size;

    public float* Y => memory + (2 * Size);

    /// <summary>dL/dy before the gate.</summary>
    public float* GradY => memory + (3 * Size);

    /// <summary>dL/dz for a y of 1.</summary>
    public float* GateSlope => memory + (4 * Size);

    /// <summary>d delta / d dt.</summary>
    public float* DtSlope => memory + (5 * Size);

    /// <summary>Sum over the states of g aBar h A log2(e).</summary>
    public float* GradDelta => memory + (6 * Size);

    /// <summary>Sum over the states of g B.</summary>
    public float* GradDeltaX => memory + (7 * Size);

    public float* DtBias => memory + (8 * Size);

    public float* D => DtBias + PackedSplit.TileChannels;

    /// <summary>Four states of B and C, [ChunkSize][8].</summary>
    public float* Packed => D + PackedSplit.TileChannels;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Prepare<TLanes, TVector>(
        in ScanPlan plan, in ScanGradientPlan gradient, in ScanTile tile, int sequence, int firstStep, int steps, in ScanGradientRows rows)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        nint direction = plan.Reverse ? -1 : 1, token = plan.TokenAt(sequence, firstStep), ahead = -direction * PackedSplit.ChunkSize, row = 0;
        bool softplus = plan.Softplus, gated = plan.Z != null;
        int channels = tile.Channels;
        float* x = plan.X + (token * plan.XStride) + tile.FirstChannel;
        float* dt = plan.Dt + (token * plan.DtStride) + tile.FirstChannel;
        float* z = gated ? plan.Z + (token * plan.ZStride) + tile.FirstChannel : null;
        float* gradY = gradient.GradY + (token * gradient.GradYStride) + tile.FirstChannel;
        TVector one = TLanes.Create(1);
        for (int step = 0; step < steps; step++)
        {
            for (int c = 0; c < channels; c += TLanes.Count)
            {
                int count = channels - c;
                LaneRows.Prefetch(x + c + (ahead * plan.XStride));
                LaneRows.Prefetch(dt + c + (ahead * plan.DtStride));
                LaneRows.Prefetch(gradY + c + (ahead * gradient.GradYStride));
                TVector value = LaneRows.LoadPart<TLanes, TVector>(x + c, count);
                TVector time = TLanes.Add(LaneRows.LoadPart<TLanes, TVector>(dt + c, count), TLanes.Load(rows.DtBias + c));
                if (softplus)
                {
                    time = ScanMath.Softplus<TLanes, TVector>(time, out TVector slope);
                    TLanes.Store(rows.DtSlope + row + c, slope);
                }

                TLanes.Store(rows.Delta + row + c, time);
                TLanes.Store(rows.DeltaX + row + c, TLanes.Multiply(time, value));
                TLanes.Store(rows.Y + row + c, TLanes.Multiply(TLanes.Load(rows.D + c), value));

                TVector incoming = LaneRows.LoadPart<TLanes, TVector>(gradY + c, count);
                if (gated)
                {
                    LaneRows.Prefetch(z + c + (ahead * plan.ZStride));
                    TVector gate = LaneRows.LoadPart<TLanes, TVector>(z + c, count);
                    TVector sigmoid = SimdMath.Sigmoid<TLanes, TVector>(gate), part = TLanes.Multiply(incoming, sigmoid);
                    TLanes.Store(rows.GateSlope + row + c, TLanes.MultiplyAdd(TLanes.Multiply(part, gate), TLanes.Subtract(one, sigmoid), part));
                    incoming = TLanes.Multiply(part, gate);
                }

                TLanes.Store(rows.GradY + row + c, incoming);
                TLanes.Store(rows.GradDelta + row + c, TLanes.Create(0));
                TLanes.Store(rows.GradDeltaX + row + c, TLanes.Create(0));
            }

            x += direction * plan.XStride;
            dt += direction * plan.DtStride;
            z += direction * plan.ZStride;
            gradY += direction * gradient.GradYStride;
            row += PackedSplit.TileChannels;
        }
    }

    /// <summary>Writes the chunk's gradients of X, Dt and Z, and adds to the tile's sums for D and the bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Finish<TLanes, TVector>(
        in ScanPlan plan, in ScanGradientPlan gradient, in ScanTile tile, int sequence, int firstStep, int steps,
        in ScanGradientRows rows, float* gradD, float* gradBias)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        nint direction = plan.Reverse ? -1 : 1, token = plan.TokenAt(sequence, firstStep), row = 0;
        bool softplus = plan.Softplus, gated = plan.Z != null;
        int channels = tile.Channels;
        float* x = plan.X + (token * plan.XStride) + tile.FirstChannel;
        float* gradX = gradient.GradX + (token * gradient.GradXStride) + tile.FirstChannel;
        float* gradDt = gradient.GradDt + (token * gradient.GradDtStride) + tile.FirstChannel;
        float* gradZ = gated ? gradient.GradZ + (token * gradient.GradZStride) + tile.FirstChannel : null;
        TVector ln2 = TLanes.Create(ScanMath.Ln2);
        for (int step = 0; step < steps; step++)
        {
            for (int c = 0; c < channels; c += TLanes.Count)
            {
                int count = channels - c;
                TVector value = LaneRows.LoadPart<TLanes, TVector>(x + c, count);
                TVector output = TLanes.Load(rows.GradY + row + c), input = TLanes.Load(rows.GradDeltaX + row + c);
                TVector toX = TLanes.MultiplyAdd(input, TLanes.Load(rows.Delta + row + c), TLanes.Multiply(TLanes.Load(rows.D + c), output));
                TVector toDt = TLanes.MultiplyAdd(input, value, TLanes.Multiply(TLanes.Load(rows.GradDelta + row + c), ln2));
                if (softplus)
                    toDt = TLanes.Multiply(toDt, TLanes.Load(rows.DtSlope + row + c));
                LaneRows.StoreOrAddPart<TLanes, TVector>(gradX + c, toX, count, gradient.AccumulateX);
                LaneRows.StoreOrAddPart<TLanes, TVector>(gradDt + c, toDt, count, gradient.AccumulateDt);
                TLanes.Store(gradD + c, TLanes.MultiplyAdd(output, value, TLanes.Load(gradD + c)));
                TLanes.Store(gradBias + c, TLanes.Add(toDt, TLanes.Load(gradBias + c)));
                if (gated)
                {
                    TVector toZ = TLanes.Multiply(TLanes.Load(rows.Y + row + c), TLanes.Load(rows.GateSlope + row + c));
                    LaneRows.StoreOrAddPart<TLanes, TVector>(gradZ + c, toZ, count, gradient.AccumulateZ);
                }
            }

            x += direction * plan.XStride;
            gradX += direction * gradient.GradXStride;
            gradDt += direction * gradient.GradDtStride;
            gradZ += direction * gradient.GradZStride;
            row += PackedSplit.TileChannels;
        }
    }
}
