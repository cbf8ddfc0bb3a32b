namespace Microsoft.ML.Mamba.EngineConformance.Reference;

/// <summary>AdamW with decoupled decay (Loshchilov and Hutter, algorithm 2) over one parameter, in double precision.</summary>
public sealed class ReferenceAdamW(double[] values, MambaTrainingSettings settings, bool decays)
{
    private readonly double[] _mean = new double[values.Length];
    private readonly double[] _square = new double[values.Length];
    private int _step;

    public double[] Values { get; } = values;

    public void Step(double[] gradient, double learningRate)
    {
        _step++;
        double meanCorrection = 1 - Math.Pow(settings.Beta1, _step), squareCorrection = 1 - Math.Pow(settings.Beta2, _step);
        for (int i = 0; i < Values.Length; i++)
        {
            _mean[i] = settings.Beta1 * _mean[i] + (1 - settings.Beta1) * gradient[i];
            _square[i] = settings.Beta2 * _square[i] + (1 - settings.Beta2) * gradient[i] * gradient[i];
            if (decays)
                Values[i] *= 1 - learningRate * settings.WeightDecay;
            Values[i] -= learningRate * (_mean[i] / meanCorrection) / (Math.Sqrt(_square[i] / squareCorrection) + settings.AdamEpsilon);
        }
    }
}
