using NAudio.Wave;

namespace Samples;

/// <summary>
/// Makes recordings of a telephone's keypad. Each key is two tones at once, one for its row and one for its column. Here they drift, start
/// late, last 60 to 400 ms, come at any level over a line with noise and hum, and often with another key's click before or after.
/// </summary>
internal sealed class KeypadGenerator(int seed)
{
    private const int SampleRate = 8_000;
    private static readonly double[] s_rows = [697, 770, 852, 941];
    private static readonly double[] s_columns = [1209, 1336, 1477];
    private static readonly string[] s_keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "star", "0", "hash"];

    private readonly Random _random = new(seed);

    /// <summary>Writes recordings of every key in turn, and a table that lists them.</summary>
    /// <returns>The table.</returns>
    public FileInfo Write(string folder, int trainingCount, int testCount)
    {
        var lines = new List<string> { "Label\tFile\tSplit" };
        for (int i = 0; i < trainingCount + testCount; i++)
        {
            string key = s_keys[i % s_keys.Length], name = $"{i:D4}-{key}.wav";
            float[] samples = Recording(i % s_keys.Length);
            using var file = new WaveFileWriter(Path.Combine(folder, name), new WaveFormat(SampleRate, 16, 1));
            file.WriteSamples(samples, 0, samples.Length);
            lines.Add($"{key}\t{name}\t{(i < trainingCount ? "train" : "test")}");
        }

        var index = new FileInfo(Path.Combine(folder, "index.tsv"));
        File.WriteAllLines(index.FullName, lines);
        return index;
    }

    private float[] Recording(int key)
    {
        float[] samples = new float[Between(0.25, 0.7, SampleRate)];
        double level = Math.Pow(10, -2 * _random.NextDouble());
        int length = Math.Min(Between(0.06, 0.4, SampleRate), samples.Length - 400);
        int start = _random.Next(samples.Length - length);
        AddTone(samples.AsSpan(start, length), s_rows[key / 3], level);
        AddTone(samples.AsSpan(start, length), s_columns[key % 3], level * (0.5 + _random.NextDouble()));
        double noise = level * Math.Pow(10, -0.2 - 0.8 * _random.NextDouble()), hum = level * _random.NextDouble(), phase = _random.NextDouble();
        double peak = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] += (float)(noise * Gaussian() + hum * Math.Sin(2 * Math.PI * (50.0 * i / SampleRate + phase)));
            peak = Math.Max(peak, Math.Abs(samples[i]));
        }

        for (int i = 0; i < samples.Length && peak > 1; i++)
            samples[i] /= (float)peak;
        return samples;
    }

    // The frequency wanders by up to 1.5 %, as the standard lets it, and the ends are rounded off.
    private void AddTone(Span<float> samples, double frequency, double level)
    {
        double drift = frequency * 0.015, from = frequency + drift * Signed(), to = frequency + drift * Signed(), phase = 2 * Math.PI * _random.NextDouble();
        for (int i = 0; i < samples.Length; i++)
        {
            double at = (double)i / samples.Length;
            phase += 2 * Math.PI * (from + (to - from) * at) / SampleRate;
            double edge = Math.Min(1, Math.Min(i, samples.Length - i) / 40.0);
            samples[i] += (float)(0.5 * level * edge * Math.Sin(phase));
        }
    }

    private int Between(double from, double to, int scale) => (int)(scale * (from + (to - from) * _random.NextDouble()));

    private double Signed() => 2 * _random.NextDouble() - 1;

    private double Gaussian() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
