namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class CausalConv1d
{
    private static int ForwardWorkspace(in ScanSplit split, int k) => checked(split.PaddedChannels * (k + 1));

    private static unsafe void RunForward(in ConvPlan p, in ConvOutputPlan o, float* workspace, CpuParallel parallel)
    {
        float[] last = new float[p.KernelSize - 1];
        for (int s = 0; s < p.Sequences; s++)
        {
            for (int c = 0; c < p.Channels; c++)
            {
                for (int step = 0; step < p.LengthOf(s); step++)
                {
                    nint t = p.TokenAt(s, step);
                    float y = PreActivation(p, s, c, step);
                    o.Y[t * o.YStride + c] = p.Silu ? y / (1 + MathF.Exp(-y)) : y;
                }

                if (o.FinalInputs == null)
                    continue;
                int back = p.KernelSize - 1;
                for (int j = 0; j < back; j++)
                    last[j] = InputAt(p, s, c, p.LengthOf(s) - back + j);
                for (int j = 0; j < back; j++)
                    o.FinalInputs[((((nint)s * back) + j) * p.Channels) + c] = last[j];
            }
        }
    }

    private static unsafe float PreActivation(in ConvPlan p, int s, int c, int step)
    {
        float y = p.Bias == null ? 0 : p.Bias[c];
        for (int j = 0; j < p.KernelSize; j++)
            y += p.Weight[c * p.KernelSize + j] * InputAt(p, s, c, step - p.KernelSize + 1 + j);
        return y;
    }

    private static unsafe float InputAt(in ConvPlan p, int s, int c, int step)
    {
        int back = p.KernelSize - 1;
        if (step >= 0)
            return p.X[p.TokenAt(s, step) * p.XStride + c];
        return p.InitialInputs == null ? 0 : p.InitialInputs[((((nint)s * back) + back + step) * p.Channels) + c];
    }
}
