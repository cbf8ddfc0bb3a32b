using System.Globalization;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>A confusion matrix as text, true classes down and predicted ones across.</summary>
internal static class ConfusionTable
{
    private const int MarginWidth = 9;

    public static string Format(ConfusionMatrix matrix, string[] names)
    {
        int classes = matrix.NumberOfClasses;
        int cellWidth = classes == 2 ? 8 : 5;
        int longest = names.Max(name => name.Length);
        // Names that do not fit into a cell give way to numbers, which the left margin explains.
        bool numbered = longest > cellWidth;
        int digits = numbered ? (classes - 1).ToString(CultureInfo.InvariantCulture).Length : 0;
        int labelWidth = Math.Max(MarginWidth, longest + (numbered ? digits + 2 : 0));
        string padding = new(' ', labelWidth - MarginWidth);
        string line = string.Concat(Enumerable.Repeat(classes > 2 ? "========" : "===========", classes));

        var table = new StringBuilder();
        table.AppendLine();
        table.AppendLine("Confusion table");
        table.Append("          ").Append(padding).Append("||").AppendLine(line);
        table.Append("PREDICTED ").Append(padding).Append("||");
        for (int c = 0; c < classes; c++)
            table.Append(' ').Append((numbered ? c.ToString(CultureInfo.CurrentCulture) : names[c]).PadLeft(cellWidth)).Append(" |");
        table.AppendLine(" Recall");
        table.Append("TRUTH     ").Append(padding).Append("||").AppendLine(line);
        for (int c = 0; c < classes; c++)
        {
            string label = numbered
                ? $"{c.ToString(CultureInfo.CurrentCulture).PadLeft(digits)}. {names[c].PadLeft(labelWidth - digits - 2)}"
                : names[c].PadLeft(labelWidth);
            table.Append(label).Append(" ||");
            foreach (double count in matrix.Counts[c])
                table.Append(' ').Append(count.ToString("N0", CultureInfo.CurrentCulture).PadLeft(cellWidth)).Append(" |");
            table.Append(' ').AppendLine(matrix.PerClassRecall[c].ToString("F4", CultureInfo.CurrentCulture).PadLeft(5));
        }
        table.Append("          ").Append(padding).Append("||").AppendLine(line);
        table.Append("Precision ").Append(padding).Append("||");
        foreach (double precision in matrix.PerClassPrecision)
            table.Append(precision.ToString("N4", CultureInfo.CurrentCulture).PadLeft(cellWidth + 1)).Append(" |");
        table.AppendLine();
        return table.ToString();
    }
}
