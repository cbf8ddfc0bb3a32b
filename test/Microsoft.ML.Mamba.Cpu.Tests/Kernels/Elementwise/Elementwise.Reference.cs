namespace Microsoft.ML.Mamba.Cpu.Tests;

internal static class ElementwiseReference
{
    public static double Silu(double x) => x / (1 + Math.Exp(-x));

    public static double[] Gate(double[] y, double[] z) => [.. y.Zip(z, (a, b) => a * Silu(b))];

    public static double[] ColumnSum(int rows, int channels, double[] x, double[] start)
    {
        double[] sum = [.. start];
        for (int i = 0; i < rows * channels; i++)
            sum[i % channels] += x[i];
        return sum;
    }
}
