using Microsoft.ML.Mamba.Reporting.Sections;

namespace Microsoft.ML.Mamba.Reporting;

/// <summary>Puts the report together.</summary>
internal static class ReportPage
{
    // Says to a browser what is true anyway: nothing runs, nothing is loaded.
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'";

    public static string Create(ReportData data)
    {
        using var page = new Markup();
        page.Open("html", ("lang", "en"));
        page.Open("head");
        page.Tag("meta", ("charset", "utf-8"));
        page.Tag("meta", ("http-equiv", "Content-Security-Policy"), ("content", Policy));
        page.Tag("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        page.Tag("meta", ("name", "color-scheme"), ("content", "light dark"));
        page.Leaf("title", data.Title);
        page.Leaf("style", ReportStyle.Sheet);
        page.Close();
        page.Open("body");
        page.Open("main");
        SummarySection.Write(page, data);
        CurveSection.Write(page, data);
        ClassSection.Write(page, data);
        DataSection.Write(page, data);
        ModelSection.Write(page, data);
        WriteFooter(page, data);
        page.Close();
        page.Close();
        page.Close();
        return page.ToString();
    }

    private static void WriteFooter(Markup page, ReportData data)
    {
        string version = typeof(ReportPage).Assembly.GetName().Version?.ToString(3) ?? "";
        page.Leaf("footer", $"Microsoft.ML.Mamba {version}, engine {data.Engine}", ("class", "soft"));
    }
}
