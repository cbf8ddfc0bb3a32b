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
                gradient[i] = Derivative(values, i, loss);
            gradients.Add(name, gradient);
        }

        return gradients;
    }

    /// <summary>As <see cref="Gradient"/>, for some elements of every parameter: for models with too many.</summary>
    public static IEnumerable<(string Name, int Index, double Value)> Sample(ReferenceModel model, int count, int seed, Func<double> loss)
    {
        var random = new Random(seed);
        foreach ((string name, double[] values) in model.Parameters)
        {
            for (int i = 0; i < count; i++)
            {
                int index = random.Next(values.Length);
                yield return (name, index, Derivative(values, index, loss));
            }
        }
    }

    private static double Derivative(double[] values, int index, Func<double> loss)
    {
        double value = values[index];
        values[index] = value + Step;
        double above = loss();
        values[index] = value - Step;
        double below = loss();
        values[index] = value;
        return (above - below) / (2 * Step);
    }
}
