namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class SelectiveScan
{
    private static int BackwardWorkspace(in ScanSplit split, int tokens, int stateSize)
    {
        return checked(((split.PaddedChannels * (stateSize + 2)) * (1 + split.Runs)) + (2 * tokens * split.Tiles * stateSize));
    }

    private static unsafe void RunBackward(in ScanPlan p, in ScanGradientPlan q, float* workspace, CpuParallel parallel)
    {
        int n = p.StateSize;
        for (nint t = 0; t < p.Tokens; t++)
        {
            for (int i = 0; i < n * p.Groups; i++)
            {
                q.GradB[t * q.GradBStride + i] = q.AccumulateB ? q.GradB[t * q.GradBStride + i] : 0;
                q.GradC[t * q.GradCStride + i] = q.AccumulateC ? q.GradC[t * q.GradCStride + i] : 0;
            }
        }

        for (int s = 0; s < p.Sequences; s++)
        {
            int length = p.LengthOf(s);
            float[] h = new float[(length + 1) * n];
            float[] gh = new float[n];
            for (int c = 0; c < p.Channels; c++)
            {
                int g = c / p.ChannelsPerGroup;
                nint at = (((nint)s * p.Channels) + c) * n;
                for (int i = 0; i < n; i++)
                {
                    h[i] = p.InitialState == null ? 0 : p.InitialState[at + i];
                    gh[i] = q.GradFinalState == null ? 0 : q.GradFinalState[at + i];
                }

                for (int step = 0; step < length; step++)
                {
                    nint t = p.TokenAt(s, step);
                    float delta = Delta(p, t, c);
                    for (int i = 0; i < n; i++)
                        h[(step + 1) * n + i] = (MathF.Exp(delta * p.A[c * n + i]) * h[step * n + i]) + (delta * p.X[t * p.XStride + c] * p.B[t * p.BStride + g * n + i]);
                }

                for (int step = length - 1; step >= 0; step--)
                {
                    nint t = p.TokenAt(s, step);
                    float x = p.X[t * p.XStride + c], delta = Delta(p, t, c), gy = q.GradY[t * q.GradYStride + c];
                    if (p.Z != null)
                    {
                        float z = p.Z[t * p.ZStride + c], sig = 1 / (1 + MathF.Exp(-z)), y = p.D == null ? 0 : p.D[c] * x;
                        for (int i = 0; i < n; i++)
                            y += h[(step + 1) * n + i] * p.C[t * p.CStride + g * n + i];
                        float gz = gy * y * sig * (1 + z * (1 - sig));
                        float* to = q.GradZ + t * q.GradZStride + c;
                        *to = q.AccumulateZ ? *to + gz : gz;
                        gy *= z * sig;
                    }

                    float gdx = 0, gdelta = 0;
                    for (int i = 0; i < n; i++)
                    {
                        float a = MathF.Exp(delta * p.A[c * n + i]), b = p.B[t * p.BStride + g * n + i];
                        gh[i] += gy * p.C[t * p.CStride + g * n + i];
                        q.GradC[t * q.GradCStride + g * n + i] += gy * h[(step + 1) * n + i];
                        q.GradB[t * q.GradBStride + g * n + i] += gh[i] * delta * x;
                        gdx += gh[i] * b;
                        float w = gh[i] * a * h[step * n + i];
                        gdelta += w * p.A[c * n + i];
                        q.GradA[c * n + i] += w * delta;
                        gh[i] *= a;
                    }

                    float gx = (gdx * delta) + (p.D == null ? 0 : p.D[c] * gy), gdt = gdelta + (gdx * x);
                    if (p.D != null)
                        q.GradD[c] += gy * x;
                    if (p.Softplus)
                        gdt *= 1 / (1 + MathF.Exp(-(p.Dt[t * p.DtStride + c] + (p.DtBias == null ? 0 : p.DtBias[c]))));
                    if (p.DtBias != null)
                        q.GradDtBias[c] += gdt;
                    float* gxTo = q.GradX + t * q.GradXStride + c, gdtTo = q.GradDt + t * q.GradDtStride + c;
                    *gxTo = q.AccumulateX ? *gxTo + gx : gx;
                    *gdtTo = q.AccumulateDt ? *gdtTo + gdt : gdt;
                }

                for (int i = 0; i < n && q.GradInitialState != null; i++)
                    q.GradInitialState[at + i] = gh[i];
            }
        }
    }
}
