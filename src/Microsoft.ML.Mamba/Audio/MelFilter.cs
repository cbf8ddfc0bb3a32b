namespace Microsoft.ML.Mamba.Audio;

/// <summary>One band: a triangle over the points of the Fourier transform.</summary>
/// <param name="First">The first point with a weight.</param>
/// <param name="Weights">The weights from there on; 1 is that of the triangle's peak.</param>
internal sealed record MelFilter(int First, float[] Weights)
{
    /// <summary>
    /// Bands + 2 frequencies e[0] .. e[Bands + 1] lie evenly on the mel scale from MinFrequency to MaxFrequency. Band b rises from e[b] to
    /// 1 at e[b + 1] and falls to e[b + 2], linearly in hertz.
    /// </summary>
    /// <exception cref="ArgumentException">A band lies between two points, so that it would always be empty.</exception>
    public static MelFilter[] Bank(MelPlan plan)
    {
        double low = ToMel(plan.MinFrequency, plan.Scale), high = ToMel(plan.MaxFrequency, plan.Scale);
        double[] edges = [.. Enumerable.Range(0, plan.Bands + 2).Select(i => ToHertz(low + (high - low) * i / (plan.Bands + 1), plan.Scale))];
        double step = (double)plan.SampleRate / plan.FftSize;
        var bank = new MelFilter[plan.Bands];
        for (int b = 0; b < bank.Length; b++)
        {
            int first = (int)Math.Floor(edges[b] / step) + 1;
            int last = Math.Min((int)Math.Ceiling(edges[b + 2] / step) - 1, plan.FftSize / 2);
            if (first > last)
            {
                throw new ArgumentException(FormattableString.Invariant(
                    $"Band {b} from {edges[b]:F1} to {edges[b + 2]:F1} Hz holds no point of the Fourier transform, whose points are {step:F2} Hz apart. ")
                    + $"Lower Bands = {plan.Bands}, or raise FftSize = {plan.FftSize}.", nameof(plan.Bands));
            }

            bank[b] = new MelFilter(first, [.. Enumerable.Range(first, last - first + 1).Select(k => (float)Weight(k * step, edges.AsSpan(b, 3)))]);
        }

        return bank;
    }

    internal static double ToMel(double hertz, MelScale scale) => scale == MelScale.Htk
        ? 2595 * Math.Log10(1 + hertz / 700)
        : hertz < 1000 ? 3 * hertz / 200 : 15 + 27 * Math.Log(hertz / 1000) / Math.Log(6.4);

    internal static double ToHertz(double mel, MelScale scale) => scale == MelScale.Htk
        ? 700 * (Math.Pow(10, mel / 2595) - 1)
        : mel < 15 ? 200 * mel / 3 : 1000 * Math.Pow(6.4, (mel - 15) / 27);

    private static double Weight(double hertz, ReadOnlySpan<double> edges) =>
        hertz <= edges[1] ? (hertz - edges[0]) / (edges[1] - edges[0]) : (edges[2] - hertz) / (edges[2] - edges[1]);
}
