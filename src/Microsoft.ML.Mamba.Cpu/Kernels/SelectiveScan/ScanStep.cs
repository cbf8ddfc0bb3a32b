using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The recurrent step: a sequence of a single token. Here the lanes are neighbouring states of one channel, because A and the state then
/// are read and written as they lie, which a single token could not pay for otherwise.
/// </summary>
internal static unsafe class ScanStep
{
    public static void Run(in ScanPlan plan, in ScanTile tile, int sequence, in ScanRows rows, float* initial, float* final, int lanes)
    {
        lanes = Math.Min(lanes, plan.StateSize);
        if (lanes >= Lanes512.Count)
            Run<Lanes512, Vector512<float>>(plan, tile, sequence, rows, initial, final);
        else if (lanes >= Lanes256.Count)
            Run<Lanes256, Vector256<float>>(plan, tile, sequence, rows, initial, final);
        else if (lanes >= Lanes128.Count)
            Run<Lanes128, Vector128<float>>(plan, tile, sequence, rows, initial, final);
        else
            Run<Lanes1, float>(plan, tile, sequence, rows, initial, final);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TLanes, TVector>(in ScanPlan plan, in ScanTile tile, int sequence, in ScanRows rows, float* initial, float* final)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int states = plan.StateSize;
        nint token = plan.TokenAt(sequence, 0);
        float* b = plan.B + (token * plan.BStride) + ((nint)tile.Group * states);
        float* c = plan.C + (token * plan.CStride) + ((nint)tile.Group * states);
        for (int channel = 0; channel < tile.Channels; channel++)
        {
            nint at = (nint)(tile.FirstChannel + channel) * states;
            float* a = plan.A + at, from = initial == null ? null : initial + at, to = final == null ? null : final + at;
            float time = rows.Delta[channel] * ScanMath.Log2E, input = rows.DeltaX[channel];
            TVector times = TLanes.Create(time), inputs = TLanes.Create(input), sums = TLanes.Create(0);
            int n = 0;
            for (; n <= states - TLanes.Count; n += TLanes.Count)
            {
                TVector h = TLanes.Multiply(inputs, TLanes.Load(b + n));
                if (from != null)
                    h = TLanes.MultiplyAdd(ScanMath.Exp2<TLanes, TVector>(times, TLanes.Load(a + n)), TLanes.Load(from + n), h);
                if (to != null)
                    TLanes.Store(to + n, h);
                sums = TLanes.MultiplyAdd(h, TLanes.Load(c + n), sums);
            }

            float sum = TLanes.Sum(sums);
            for (; n < states; n++)
            {
                float h = input * b[n];
                if (from != null)
                    h = Lanes1.MultiplyAdd(ScanMath.Exp2(time, a[n]), from[n], h);
                if (to != null)
                    to[n] = h;
                sum = Lanes1.MultiplyAdd(h, c[n], sum);
            }

            rows.Y[channel] += sum;
        }
    }
}
