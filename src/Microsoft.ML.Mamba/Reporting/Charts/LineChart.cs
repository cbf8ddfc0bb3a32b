using System.Text;

namespace Microsoft.ML.Mamba.Reporting.Charts;

/// <summary>A point of a line, and what is said of it when it is pointed at; null for a point without a mark.</summary>
internal readonly record struct ChartPoint(double X, double Y, string? Tip = null);

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Style">Its class in the style sheet.</param>
/// <param name="Points">Its points from left to right. It is broken where a value is not finite.</param>
internal sealed record ChartLine(string Name, string Style, IReadOnlyList<ChartPoint> Points);

/// <summary>Lines over a common axis, as inline SVG.</summary>
internal sealed record LineChart
{
    private const double Height = 256;
    private const int MostMarkedPoints = 120;

    public required string Title { get; init; }

    public required string XName { get; init; }

    public required Axis X { get; init; }

    public required Axis Y { get; init; }

    public required IReadOnlyList<ChartLine> Lines { get; init; }

    /// <summary>Where a vertical line stands, and what it says.</summary>
    public (double X, string Text)? Flag { get; init; }

    /// <summary>How values at the left axis are written.</summary>
    public Func<double, string> Format { get; init; } = Figures.Short;

    public void Write(Markup page)
    {
        page.Open("figure");
        page.Leaf("h3", Title);
        if (Lines.Count > 1)
            WriteLegend(page);
        var field = new ChartField(X, Y, Height);
        field.Open(page, Title, XName, Format);
        foreach (ChartLine line in Lines)
            WriteLine(page, field, line);
        WriteFlag(page, field);
        page.Close();
        page.Close();
    }

    private void WriteLegend(Markup page)
    {
        page.Open("p", ("class", "legend"));
        foreach (ChartLine line in Lines)
        {
            page.Open("span");
            page.Leaf("i", "", ("class", "key " + line.Style));
            page.Text(line.Name);
            page.Close();
        }

        page.Close();
    }

    private static void WriteLine(Markup page, ChartField field, ChartLine line)
    {
        foreach (string stretch in Stretches(field, line.Points))
            page.Tag("polyline", ("class", "line " + line.Style), ("points", stretch));
        if (line.Points.Count > MostMarkedPoints)
            return;
        foreach (ChartPoint point in line.Points)
        {
            if (point.Tip == null || !IsShown(point))
                continue;
            page.Shape("circle", point.Tip, ("class", "dot " + line.Style),
                ("cx", Figures.Place(field.PlaceX(point.X))), ("cy", Figures.Place(field.PlaceY(point.Y))), ("r", "3.2"));
        }
    }

    private static IEnumerable<string> Stretches(ChartField field, IReadOnlyList<ChartPoint> points)
    {
        var stretch = new StringBuilder();
        foreach (ChartPoint point in points)
        {
            if (IsShown(point))
            {
                stretch.Append(Figures.Place(field.PlaceX(point.X))).Append(',');
                stretch.Append(Figures.Place(field.PlaceY(point.Y))).Append(' ');
                continue;
            }

            if (stretch.Length > 0)
                yield return stretch.ToString().TrimEnd();
            stretch.Clear();
        }

        if (stretch.Length > 0)
            yield return stretch.ToString().TrimEnd();
    }

    private static bool IsShown(ChartPoint point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private void WriteFlag(Markup page, ChartField field)
    {
        if (Flag is not { } flag)
            return;
        double place = field.PlaceX(flag.X);
        ChartField.Line(page, "flag", place, place, ChartField.Top, field.Bottom);
        // Above the field, where no line runs, and towards its middle.
        bool left = place > ChartField.Width / 2;
        ChartField.Text(page, flag.Text, left ? "note end" : "note", place + (left ? 4 : -4), ChartField.Top - 6);
    }
}
