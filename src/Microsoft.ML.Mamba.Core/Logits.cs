namespace Microsoft.ML.Mamba;

/// <summary>What all engines and scorers read from one row's logits in the same way.</summary>
internal static class Logits
{
    /// <summary>The class of the largest logit, or probability; of equal ones the first.</summary>
    public static int IndexOfLargest(ReadOnlySpan<float> row)
    {
        int largest = 0;
        for (int k = 1; k < row.Length; k++)
        {
            if (row[k] > row[largest])
                largest = k;
        }

        return largest;
    }

    /// <summary>log(sum exp(logit)); the largest logit is taken off so that nothing overflows. NaN where a logit is NaN or infinite.</summary>
    public static double LogSumExp(ReadOnlySpan<float> row)
    {
        double max = double.NegativeInfinity, sum = 0;
        foreach (float logit in row)
            max = Math.Max(max, logit);
        foreach (float logit in row)
            sum += Math.Exp(logit - max);
        return max + Math.Log(sum);
    }
}
