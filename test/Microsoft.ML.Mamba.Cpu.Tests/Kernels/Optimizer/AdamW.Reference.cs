using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

internal static class AdamWReference
{
    public static void Step(in AdamWSettings s, double[] p, double[] g, double[] m, double[] v, Predicate<int> decays)
    {
        for (int i = 0; i < p.Length; i++)
        {
            double gradient = g[i] * s.GradientScale;
            if (decays(i))
                p[i] -= (double)s.LearningRate * s.WeightDecay * p[i];
            m[i] = s.Beta1 * m[i] + (1.0 - s.Beta1) * gradient;
            v[i] = s.Beta2 * v[i] + (1.0 - s.Beta2) * gradient * gradient;
            double mHat = m[i] / (1 - Math.Pow(s.Beta1, s.Step)), vHat = v[i] / (1 - Math.Pow(s.Beta2, s.Step));
            p[i] -= s.LearningRate * mHat / (Math.Sqrt(vHat) + s.Epsilon);
        }
    }
}
