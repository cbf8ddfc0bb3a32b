using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>The recurrence backwards: one block of channels, four states, one chunk of tokens.</summary>
internal static unsafe class ScanGradientStates
{
    private const int Row = PackedSplit.TileChannels;
    private const int PackedRow = 2 * PackedSplit.StatesAtOnce;

    /// <summary>
    /// As <see cref="ScanStates.Advance"/> from the chunk's first state <paramref name="start"/>, and keeps every
    /// aBar, [step][4][lanes], and every state, [step + 1][4][lanes] with the first one in front.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Replay<TLanes, TVector>(
        float* delta, float* deltaX, float* y, float* packed, float* a, float* start, float* decays, float* states, int steps)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector a0 = TLanes.Load(a), a1 = TLanes.Load(a + TLanes.Count), a2 = TLanes.Load(a + (2 * TLanes.Count)), a3 = TLanes.Load(a + (3 * TLanes.Count));
        TVector h0 = TLanes.Load(start), h1 = TLanes.Load(start + TLanes.Count);
        TVector h2 = TLanes.Load(start + (2 * TLanes.Count)), h3 = TLanes.Load(start + (3 * TLanes.Count));
        TLanes.Store(states, h0);
        TLanes.Store(states + TLanes.Count, h1);
        TLanes.Store(states + (2 * TLanes.Count), h2);
        TLanes.Store(states + (3 * TLanes.Count), h3);
        for (int step = 0; step < steps; step++)
        {
            states += PackedSplit.StatesAtOnce * TLanes.Count;
            TVector time = TLanes.Load(delta), input = TLanes.Load(deltaX), sum = TLanes.Load(y);
            TVector decay0 = ScanMath.Exp2<TLanes, TVector>(time, a0);
            h0 = TLanes.MultiplyAdd(decay0, h0, TLanes.Multiply(input, TLanes.Create(packed[0])));
            sum = TLanes.MultiplyAdd(h0, TLanes.Create(packed[4]), sum);
            TLanes.Store(decays, decay0);
            TLanes.Store(states, h0);
            TVector decay1 = ScanMath.Exp2<TLanes, TVector>(time, a1);
            h1 = TLanes.MultiplyAdd(decay1, h1, TLanes.Multiply(input, TLanes.Create(packed[1])));
            sum = TLanes.MultiplyAdd(h1, TLanes.Create(packed[5]), sum);
            TLanes.Store(decays + TLanes.Count, decay1);
            TLanes.Store(states + TLanes.Count, h1);
            TVector decay2 = ScanMath.Exp2<TLanes, TVector>(time, a2);
            h2 = TLanes.MultiplyAdd(decay2, h2, TLanes.Multiply(input, TLanes.Create(packed[2])));
            sum = TLanes.MultiplyAdd(h2, TLanes.Create(packed[6]), sum);
            TLanes.Store(decays + (2 * TLanes.Count), decay2);
            TLanes.Store(states + (2 * TLanes.Count), h2);
            TVector decay3 = ScanMath.Exp2<TLanes, TVector>(time, a3);
            h3 = TLanes.MultiplyAdd(decay3, h3, TLanes.Multiply(input, TLanes.Create(packed[3])));
            sum = TLanes.MultiplyAdd(h3, TLanes.Create(packed[7]), sum);
            TLanes.Store(decays + (3 * TLanes.Count), decay3);
            TLanes.Store(states + (3 * TLanes.Count), h3);
            TLanes.Store(y, sum);
            delta += Row;
            deltaX += Row;
            y += Row;
            packed += PackedRow;
            decays += PackedSplit.StatesAtOnce * TLanes.Count;
        }
    }

    /// <summary>
    /// From the chunk's last token to its first, with g_t = dL/dh_t = C gradY + aBar_{t+1} g_{t+1}:
    /// gradB += g delta x, gradC += gradY h (lane by lane into <paramref name="partials"/>, [step][B, C][4][lanes]), gradDeltaX += g B,
    /// gradDelta += g aBar h_{t-1} A log2(e), gradA += g aBar h_{t-1} delta. <paramref name="carry"/> is aBar g, [4][lanes].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Retreat<TLanes, TVector>(
        float* delta,
        float* deltaX,
        float* gradY,
        float* gradDelta,
        float* gradDeltaX,
        float* packed,
        float* a,
        float* decays,
        float* states,
        float* carry,
        float* gradA,
        float* partials,
        int steps)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector a0 = TLanes.Load(a), a1 = TLanes.Load(a + TLanes.Count), a2 = TLanes.Load(a + (2 * TLanes.Count)), a3 = TLanes.Load(a + (3 * TLanes.Count));
        TVector c0 = TLanes.Load(carry), c1 = TLanes.Load(carry + TLanes.Count);
        TVector c2 = TLanes.Load(carry + (2 * TLanes.Count)), c3 = TLanes.Load(carry + (3 * TLanes.Count));
        TVector s0 = TLanes.Load(gradA), s1 = TLanes.Load(gradA + TLanes.Count);
        TVector s2 = TLanes.Load(gradA + (2 * TLanes.Count)), s3 = TLanes.Load(gradA + (3 * TLanes.Count));
        for (int step = steps - 1; step >= 0; step--)
        {
            nint row = (nint)step * Row;
            float* projections = packed + (step * PackedRow);
            float* decay = decays + (step * PackedSplit.StatesAtOnce * TLanes.Count);
            float* before = states + (step * PackedSplit.StatesAtOnce * TLanes.Count), after = before + (PackedSplit.StatesAtOnce * TLanes.Count);
            float* partialB = partials + (step * PackedRow * TLanes.Count), partialC = partialB + (PackedSplit.StatesAtOnce * TLanes.Count);
            TVector time = TLanes.Load(delta + row), input = TLanes.Load(deltaX + row), output = TLanes.Load(gradY + row);
            TVector sumTime = TLanes.Load(gradDelta + row), sumInput = TLanes.Load(gradDeltaX + row);

            TVector g0 = TLanes.MultiplyAdd(output, TLanes.Create(projections[4]), c0);
            TLanes.Store(partialB, TLanes.MultiplyAdd(g0, input, TLanes.Load(partialB)));
            TLanes.Store(partialC, TLanes.MultiplyAdd(output, TLanes.Load(after), TLanes.Load(partialC)));
            sumInput = TLanes.MultiplyAdd(g0, TLanes.Create(projections[0]), sumInput);
            c0 = TLanes.Multiply(g0, TLanes.Load(decay));
            g0 = TLanes.Multiply(c0, TLanes.Load(before));
            sumTime = TLanes.MultiplyAdd(g0, a0, sumTime);
            s0 = TLanes.MultiplyAdd(g0, time, s0);

            TVector g1 = TLanes.MultiplyAdd(output, TLanes.Create(projections[5]), c1);
            TLanes.Store(partialB + TLanes.Count, TLanes.MultiplyAdd(g1, input, TLanes.Load(partialB + TLanes.Count)));
            TLanes.Store(partialC + TLanes.Count, TLanes.MultiplyAdd(output, TLanes.Load(after + TLanes.Count), TLanes.Load(partialC + TLanes.Count)));
            sumInput = TLanes.MultiplyAdd(g1, TLanes.Create(projections[1]), sumInput);
            c1 = TLanes.Multiply(g1, TLanes.Load(decay + TLanes.Count));
            g1 = TLanes.Multiply(c1, TLanes.Load(before + TLanes.Count));
            sumTime = TLanes.MultiplyAdd(g1, a1, sumTime);
            s1 = TLanes.MultiplyAdd(g1, time, s1);

            TVector g2 = TLanes.MultiplyAdd(output, TLanes.Create(projections[6]), c2);
            TLanes.Store(partialB + (2 * TLanes.Count), TLanes.MultiplyAdd(g2, input, TLanes.Load(partialB + (2 * TLanes.Count))));
            TLanes.Store(
                partialC + (2 * TLanes.Count),
                TLanes.MultiplyAdd(output, TLanes.Load(after + (2 * TLanes.Count)), TLanes.Load(partialC + (2 * TLanes.Count))));
            sumInput = TLanes.MultiplyAdd(g2, TLanes.Create(projections[2]), sumInput);
            c2 = TLanes.Multiply(g2, TLanes.Load(decay + (2 * TLanes.Count)));
            g2 = TLanes.Multiply(c2, TLanes.Load(before + (2 * TLanes.Count)));
            sumTime = TLanes.MultiplyAdd(g2, a2, sumTime);
            s2 = TLanes.MultiplyAdd(g2, time, s2);

            TVector g3 = TLanes.MultiplyAdd(output, TLanes.Create(projections[7]), c3);
            TLanes.Store(partialB + (3 * TLanes.Count), TLanes.MultiplyAdd(g3, input, TLanes.Load(partialB + (3 * TLanes.Count))));
            TLanes.Store(
                partialC + (3 * TLanes.Count),
                TLanes.MultiplyAdd(output, TLanes.Load(after + (3 * TLanes.Count)), TLanes.Load(partialC + (3 * TLanes.Count))));
            sumInput = TLanes.MultiplyAdd(g3, TLanes.Create(projections[3]), sumInput);
            c3 = TLanes.Multiply(g3, TLanes.Load(decay + (3 * TLanes.Count)));
            g3 = TLanes.Multiply(c3, TLanes.Load(before + (3 * TLanes.Count)));
            sumTime = TLanes.MultiplyAdd(g3, a3, sumTime);
            s3 = TLanes.MultiplyAdd(g3, time, s3);

            TLanes.Store(gradDelta + row, sumTime);
            TLanes.Store(gradDeltaX + row, sumInput);
        }

        TLanes.Store(carry, c0);
        TLanes.Store(carry + TLanes.Count, c1);
        TLanes.Store(carry + (2 * TLanes.Count), c2);
        TLanes.Store(carry + (3 * TLanes.Count), c3);
        TLanes.Store(gradA, s0);
        TLanes.Store(gradA + TLanes.Count, s1);
        TLanes.Store(gradA + (2 * TLanes.Count), s2);
        TLanes.Store(gradA + (3 * TLanes.Count), s3);
    }

    /// <summary>
    /// Adds up the lanes of a chunk's partial gradients: four states of B to one row a token, four of C <paramref name="toC"/> floats further.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumLanes<TLanes, TVector>(float* partials, float* to, nint toC, nint stride, int steps)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        for (int step = 0; step < steps; step++)
        {
            ScanMath.StoreSums<TLanes, TVector>(
                to,
                TLanes.Load(partials),
                TLanes.Load(partials + TLanes.Count),
                TLanes.Load(partials + (2 * TLanes.Count)),
                TLanes.Load(partials + (3 * TLanes.Count)));
            ScanMath.StoreSums<TLanes, TVector>(
                to + toC,
                TLanes.Load(partials + (4 * TLanes.Count)),
                TLanes.Load(partials + (5 * TLanes.Count)),
                TLanes.Load(partials + (6 * TLanes.Count)),
                TLanes.Load(partials + (7 * TLanes.Count)));
            partials += PackedRow * TLanes.Count;
            to += stride;
        }
    }
}
