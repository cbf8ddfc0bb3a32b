namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>
/// Cross-entropy with label smoothing e and class weights w, in double:
/// <c>sum over i of [(1 - e) w[y] (-ln p[i, y]) + e / C * sum over c of w[c] (-ln p[i, c])] / sum over i of w[y]</c>; 0 where all targets weigh nothing.
/// </summary>
internal sealed class LossPass(MambaTrainingSettings settings, int classes)
{
    private readonly double[] _weights =
    [
        .. settings.ClassWeights.Count > 0 ? settings.ClassWeights.Select(weight => (double)weight) : Enumerable.Repeat(1.0, classes),
    ];

    /// <param name="logits">[sequences, classes].</param>
    /// <param name="targets">[sequences].</param>
    public Tensor Compute(Tensor logits, ReadOnlySpan<int> targets)
    {
        var weights = new double[targets.Length];
        double total = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            weights[i] = (1 - (double)settings.LabelSmoothing) * _weights[targets[i]];
            total += _weights[targets[i]];
        }

        Device device = logits.device;
        Tensor logShares = nn.functional.log_softmax(logits.to(ScalarType.Float64), 1);
        Tensor chosen = logShares.gather(1, DeviceData.Indices(targets, device).unsqueeze(1)).squeeze(1);
        Tensor loss = (chosen * DeviceData.Doubles(weights, device)).sum();
        if (settings.LabelSmoothing > 0)
        {
            double share = settings.LabelSmoothing / (double)classes;
            loss = loss + (logShares * DeviceData.Doubles(_weights, device)).sum() * share;
        }

        return loss * (total > 0 ? -1 / total : 0);
    }
}
