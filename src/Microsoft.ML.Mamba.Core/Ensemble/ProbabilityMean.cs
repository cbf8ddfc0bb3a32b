namespace Microsoft.ML.Mamba;

/// <summary>
/// The mean of the softmax of several models' logits, kept as logarithms in double precision, so that no probability becomes 0. The logits of
/// a single model stay as they are.
/// </summary>
/// <param name="length">Rows x classes.</param>
/// <param name="classes">Logits of a row.</param>
/// <param name="models">How many are added.</param>
internal sealed class ProbabilityMean(int length, int classes, int models)
{
    private readonly double[] _logSum = models == 1 ? [] : new double[length];
    private int _count;

    /// <summary>Adds one model's logits <c>[rows, classes]</c>.</summary>
    public void Add(ReadOnlySpan<float> logits)
    {
        if (models == 1)
            return;
        for (int start = 0; start < length; start += classes)
        {
            ReadOnlySpan<float> row = logits.Slice(start, classes);
            double norm = Logits.LogSumExp(row);
            Span<double> sum = _logSum.AsSpan(start, classes);
            for (int k = 0; k < classes; k++)
                sum[k] = _count == 0 ? row[k] - norm : LogAdd(sum[k], row[k] - norm);
        }

        _count++;
    }

    /// <summary>Puts the logarithms of the mean, <c>[rows, classes]</c>, where the logits that were added last stand.</summary>
    public void Replace(Span<float> output)
    {
        if (models == 1)
            return;
        double norm = Math.Log(models);
        for (int i = 0; i < length; i++)
            output[i] = (float)(_logSum[i] - norm);
    }

    // log(exp(a) + exp(b)); NaN stays NaN.
    private static double LogAdd(double a, double b)
    {
        double max = Math.Max(a, b);
        return max + Math.Log(1 + Math.Exp(Math.Min(a, b) - max));
    }
}
