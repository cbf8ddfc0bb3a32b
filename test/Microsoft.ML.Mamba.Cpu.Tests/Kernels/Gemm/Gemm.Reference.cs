using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

internal static class GemmReference
{
    public static double[] Multiply(GemmKind kind, int m, int n, int k, TestMatrix a, TestMatrix b, float[]? bias, TestMatrix? c)
    {
        var result = new double[m * n];
        double[] left = a.ToDoubles(), right = b.ToDoubles();
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = (bias is null ? 0 : bias[j]) + (c is null ? 0.0 : c[i, j]);
                for (int l = 0; l < k; l++)
                    sum += left[kind == GemmKind.TN ? l * m + i : i * k + l] * right[kind == GemmKind.NT ? j * k + l : l * n + j];
                result[i * n + j] = sum;
            }
        }

        return result;
    }
}
