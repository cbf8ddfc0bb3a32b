namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class CausalConv1d
{
    private static int BackwardWorkspace(in ScanSplit split, int k) => checked(split.PaddedChannels * (k + 1) * (1 + split.Runs));

    private static unsafe void RunBackward(in ConvPlan p, in ConvGradientPlan q, float* workspace, CpuParallel parallel)
    {
        for (nint t = 0; t < p.Tokens && !q.AccumulateX; t++)
            new Span<float>(q.GradX + t * q.GradXStride, p.Channels).Clear();
        for (int s = 0; s < p.Sequences; s++)
        {
            for (int c = 0; c < p.Channels; c++)
            {
                for (int step = 0; step < p.LengthOf(s); step++)
                {
                    float g = q.GradY[p.TokenAt(s, step) * q.GradYStride + c];
                    if (p.Silu)
                    {
                        float v = PreActivation(p, s, c, step), sig = 1 / (1 + MathF.Exp(-v));
                        g *= sig * (1 + (v * (1 - sig)));
                    }

                    if (q.GradBias != null)
                        q.GradBias[c] += g;
                    for (int j = 0; j < p.KernelSize; j++)
                    {
                        int from = step - p.KernelSize + 1 + j;
                        q.GradWeight[c * p.KernelSize + j] += g * InputAt(p, s, c, from);
                        if (from >= 0)
                            q.GradX[p.TokenAt(s, from) * q.GradXStride + c] += g * p.Weight[c * p.KernelSize + j];
                    }
                }
            }
        }
    }
}
