namespace Microsoft.ML.Mamba.EngineConformance.Reference;

public static class FiniteDifference
{
    private const double Step = 1e-5;

    /// <summary>Central differences of a function of the model with respect to every element of every parameter.</summary>
    public static Dictionary<string, double[]> Gradient(ReferenceModel model, Func<double> loss)
    {
        var gradients = new Dictionary<string, double[]>();
        foreach ((string name, double[] values) in model.Parameters)
        {
            double[] gradient = new double[values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                double value = values[i];
                values[i] = value + Step;
                double above = loss();
                values[i] = value - Step;
                gradient[i] = (above - loss()) / (2 * Step);
                values[i] = value;
            }

            gradients.Add(name, gradient);
        }

        return gradients;
    }
}
