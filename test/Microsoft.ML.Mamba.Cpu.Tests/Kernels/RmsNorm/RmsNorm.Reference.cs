namespace Microsoft.ML.Mamba.Cpu.Tests;

internal static class RmsNormReference
{
    public static double[] Forward(int rows, int channels, double[] x, double[]? weight, double epsilon)
    {
        var y = new double[rows * channels];
        for (int t = 0; t < rows; t++)
        {
            double squares = 0;
            for (int c = 0; c < channels; c++)
                squares += x[t * channels + c] * x[t * channels + c];
            double r = 1 / Math.Sqrt(squares / channels + epsilon);
            for (int c = 0; c < channels; c++)
                y[t * channels + c] = x[t * channels + c] * r * (weight is null ? 1 : weight[c]);
        }

        return y;
    }
}
