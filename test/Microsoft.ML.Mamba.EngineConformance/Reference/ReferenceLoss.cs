namespace Microsoft.ML.Mamba.EngineConformance.Reference;

public static class ReferenceLoss
{
    /// <summary>
    /// Cross-entropy to the smoothed target distribution, each class's term weighted by the class's weight, divided by the sum of the targets' weights.
    /// </summary>
    public static double CrossEntropy(double[] logits, ReadOnlySpan<int> targets, double labelSmoothing = 0, IReadOnlyList<float>? classWeights = null)
    {
        int classes = logits.Length / targets.Length;
        double loss = 0, weights = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double[] row = logits[(i * classes)..((i + 1) * classes)];
            double max = row.Max();
            double logSum = max + Math.Log(row.Sum(value => Math.Exp(value - max)));
            double WeightOf(int k) => classWeights is { Count: > 0 } ? classWeights[k] : 1;
            for (int k = 0; k < classes; k++)
                loss += (labelSmoothing / classes + (k == targets[i] ? 1 - labelSmoothing : 0)) * WeightOf(k) * (logSum - row[k]);
            weights += WeightOf(targets[i]);
        }

        return weights == 0 ? 0 : loss / weights;
    }
}
