using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting.Charts;

/// <summary>How long sequences are, as inline SVG.</summary>
internal sealed record Histogram
{
    private const double Height = 220;

    public required string Title { get; init; }

    /// <summary>What the lengths count.</summary>
    public required string Units { get; init; }

    /// <summary>The bars' class in the style sheet.</summary>
    public required string Style { get; init; }

    public required LengthDistribution Lengths { get; init; }

    public void Write(Markup page)
    {
        string range = $"{Figures.Count(Lengths.Shortest)} to {Figures.Count(Lengths.Longest)} {Units}";
        page.Open("figure");
        page.Leaf("h3", Title);
        page.Leaf("p", $"{range}, mean {Figures.Short(Lengths.Mean)}, median {Figures.Count(Lengths.Median)}", ("class", "legend"));
        double end = Lengths.Shortest + (double)Lengths.Counts.Count * Lengths.BinWidth;
        var field = new ChartField(Axis.OfWhole(Lengths.Shortest, end, 6), Axis.Of(0, Lengths.Counts.Max(), 4), Height);
        field.Open(page, Title, $"length in {Units}", Figures.Short);
        for (int bin = 0; bin < Lengths.Counts.Count; bin++)
            WriteBar(page, field, Lengths.Shortest + (long)bin * Lengths.BinWidth, Lengths.Counts[bin]);
        page.Close();
        page.Close();
    }

    private void WriteBar(Markup page, ChartField field, long from, int count)
    {
        long to = Math.Min(from + Lengths.BinWidth - 1, Lengths.Longest);
        string range = from == to ? Figures.Count(from) : $"{Figures.Count(from)} to {Figures.Count(to)}";
        double left = field.PlaceX(from), width = field.PlaceX(from + Lengths.BinWidth) - left, gap = Math.Min(1, width / 6);
        double top = field.PlaceY(count);
        page.Shape("rect", $"{range} {Units}: {Figures.Count(count)} rows", ("class", "bar " + Style),
            ("x", Figures.Place(left + gap)), ("width", Figures.Place(width - 2 * gap)),
            ("y", Figures.Place(top)), ("height", Figures.Place(field.Bottom - top)));
    }
}
