using System.Diagnostics;

namespace Microsoft.ML.Mamba.Benchmarks.Reporting;

/// <summary>Times an action: warmed up until the JIT has settled, then the median of several runs.</summary>
internal static class Clock
{
    private const double MinimumSeconds = 0.25;

    /// <summary>Median seconds of one call.</summary>
    public static double Seconds(Action action)
    {
        // Tiered compilation replaces a method some time after its thirtieth call or a long loop.
        var warm = Stopwatch.StartNew();
        int calls = 0;
        while (warm.Elapsed.TotalSeconds < MinimumSeconds || calls < 3)
        {
            action();
            calls++;
        }

        double each = warm.Elapsed.TotalSeconds / calls;
        int repeats = Math.Max(1, (int)(0.02 / each));
        int samples = Math.Clamp((int)(2 * MinimumSeconds / (each * repeats)), 5, 25);
        var times = new double[samples];
        for (int i = 0; i < samples; i++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int repeat = 0; repeat < repeats; repeat++)
                action();
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
        }

        Array.Sort(times);
        return times[samples / 2];
    }
}
