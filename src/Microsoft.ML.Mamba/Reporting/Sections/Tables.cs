namespace Microsoft.ML.Mamba.Reporting.Sections;

/// <summary>Parts of tables.</summary>
internal static class Tables
{
    public static void Head(Markup page, params ReadOnlySpan<string> names)
    {
        page.Open("thead");
        page.Open("tr");
        foreach (string name in names)
            page.Leaf("th", name, ("scope", "col"));
        page.Close();
        page.Close();
    }

    public static void Cells(Markup page, params ReadOnlySpan<string> values)
    {
        foreach (string value in values)
            page.Leaf("td", value);
    }

    /// <summary>A cell with a share and a bar of its size.</summary>
    public static void ShareCell(Markup page, double? share)
    {
        page.Open("td", ("class", "share"));
        page.Leaf("span", Figures.Share(share));
        page.Open("span", ("class", "gauge"));
        page.Leaf("span", "", ("style", $"width:{Figures.Place(100 * (share ?? 0))}%"));
        page.Close();
        page.Close();
    }

    /// <summary>A table of names and values.</summary>
    public static void Pairs(Markup page, IEnumerable<(string Name, string Value)> pairs)
    {
        page.Open("dl");
        foreach ((string name, string value) in pairs)
        {
            page.Open("div");
            page.Leaf("dt", name);
            page.Leaf("dd", value);
            page.Close();
        }

        page.Close();
    }
}
