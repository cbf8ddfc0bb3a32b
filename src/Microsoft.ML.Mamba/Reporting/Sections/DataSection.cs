using Microsoft.ML.Mamba.Reporting.Charts;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting.Sections;

/// <summary>What was trained on: lengths and class sizes.</summary>
internal static class DataSection
{
    public static void Write(Markup page, ReportData data)
    {
        TrainingHistory history = data.History;
        bool classes = history.TrainingClassRows.Count == data.Labels.Count;
        if (history.TrainingLengths == null && !classes)
            return;
        page.Open("section");
        page.Leaf("h2", "Data");
        page.Open("div", ("class", "charts data"));
        WriteLengths(page, data, "Length of the training sequences", "first", history.TrainingLengths);
        WriteLengths(page, data, "Length of the validation sequences", "second", history.ValidationLengths);
        if (classes)
            WriteClasses(page, data);
        page.Close();
        page.Close();
    }

    private static void WriteLengths(Markup page, ReportData data, string title, string style, LengthDistribution? lengths)
    {
        if (lengths == null)
            return;
        if (lengths.Shortest < lengths.Longest)
        {
            new Histogram { Title = title, Units = data.Units, Style = style, Lengths = lengths }.Write(page);
            return;
        }

        page.Open("figure");
        page.Leaf("h3", title);
        string rows = Figures.Count(lengths.Counts.Sum(count => (long)count));
        page.Leaf("p", $"All {rows} have {Figures.Count(lengths.Longest)} {data.Units}.");
        page.Close();
    }

    private static void WriteClasses(Markup page, ReportData data)
    {
        TrainingHistory history = data.History;
        bool validation = history.ValidationClassRows.Count == data.Labels.Count;
        double total = Math.Max(1, history.TrainingClassRows.Sum(rows => (long)rows));
        page.Open("figure", ("class", "wide"));
        page.Leaf("h3", "Class sizes");
        page.Open("table");
        if (validation)
            Tables.Head(page, "class", "training rows", "validation rows", "share of the training rows");
        else
            Tables.Head(page, "class", "training rows", "share of the training rows");
        page.Open("tbody");
        for (int label = 0; label < data.Labels.Count; label++)
        {
            page.Open("tr");
            page.Leaf("th", data.Labels[label], ("scope", "row"));
            Tables.Cells(page, Figures.Count(history.TrainingClassRows[label]));
            if (validation)
                Tables.Cells(page, Figures.Count(history.ValidationClassRows[label]));
            Tables.ShareCell(page, history.TrainingClassRows[label] / total);
            page.Close();
        }

        page.Close();
        page.Close();
        page.Close();
    }
}
