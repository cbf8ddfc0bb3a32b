namespace Microsoft.ML.Mamba.EngineConformance.Reference;

/// <summary>One Mamba-1 block without its residual addition (Gu and Dao, section 3.4), one sequence at a time.</summary>
public sealed class ReferenceBlock(MambaConfig config, Dictionary<string, double[]> parameters, int layer)
{
    private readonly string _prefix = $"backbone.layers.{layer}.";

    /// <summary>Where gradients stop, or null.</summary>
    public ReferenceChunks? Chunks { get; set; }

    public double[] Forward(double[] residual, int sequence)
    {
        int inner = config.DInner, length = residual.Length / config.DModel;
        double[] normed = ReferenceModel.RmsNorm(residual, config.DModel, Parameter("norm.weight"), config.NormEpsilon);
        double[] xz = ReferenceModel.Linear(normed, config.DModel, Parameter("mixer.in_proj.weight"), Optional("mixer.in_proj.bias"));
        double[] x = new double[length * inner], z = new double[length * inner];
        for (int t = 0; t < length; t++)
        {
            Array.Copy(xz, t * 2 * inner, x, t * inner, inner);
            Array.Copy(xz, t * 2 * inner + inner, z, t * inner, inner);
        }

        double[] y = Direction(x, "", sequence, reversed: false);
        if (config.IsBidirectional)
        {
            double[] reversed = Reverse(
                Direction(Reverse(x, inner), config.Direction == MambaDirection.BidirectionalSeparate ? "_b" : "", sequence, reversed: true), inner);
            for (int i = 0; i < y.Length; i++)
                y[i] += reversed[i];
        }

        for (int i = 0; i < y.Length; i++)
            y[i] *= SiLU(z[i]);
        return ReferenceModel.Linear(y, inner, Parameter("mixer.out_proj.weight"), Optional("mixer.out_proj.bias"));
    }

    private double[] Direction(double[] x, string suffix, int sequence, bool reversed)
    {
        int inner = config.DInner, states = config.DState, rank = config.EffectiveDtRank, length = x.Length / inner;
        double[] earlier = Chunks?.Inputs(layer, sequence, reversed, x) ?? x;
        int Into(int t) => Chunks?.StepsIntoChunk(t, length, reversed) ?? t;
        double[] u = Convolve(x, earlier, Into, Parameter($"mixer.conv1d{suffix}.weight"), Optional($"mixer.conv1d{suffix}.bias"));
        double[] dtBC = ReferenceModel.Linear(u, inner, Parameter($"mixer.x_proj{suffix}.weight"), null);
        double[] dt = Columns(dtBC, 0, rank), b = Columns(dtBC, rank, states), c = Columns(dtBC, rank + states, states);
        if (config.NormalizeDtBC)
        {
            dt = ReferenceModel.RmsNorm(dt, rank, null, config.MixerNormEpsilon);
            b = ReferenceModel.RmsNorm(b, states, null, config.MixerNormEpsilon);
            c = ReferenceModel.RmsNorm(c, states, null, config.MixerNormEpsilon);
        }

        dt = ReferenceModel.Linear(dt, rank, Parameter($"mixer.dt_proj{suffix}.weight"), Parameter($"mixer.dt_proj{suffix}.bias"));
        double[] aLog = Parameter(suffix.Length == 0 ? "mixer.A_log" : "mixer.A_b_log"), d = Parameter("mixer.D" + suffix);
        double[] h = new double[inner * states], y = new double[x.Length];
        for (int t = 0; t < length; t++)
        {
            if (Into(t) == 0)
                Chunks?.Enter(layer, sequence, reversed, t, h);
            for (int i = 0; i < inner; i++)
            {
                double delta = Softplus(dt[t * inner + i]), sum = d[i] * u[t * inner + i];
                for (int n = 0; n < states; n++)
                {
                    ref double state = ref h[i * states + n];
                    state = Math.Exp(-delta * Math.Exp(aLog[i * states + n])) * state + delta * b[t * states + n] * u[t * inner + i];
                    sum += c[t * states + n] * state;
                }

                y[t * inner + i] = sum;
            }
        }

        return y;
    }

    private double[] Convolve(double[] x, double[] earlier, Func<int, int> stepsIntoChunk, double[] weight, double[]? bias)
    {
        int inner = config.DInner, taps = config.DConv;
        double[] u = new double[x.Length];
        for (int t = 0; t < x.Length / inner; t++)
        {
            for (int i = 0; i < inner; i++)
            {
                double sum = bias?[i] ?? 0;
                for (int k = 0; k < taps; k++)
                {
                    int from = t - (taps - 1) + k;
                    if (from >= 0)
                        sum += weight[i * taps + k] * (from < t - stepsIntoChunk(t) ? earlier : x)[from * inner + i];
                }

                u[t * inner + i] = SiLU(sum);
            }
        }

        return u;
    }

    private double[] Columns(double[] rows, int first, int count)
    {
        int width = config.EffectiveDtRank + 2 * config.DState;
        double[] slice = new double[rows.Length / width * count];
        for (int row = 0; row < rows.Length / width; row++)
            Array.Copy(rows, row * width + first, slice, row * count, count);
        return slice;
    }

    private static double[] Reverse(double[] rows, int width)
    {
        double[] reversed = new double[rows.Length];
        for (int start = 0; start < rows.Length; start += width)
            Array.Copy(rows, start, reversed, rows.Length - width - start, width);
        return reversed;
    }

    private double[] Parameter(string name) => parameters[_prefix + name];

    private double[]? Optional(string name) => parameters.GetValueOrDefault(_prefix + name);

    private static double SiLU(double value) => value / (1 + Math.Exp(-value));

    private static double Softplus(double value) => value > 30 ? value : Math.Log(1 + Math.Exp(value));
}
