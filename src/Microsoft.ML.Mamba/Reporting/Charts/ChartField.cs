namespace Microsoft.ML.Mamba.Reporting.Charts;

/// <summary>The field of a chart: where values stand in it, its grid and its axes.</summary>
internal sealed class ChartField(Axis x, Axis y, double height)
{
    public const double Width = 520;
    public const double Top = 20;

    private const double Left = 58;
    private const double Right = Width - 14;
    private const double RoomBelow = 40;

    public double Bottom => height - RoomBelow;

    public double PlaceX(double value) => Left + x.Place(value) * (Right - Left);

    public double PlaceY(double value) => Bottom - y.Place(value) * (Bottom - Top);

    /// <summary>Opens the SVG with grid and axes; the caller draws, and closes it.</summary>
    public void Open(Markup page, string title, string xName, Func<double, string> format)
    {
        page.Open("svg", ("viewBox", $"0 0 {Figures.Place(Width)} {Figures.Place(height)}"), ("role", "img"), ("aria-label", title));
        foreach (double mark in y.Marks())
        {
            double place = PlaceY(mark);
            Line(page, "grid", Left, Right, place, place);
            Text(page, format(mark), "tick end", Left - 8, place + 4);
        }

        Line(page, "axis", Left, Right, Bottom, Bottom);
        foreach (double mark in x.Marks())
        {
            double place = PlaceX(mark);
            Line(page, "axis", place, place, Bottom, Bottom + 4);
            Text(page, Figures.Short(mark), "tick middle", place, Bottom + 18);
        }

        Text(page, xName, "name middle", (Left + Right) / 2, height - 4);
    }

    public static void Line(Markup page, string style, double x1, double x2, double y1, double y2) => page.Tag("line",
        ("class", style), ("x1", Figures.Place(x1)), ("x2", Figures.Place(x2)), ("y1", Figures.Place(y1)), ("y2", Figures.Place(y2)));

    public static void Text(Markup page, string text, string style, double x, double y) =>
        page.Leaf("text", text, ("class", style), ("x", Figures.Place(x)), ("y", Figures.Place(y)));
}
