namespace Microsoft.ML.Mamba;

/// <summary>Makes the initial weights of a model as the Mamba paper and its reference code do.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><description><c>A_log[d, n] = log(n + 1)</c>: S4D-real, A = -1, -2, ..., -N for every channel (paper, section 3.6); <c>D</c> and
/// norms 1.</description></item>
/// <item><description><c>dt_proj.bias = softplus^-1(delta)</c> with delta log-uniform in [<see cref="MambaConfig.TimeStepMin"/>,
/// <see cref="MambaConfig.TimeStepMax"/>] and at least <see cref="MambaConfig.TimeStepFloor"/>; <c>dt_proj.weight</c> uniform in
/// +-<see cref="MambaConfig.TimeStepScale"/> / sqrt(rank).</description></item>
/// <item><description>Other linear layers and the convolution uniform in +-1 / sqrt(fan-in), torch's default, and biases 0, but for the
/// convolution's, which is uniform as its weight, and the input projection's; out_proj divided by sqrt(<see cref="MambaConfig.NumLayers"/>) where
/// <see cref="MambaConfig.RescalePrenormResidual"/> is set.</description></item>
/// <item><description>The embeddings of tokens and positions and an untied language-model head normal with standard deviation
/// <see cref="MambaConfig.InitializerRange"/>, and so is the input projection's bias, while its weights have that deviation at most: a few
/// channels would drown the positions otherwise, and of one channel without a bias the first norm would leave little more than the sign; the
/// attention query 0, so that attention pooling starts as the mean; the classifier's weights uniform as other linear
/// layers'.</description></item>
/// </list>
/// Every parameter has its own random stream, made of the seed and its name: one more parameter changes no other.
/// </remarks>
public static class MambaInitializer
{
    /// <summary>Makes the weights of a configuration.</summary>
    /// <param name="config">The configuration; validated here.</param>
    /// <param name="seed">Any value; the same one gives the same weights on every platform.</param>
    /// <returns>Exactly the parameters of <see cref="MambaParameters.List"/>, in its order.</returns>
    /// <exception cref="ArgumentException">The configuration is invalid.</exception>
    public static MambaWeights Create(MambaConfig config, int seed)
    {
        var weights = new MambaWeights();
        foreach (MambaParameter parameter in MambaParameters.List(config))
        {
            var values = new float[parameter.Length];
            Fill(config, parameter, new MambaRandom(seed, parameter.Name), values);
            weights.Add(new MambaTensor(parameter.Name, parameter.Shape.ToArray(), values));
        }

        return weights;
    }

    private static void Fill(MambaConfig config, MambaParameter parameter, MambaRandom random, float[] values)
    {
        // The last two parts tell what a parameter is: "conv1d.weight", "mixer.A_log". A reversed direction's "_b" makes no difference.
        string[] parts = parameter.Name.Split('.');
        string owner = WithoutDirection(parts[^2]);
        string kind = WithoutDirection(parts[^1]);
        switch (owner, kind)
        {
            case (_, "A_log" or "A_b_log"):
                for (int i = 0; i < values.Length; i++)
                    values[i] = (float)Math.Log(i % config.DState + 1);
                break;
            case ("norm" or "norm_f", "weight") or (_, "D"):
                Array.Fill(values, 1f);
                break;
            case ("dt_proj", "bias"):
                FillStepBias(config, random, values);
                break;
            case ("dt_proj", "weight"):
                FillUniform(random, values, config.TimeStepScale / Math.Sqrt(config.EffectiveDtRank));
                break;
            case ("conv1d", _):
                FillUniform(random, values, 1 / Math.Sqrt(config.DConv));
                break;
            case ("embeddings" or "position_embeddings" or "lm_head", "weight"):
                FillNormal(random, values, config.InitializerRange);
                break;
            case ("input_projection", "weight"):
                FillUniform(random, values, Math.Min(1 / Math.Sqrt(config.InputWidth), Math.Sqrt(3) * config.InitializerRange));
                break;
            case ("input_projection", "bias"):
                FillNormal(random, values, config.InitializerRange);
                break;
            case ("out_proj", "weight"):
                FillUniform(random, values, 1 / Math.Sqrt(config.DInner) / (config.RescalePrenormResidual ? Math.Sqrt(config.NumLayers) : 1));
                break;
            case (_, "weight"):
                FillUniform(random, values, 1 / Math.Sqrt(parameter.Shape[^1]));
                break;
            case (_, "bias") or ("pooler", "query"):
                break;
            default:
                throw new InvalidOperationException($"No initial values are defined for parameter '{parameter.Name}'.");
        }
    }

    private static string WithoutDirection(string part) => part.EndsWith("_b", StringComparison.Ordinal) ? part[..^2] : part;

    private static void FillUniform(MambaRandom random, float[] values, double bound)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)random.NextUniform(-bound, bound);
    }

    private static void FillNormal(MambaRandom random, float[] values, double deviation)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(random.NextNormal() * deviation);
    }

    private static void FillStepBias(MambaConfig config, MambaRandom random, float[] values)
    {
        double min = Math.Log(config.TimeStepMin), max = Math.Log(config.TimeStepMax);
        for (int i = 0; i < values.Length; i++)
        {
            double delta = Math.Max(Math.Exp(random.NextUniform(min, max)), config.TimeStepFloor);
            // softplus^-1(delta) = log(exp(delta) - 1), written so that a small delta keeps its digits.
            values[i] = (float)(delta + Math.Log(-ExpMinus1(-delta)));
        }
    }

    // Math has no expm1; the series is exact to double precision where exp(x) - 1 would cancel.
    private static double ExpMinus1(double x) =>
        Math.Abs(x) > 1e-3 ? Math.Exp(x) - 1 : x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5))));
}
