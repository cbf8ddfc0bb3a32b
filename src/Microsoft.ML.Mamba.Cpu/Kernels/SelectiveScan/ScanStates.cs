using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The recurrence itself: one block of channels, four states, one chunk of tokens. One exponential for each state, channel and token is
/// the limit.
/// </summary>
internal static unsafe class ScanStates
{
    private const int Row = PackedSplit.TileChannels;
    private const int PackedRow = 2 * PackedSplit.StatesAtOnce;

    /// <summary>
    /// h = exp(delta A) h + delta x B and y += C h. The states stay in registers over the chunk; B and C are broadcast, so lanes never meet.
    /// <paramref name="a"/> is A log2(e) and, as <paramref name="h"/>, [4][lanes].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Advance<TLanes, TVector>(float* delta, float* deltaX, float* y, float* packed, float* a, float* h, int steps)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector a0 = TLanes.Load(a), a1 = TLanes.Load(a + TLanes.Count), a2 = TLanes.Load(a + (2 * TLanes.Count)), a3 = TLanes.Load(a + (3 * TLanes.Count));
        TVector h0 = TLanes.Load(h), h1 = TLanes.Load(h + TLanes.Count), h2 = TLanes.Load(h + (2 * TLanes.Count)), h3 = TLanes.Load(h + (3 * TLanes.Count));
        for (int step = 0; step < steps; step++)
        {
            TVector time = TLanes.Load(delta), input = TLanes.Load(deltaX), sum = TLanes.Load(y);
            h0 = TLanes.MultiplyAdd(ScanMath.Exp2<TLanes, TVector>(time, a0), h0, TLanes.Multiply(input, TLanes.Create(packed[0])));
            sum = TLanes.MultiplyAdd(h0, TLanes.Create(packed[4]), sum);
            h1 = TLanes.MultiplyAdd(ScanMath.Exp2<TLanes, TVector>(time, a1), h1, TLanes.Multiply(input, TLanes.Create(packed[1])));
            sum = TLanes.MultiplyAdd(h1, TLanes.Create(packed[5]), sum);
            h2 = TLanes.MultiplyAdd(ScanMath.Exp2<TLanes, TVector>(time, a2), h2, TLanes.Multiply(input, TLanes.Create(packed[2])));
            sum = TLanes.MultiplyAdd(h2, TLanes.Create(packed[6]), sum);
            h3 = TLanes.MultiplyAdd(ScanMath.Exp2<TLanes, TVector>(time, a3), h3, TLanes.Multiply(input, TLanes.Create(packed[3])));
            sum = TLanes.MultiplyAdd(h3, TLanes.Create(packed[7]), sum);
            TLanes.Store(y, sum);
            delta += Row;
            deltaX += Row;
            y += Row;
            packed += PackedRow;
        }

        TLanes.Store(h, h0);
        TLanes.Store(h + TLanes.Count, h1);
        TLanes.Store(h + (2 * TLanes.Count), h2);
        TLanes.Store(h + (3 * TLanes.Count), h3);
    }
}
