namespace Microsoft.ML.Mamba.Reporting.Charts;

/// <summary>A range of values that starts and ends at round numbers, and where its marks stand.</summary>
/// <param name="Low">The smallest value shown.</param>
/// <param name="High">The largest value shown; above <paramref name="Low"/>.</param>
/// <param name="Step">The distance of marks.</param>
internal sealed record Axis(double Low, double High, double Step)
{
    // A value that comes from a float lies a little beside the round number that it stands for.
    private const double Slack = 1e-6;

    /// <summary>An axis that shows all values.</summary>
    /// <param name="low">The smallest.</param>
    /// <param name="high">The largest.</param>
    /// <param name="marks">About how many distances between marks there are.</param>
    public static Axis Of(double low, double high, int marks)
    {
        if (!(high > low))
        {
            double around = low == 0 ? 1 : Math.Abs(low) * 0.1;
            (low, high) = (low - around, high + around);
        }

        double step = RoundStep((high - low) / marks);
        return new Axis(Math.Floor(low / step + Slack) * step, Math.Ceiling(high / step - Slack) * step, step);
    }

    /// <summary>An axis of whole numbers, such as epochs, that starts where it is told.</summary>
    public static Axis OfWhole(double low, double high, int marks) =>
        new(low, Math.Max(high, low + 1), Math.Max(1, RoundStep((Math.Max(high, low + 1) - low) / marks)));

    public IEnumerable<double> Marks()
    {
        // Counted, not added up, so that 0.3 is not 0.30000000000000004.
        long first = (long)Math.Ceiling(Low / Step - Slack), last = (long)Math.Floor(High / Step + Slack);
        for (long i = first; i <= last; i++)
            yield return i * Step;
    }

    /// <summary>A value's place from 0 (low) to 1 (high).</summary>
    public double Place(double value) => (value - Low) / (High - Low);

    private static double RoundStep(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        double factor = step / power;
        return power * (factor <= 1.0001 ? 1 : factor <= 2.0001 ? 2 : factor <= 5.0001 ? 5 : 10);
    }
}
