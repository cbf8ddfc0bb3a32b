namespace Samples;

/// <summary>
/// Makes strips of an electrocardiogram: three leads, 50 frames a second, two to three seconds. A beat is a sum of bell curves, the waves
/// P, Q, R, S and T, which each lead sees with its own strength. Hearts differ in rate and size; every strip has noise and a drifting
/// baseline, and on many a lead comes off for a while: its values are missing.
/// </summary>
internal sealed class HeartbeatGenerator(int seed)
{
    public const int Leads = 3;
    private const int Rate = 50;

    private static readonly string[] s_classes = ["normal", "premature beat", "st elevation", "no p wave"];
    private static readonly float[,] s_strengths = { { 1.0f, 1.0f, 1.0f }, { 0.7f, 0.6f, 1.2f }, { 1.2f, -0.5f, 0.8f } };

    private readonly Random _random = new(seed);

    /// <summary>Strips of each class in turn.</summary>
    public IReadOnlyList<TimeSeriesModel.ModelInput> Rows(int count) =>
        [.. Enumerable.Range(0, count).Select(i => s_classes[i % s_classes.Length])
            .Select(label => new TimeSeriesModel.ModelInput { Label = label, Sequence = Strip(label) })];

    private float[] Strip(string kind)
    {
        int length = _random.Next(100, 151);
        var frames = new float[length * Leads];
        double interval = Between(0.6, 1.0), size = Between(0.7, 1.3), elevation = kind == "st elevation" ? Between(0.2, 0.4) : 0;
        int beat = 0, premature = kind == "premature beat" ? 1 : -1;
        for (double at = Between(0.1, 0.4); at < length / (double)Rate + 0.5; beat++)
        {
            AddBeat(frames, at, size, elevation, hasP: kind != "no p wave" && beat != premature, wide: beat == premature);
            // An early beat is followed by a pause that makes up for it.
            double share = beat + 1 == premature ? Between(0.55, 0.7) : beat == premature ? Between(1.3, 1.45) : Between(0.95, 1.05);
            at += interval * share;
        }

        Disturb(frames, length);
        return frames;
    }

    private void AddBeat(float[] frames, double at, double size, double elevation, bool hasP, bool wide)
    {
        double width = wide ? 2.2 : 1;
        if (hasP)
            AddWave(frames, at - 0.17, 0.025, 0.18 * size, 0);
        AddWave(frames, at - 0.04 * width, 0.015 * width, -0.12 * size, 1);
        AddWave(frames, at, 0.02 * width, 1.0 * size, 1);
        AddWave(frames, at + 0.04 * width, 0.018 * width, -0.25 * size, 1);
        AddWave(frames, at + 0.14, 0.05, elevation * size, 2);
        AddWave(frames, at + 0.27, 0.05, (wide ? -0.3 : 0.3) * size, 2);
    }

    // One bell curve; part says by which of a lead's strengths it is seen: 0 for P, 1 for Q, R and S, 2 for T.
    private static void AddWave(float[] frames, double center, double width, double height, int part)
    {
        int last = Math.Min(frames.Length / Leads - 1, (int)((center + 4 * width) * Rate));
        for (int t = Math.Max(0, (int)((center - 4 * width) * Rate)); t <= last; t++)
        {
            double distance = (t / (double)Rate - center) / width;
            for (int lead = 0; lead < Leads; lead++)
                frames[t * Leads + lead] += (float)(height * Math.Exp(-0.5 * distance * distance)) * s_strengths[lead, part];
        }
    }

    private void Disturb(float[] frames, int length)
    {
        for (int lead = 0; lead < Leads; lead++)
        {
            double drift = Between(0, 0.3), speed = Between(0.5, 2), phase = Between(0, 6.28), offset = Between(-0.2, 0.2);
            int missing = _random.NextDouble() < 0.3 ? _random.Next(5, 30) : 0, start = _random.Next(length - missing);
            for (int t = 0; t < length; t++)
            {
                double noise = 0.03 * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(Between(0, 2 * Math.PI));
                ref float value = ref frames[t * Leads + lead];
                value = t >= start && t < start + missing ? float.NaN : value + (float)(offset + drift * Math.Sin(phase + speed * t / Rate) + noise);
            }
        }
    }

    private double Between(double low, double high) => low + (high - low) * _random.NextDouble();
}
