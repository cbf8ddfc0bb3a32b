namespace Microsoft.ML.Mamba.Cpu.Tests;

internal static class CrossEntropyReference
{
    public static double[] Softmax(int rows, int classes, double[] x)
    {
        var p = new double[x.Length];
        for (int i = 0; i < rows; i++)
        {
            double max = double.NegativeInfinity, sum = 0;
            for (int c = 0; c < classes; c++)
                max = Math.Max(max, x[i * classes + c]);
            for (int c = 0; c < classes; c++)
                sum += Math.Exp(x[i * classes + c] - max);
            for (int c = 0; c < classes; c++)
                p[i * classes + c] = Math.Exp(x[i * classes + c] - max) / sum;
        }

        return p;
    }

    public static double Loss(int rows, int classes, double[] x, int[] targets, double smoothing, float[]? weights)
    {
        double[] p = Softmax(rows, classes, x);
        double loss = 0, total = 0;
        for (int i = 0; i < rows; i++)
        {
            double w = weights is null ? 1 : weights[targets[i]];
            total += w;
            loss -= (1 - smoothing) * w * Math.Log(p[i * classes + targets[i]]);
            for (int c = 0; c < classes; c++)
                loss -= smoothing / classes * (weights is null ? 1 : weights[c]) * Math.Log(p[i * classes + c]);
        }

        return loss / total;
    }
}
