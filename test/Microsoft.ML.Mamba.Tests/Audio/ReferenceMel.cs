using Microsoft.ML.Mamba.Audio;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>The mel spectrogram by its definition: double precision, plain sums, one point of the Fourier transform at a time.</summary>
internal static class ReferenceMel
{
    /// <returns>Frames of <paramref name="bands"/> values, before normalisation and differences.</returns>
    public static double[][] Frames(float[] waveform, int rate, int window, int hop, int size, int bands, MelSpectrogramOptions options)
    {
        double[] x = [.. waveform.Select((value, i) => value - (i > 0 ? options.PreEmphasis * waveform[i - 1] : 0))];
        double[] w = [.. Enumerable.Range(0, window).Select(n => options.Window == MelWindow.Hann
            ? Math.Pow(Math.Sin(Math.PI * n / window), 2)
            : 0.54 - 0.46 * Math.Cos(2 * Math.PI * n / window))];
        int count = options.Center ? 1 + x.Length / hop : 1 + (int)Math.Ceiling(Math.Max(0, x.Length - window) / (double)hop);
        return [.. Enumerable.Range(0, count).Select(t => Frame(x, t * hop - (options.Center ? window / 2 : 0), w, rate, size, bands, options))];
    }

    /// <summary>Edges of the bands in hertz: bands + 2 of them.</summary>
    public static double[] Edges(int bands, double low, double high, MelScale scale)
    {
        double from = Mel(low, scale), to = Mel(high, scale);
        return [.. Enumerable.Range(0, bands + 2).Select(i => Hertz(from + (to - from) * i / (bands + 1.0), scale))];
    }

    private static double[] Frame(double[] x, int start, double[] w, int rate, int size, int bands, MelSpectrogramOptions options)
    {
        double[] spectrum = new double[size / 2 + 1];
        for (int k = 0; k < spectrum.Length; k++)
        {
            double real = 0, imaginary = 0;
            for (int n = 0; n < w.Length; n++)
            {
                double value = start + n >= 0 && start + n < x.Length ? w[n] * x[start + n] : 0, angle = 2 * Math.PI * ((long)k * n % size) / size;
                real += value * Math.Cos(angle);
                imaginary -= value * Math.Sin(angle);
            }

            double amplitude = 2 * Math.Sqrt(real * real + imaginary * imaginary) / w.Sum();
            spectrum[k] = options.Spectrum == MelSpectrum.Power ? amplitude * amplitude : amplitude;
        }

        double decibels = options.Spectrum == MelSpectrum.Power ? 10 : 20, floor = Math.Pow(10, options.FloorDecibels / decibels);
        double[] edges = Edges(bands, options.MinFrequency, options.MaxFrequency ?? rate / 2.0, options.Scale);
        return [.. Enumerable.Range(0, bands).Select(b =>
        {
            double sum = spectrum.Select((value, k) => value * Triangle((double)k * rate / size, edges[b], edges[b + 1], edges[b + 2])).Sum();
            return options.Logarithm switch
            {
                MelLogarithm.Natural => Math.Log(Math.Max(sum, floor)),
                MelLogarithm.Decibel => decibels * Math.Log10(Math.Max(sum, floor)),
                _ => sum,
            };
        })];
    }

    private static double Triangle(double f, double low, double middle, double high) =>
        Math.Max(0, Math.Min((f - low) / (middle - low), (high - f) / (high - middle)));

    private static double Mel(double hertz, MelScale scale) => scale == MelScale.Htk ? 1127.01048 * Math.Log(1 + hertz / 700)
        : hertz < 1000 ? hertz / (200.0 / 3) : 15 + Math.Log(hertz / 1000) / (Math.Log(6.4) / 27);

    private static double Hertz(double mel, MelScale scale) => scale == MelScale.Htk ? 700 * (Math.Exp(mel / 1127.01048) - 1)
        : mel < 15 ? mel * (200.0 / 3) : 1000 * Math.Exp((mel - 15) * (Math.Log(6.4) / 27));
}
