using System.Globalization;

namespace Microsoft.ML.Mamba.Reporting;

/// <summary>Numbers as the report shows them, in the invariant culture.</summary>
internal static class Figures
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public static string Count(long value) => value.ToString("N0", Invariant);

    public static string Percent(double value) => (100 * value).ToString("F1", Invariant) + " %";

    public static string Percent(double? value) => value is { } share ? Percent(share) : "–";

    public static string Share(double? value) => value is { } share ? share.ToString("F3", Invariant) : "–";

    public static string Loss(double? value) => value switch
    {
        null => "–",
        { } loss when double.IsFinite(loss) => loss.ToString("F4", Invariant),
        { } loss => loss.ToString(Invariant),
    };

    /// <summary>Three digits, without an exponent where one can do without.</summary>
    public static string Short(double value)
    {
        double size = Math.Abs(value);
        if (size is not 0 and (< 1e-4 or >= 1e6))
            return value.ToString("0.##e0", Invariant);
        int digits = size == 0 ? 0 : Math.Clamp(2 - (int)Math.Floor(Math.Log10(size)), 0, 7);
        return Math.Round(value, digits).ToString("0.#######", Invariant);
    }

    /// <summary>A number of SVG.</summary>
    public static string Place(double value) => Math.Round(value, 2).ToString(Invariant);

    public static string Duration(TimeSpan time) =>
        time.TotalSeconds < 1 ? Math.Round(time.TotalMilliseconds).ToString(Invariant) + " ms"
        : time.TotalSeconds < 60 ? time.TotalSeconds.ToString("F1", Invariant) + " s"
        : time.TotalHours < 1 ? $"{(int)time.TotalMinutes} min {time.Seconds} s"
        : $"{(long)time.TotalHours} h {time.Minutes} min";

    public static string Bytes(long bytes) => bytes >= 1_000_000_000
        ? (bytes / 1e9).ToString("F2", Invariant) + " GB"
        : (bytes / 1e6).ToString("F0", Invariant) + " MB";

    public static string Rate(double perSecond) =>
        perSecond >= 1e6 ? (perSecond / 1e6).ToString("F2", Invariant) + " M"
        : perSecond >= 1e4 ? (perSecond / 1e3).ToString("F0", Invariant) + " k"
        : perSecond.ToString("N0", Invariant);

    /// <summary>A name that fits into so many letters.</summary>
    public static string Fit(string name, int letters)
    {
        if (name.Length <= letters)
            return name;
        // Not between the halves of a pair.
        int end = char.IsHighSurrogate(name[letters - 2]) ? letters - 2 : letters - 1;
        return name[..end] + "…";
    }
}
