namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class SelectiveScan
{
    private static int ForwardWorkspace(in ScanSplit split, int stateSize) => checked(split.PaddedChannels * stateSize * (1 + split.Runs));

    private static unsafe void RunForward(in ScanPlan p, in ScanOutputPlan o, float* workspace, CpuParallel parallel)
    {
        int n = p.StateSize;
        float[] h = new float[n];
        for (int s = 0; s < p.Sequences; s++)
        {
            for (int c = 0; c < p.Channels; c++)
            {
                int g = c / p.ChannelsPerGroup;
                for (int i = 0; i < n; i++)
                    h[i] = p.InitialState == null ? 0 : p.InitialState[(((nint)s * p.Channels) + c) * n + i];
                for (int step = 0; step < p.LengthOf(s); step++)
                {
                    nint t = p.TokenAt(s, step);
                    float x = p.X[t * p.XStride + c], delta = Delta(p, t, c), y = p.D == null ? 0 : p.D[c] * x;
                    for (int i = 0; i < n; i++)
                    {
                        h[i] = (MathF.Exp(delta * p.A[c * n + i]) * h[i]) + (delta * x * p.B[t * p.BStride + g * n + i]);
                        y += h[i] * p.C[t * p.CStride + g * n + i];
                    }

                    if (p.Z != null)
                        y *= p.Z[t * p.ZStride + c] / (1 + MathF.Exp(-p.Z[t * p.ZStride + c]));
                    float* to = o.Y + t * o.YStride + c;
                    *to = o.AccumulateY ? *to + y : y;
                }

                for (int i = 0; i < n && o.FinalState != null; i++)
                    o.FinalState[(((nint)s * p.Channels) + c) * n + i] = h[i];
            }
        }
    }

    private static unsafe float Delta(in ScanPlan p, nint t, int c)
    {
        float dt = p.Dt[t * p.DtStride + c] + (p.DtBias == null ? 0 : p.DtBias[c]);
        return !p.Softplus ? dt : dt > 20 ? dt : MathF.Log(1 + MathF.Exp(dt));
    }
}
