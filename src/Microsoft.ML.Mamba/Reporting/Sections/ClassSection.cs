using Microsoft.ML.Mamba.Reporting.Charts;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting.Sections;

/// <summary>The confusion matrix of some rows, precision and recall of each class, and the mistakes made most often.</summary>
internal static class ClassSection
{
    private const int MostMistakes = 10;
    private const int MostBeside = 7;

    public static void Write(Markup page, ReportData data)
    {
        if (data.Test is { } test)
        {
            WriteRows(page, data, "Test rows", test.Confusion, folded: false);
            if (test.Confusion == null)
                WriteTooMany(page, data);
        }

        WriteRows(page, data, "Validation rows", data.History.Confusion, folded: data.Test?.Confusion != null);
    }

    private static void WriteTooMany(Markup page, ReportData data)
    {
        string classes = Figures.Count(data.Labels.Count), most = Figures.Count(ClassConfusion.MaxClasses);
        page.Leaf("p", $"There are {classes} classes; they are shown one by one up to {most}.", ("class", "soft"));
    }

    private static void WriteRows(Markup page, ReportData data, string title, ClassConfusion? matrix, bool folded)
    {
        if (matrix == null || matrix.Classes != data.Labels.Count)
            return;
        ClassResult[] results = [.. Enumerable.Range(0, matrix.Classes).Select(label => ClassResult.Of(matrix, label))];
        page.Open("section");
        page.Leaf("h2", $"{title}: {Figures.Count(matrix.Total)}");
        if (folded)
        {
            page.Open("details");
            page.Leaf("summary", "Confusion matrix and classes");
        }

        page.Open("div", ("class", "pair"));
        page.Open("div");
        page.Leaf("h3", "Confusion matrix");
        WriteLegend(page);
        new HeatMap(matrix, data.Labels).Write(page);
        page.Close();
        // What fits beside the matrix comes next: few classes make it small, many make the table of mistakes the narrower one.
        if (matrix.Classes <= MostBeside)
            WriteClasses(page, data, results);
        WriteMistakes(page, data, matrix);
        if (matrix.Classes > MostBeside)
            WriteClasses(page, data, results);
        page.Close();
        if (folded)
            page.Close();
        page.Close();
    }

    private static void WriteLegend(Markup page)
    {
        page.Open("p", ("class", "legend"));
        foreach ((string style, string text) in new[] { ("right", "right"), ("wrong", "wrong") })
        {
            page.Open("span");
            page.Leaf("i", "", ("class", "key " + style));
            page.Text(text);
            page.Close();
        }

        page.Close();
    }

    private static void WriteClasses(Markup page, ReportData data, ClassResult[] results)
    {
        page.Open("div", ("class", "wide"));
        page.Leaf("h3", "Classes");
        page.Open("table");
        Tables.Head(page, "class", "rows", "precision", "recall", "F1");
        page.Open("tbody");
        for (int label = 0; label < results.Length; label++)
        {
            page.Open("tr");
            page.Leaf("th", data.Labels[label], ("scope", "row"));
            WriteResult(page, results[label]);
            page.Close();
        }

        page.Close();
        page.Open("tfoot");
        Mean(page, "mean over classes", results, _ => 1);
        Mean(page, "mean over rows", results, result => result.Rows);
        page.Close();
        page.Close();
        page.Close();
    }

    private static void Mean(Markup page, string name, ClassResult[] results, Func<ClassResult, double> weight)
    {
        // A class that no row has, or that no row was given, has no recall or precision and counts as 0, as is usual, where it has rows.
        ClassResult[] known = [.. results.Where(result => result.Rows > 0)];
        double total = known.Sum(weight);
        page.Open("tr");
        page.Leaf("th", name, ("scope", "row"));
        WriteResult(page, new ClassResult(
            results.Sum(result => result.Rows), Of(result => result.Precision), Of(result => result.Recall), Of(result => result.F1)));
        page.Close();

        double? Of(Func<ClassResult, double?> value) =>
            total > 0 ? known.Sum(result => weight(result) * (value(result) ?? 0)) / total : null;
    }

    private static void WriteResult(Markup page, ClassResult result)
    {
        Tables.Cells(page, Figures.Count(result.Rows));
        Tables.ShareCell(page, result.Precision);
        Tables.ShareCell(page, result.Recall);
        Tables.ShareCell(page, result.F1);
    }

    private static void WriteMistakes(Markup page, ReportData data, ClassConfusion matrix)
    {
        var mistakes = new List<(int Label, int Predicted, int Count)>();
        for (int i = 0; i < matrix.Counts.Count; i++)
        {
            (int label, int predicted) = Math.DivRem(i, matrix.Classes);
            if (label != predicted && matrix.Counts[i] > 0)
                mistakes.Add((label, predicted, matrix.Counts[i]));
        }

        // Two classes have two kinds of mistakes, which the matrix shows as well.
        if (mistakes.Count == 0 || matrix.Classes == 2)
            return;
        page.Open("div", ("class", "wide"));
        page.Leaf("h3", "Mistakes made most often");
        page.Open("table", ("class", "mistakes"));
        Tables.Head(page, "class", "predicted as", "rows", "share of the class");
        page.Open("tbody");
        foreach ((int label, int predicted, int count) in mistakes.OrderByDescending(mistake => mistake.Count).Take(MostMistakes))
        {
            page.Open("tr");
            page.Leaf("th", data.Labels[label], ("scope", "row"));
            page.Leaf("td", data.Labels[predicted], ("class", "text"));
            Tables.Cells(page, Figures.Count(count), Figures.Percent((double)count / matrix.RowsOf(label)));
            page.Close();
        }

        page.Close();
        page.Close();
        page.Close();
    }
}
