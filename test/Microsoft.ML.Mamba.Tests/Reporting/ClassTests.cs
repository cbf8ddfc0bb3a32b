using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.Mamba.Reporting;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Reporting;

public class ClassTests
{
    [Fact]
    public void PrecisionRecallAndF1_AreThoseOfTheMatrix()
    {
        // Rows of 10, 5, 0 and 1; class 3 is never predicted.
        ClassConfusion matrix = new() { Classes = 4, Counts = [8, 2, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0] };
        ReportData data = Reports.Data(4, validation: false);
        XDocument page = Reports.Page(data with { Test = new TestEvaluation(16, 0, 0, 0.75, 1, matrix) });
        XElement table = page.Descendants("table").First(table => table.Descendants("th").Any(cell => cell.Value == "precision"));
        Assert.Equal(
            [
                "class 0|10|0.889|0.800|0.842", "class 1|5|0.667|0.800|0.727", "class 2|0|0.000|–|–", "class 3|1|–|0.000|0.000",
                "mean over classes|16|0.519|0.533|0.523", "mean over rows|16|0.764|0.750|0.754",
            ],
            table.Descendants("tr").Skip(1).Select(row => string.Join('|', row.Elements().Select(cell => cell.Value))));
    }

    [Theory]
    [InlineData(2, true, true)]
    [InlineData(50, true, true)]
    [InlineData(51, true, false)]
    [InlineData(65, false, false)]
    [InlineData(512, false, false)]
    public void HeatMap_ShowsCountsAndNamesWhereThereIsRoom(int classes, bool names, bool counts)
    {
        ClassConfusion matrix = Reports.Matrix(classes);
        XElement map = HeatMapOf(Reports.Page(Reports.Data(classes, validation: false)));
        XElement[] cells = [.. map.Elements("rect").Skip(1)];
        Assert.Equal(matrix.Counts.Count(count => count > 0), cells.Length);
        Assert.Equal(counts ? cells.Length : 0, map.Elements("text").Count(text => ((string)text.Attribute("class")!).StartsWith("count")));
        Assert.Equal(names ? 2 : 0, map.Elements("text").Count(text => text.Value.StartsWith("class 1") && text.Value.Length == 7));
        Assert.Equal(classes, cells.Count(cell => (string)cell.Attribute("class")! == "right"));
        Assert.Equal("class 0, predicted as class 0: 30 of 40 rows (75.0 %)", cells[0].Element("title")!.Value);
        double width = Number(map, "width");
        Assert.All(cells, cell => Assert.InRange(Number(cell, "x") + Number(cell, "width"), 0, width));
        Assert.InRange(width, 100, 1036);
    }

    [Fact]
    public void Cells_StandAtLabelAndPrediction_InTheStrengthOfTheirShare()
    {
        ClassConfusion matrix = new() { Classes = 3, Counts = [0, 1, 9, 0, 7, 0, 0, 0, 0] };
        ReportData data = Reports.Data(3, validation: false);
        XElement map = HeatMapOf(Reports.Page(data with { Test = new TestEvaluation(17, 0, 0, 0.4, 1, matrix) }));
        XElement field = map.Elements("rect").First();
        XElement[] cells = [.. map.Elements("rect").Skip(1)];
        double side = Number(field, "width") / 3;
        Assert.Equal(
            [(0, 1, "wrong", 0.14 + 0.086), (0, 2, "wrong", 0.14 + 0.774), (1, 1, "right", 1)],
            cells.Select(cell => (
                (int)((Number(cell, "y") - Number(field, "y")) / side), (int)((Number(cell, "x") - Number(field, "x")) / side),
                (string)cell.Attribute("class")!, Number(cell, "fill-opacity"))),
            (expected, actual) => (expected.Item1, expected.Item2, expected.Item3) == (actual.Item1, actual.Item2, actual.Item3)
                && Math.Abs(expected.Item4 - actual.Item4) < 0.006);
    }

    [Fact]
    public void LongNames_AreCut_AndWholeInTheTip()
    {
        string name = new string('x', 30) + "\U0001F600";
        ReportData data = Reports.Data(2, validation: false);
        XElement map = HeatMapOf(Reports.Page(data with { Labels = [name, new string('y', 20) + "\U0001F600" + "zz"] }));
        XElement[] texts = [.. map.Elements("text").Where(text => text.Element("title") != null)];
        Assert.Equal(4, texts.Length);
        Assert.Equal([name, name], texts[..2].Select(text => text.Element("title")!.Value));
        Assert.StartsWith(new string('x', 21) + "…", texts[0].Value);
        Assert.StartsWith(new string('y', 20) + "…", texts[2].Value);
    }

    [Fact]
    public void Mistakes_AreListedByNumber()
    {
        ClassConfusion matrix = new() { Classes = 3, Counts = [5, 1, 0, 0, 6, 4, 2, 0, 2] };
        ReportData data = Reports.Data(3, validation: false);
        XDocument page = Reports.Page(data with { Test = new TestEvaluation(20, 0, 0, 0.65, 1, matrix) });
        XElement table = page.Descendants("table").First(table => (string?)table.Attribute("class") == "mistakes");
        Assert.Equal(["class 1|class 2|4|40.0 %", "class 2|class 0|2|50.0 %", "class 0|class 1|1|16.7 %"],
            table.Descendants("tr").Skip(1).Select(row => string.Join('|', row.Elements().Select(cell => cell.Value))));
        Assert.DoesNotContain("Mistakes", Reports.Shown(Reports.Page(Reports.Data(2))));
    }

    [Fact]
    public void TooManyClasses_AreSaidSo()
    {
        ReportData data = Reports.Data(3, validation: false);
        data = data with { Labels = [.. Enumerable.Range(0, 600).Select(i => $"{i}")], Test = data.Test! with { Confusion = null } };
        Assert.Contains("There are 600 classes; they are shown one by one up to 512.", Reports.Shown(Reports.Page(data)));
    }

    [Fact]
    public void ClassSizes_AreListed()
    {
        XElement table = Reports.Page(Reports.Data(3)).Descendants("table").Last();
        Assert.Equal(["class 0|100|25|0.330", "class 1|101|26|0.333", "class 2|102|27|0.337"],
            table.Element("tbody")!.Elements().Select(row => string.Join('|', row.Elements().Select(cell => cell.Value))));
    }

    private static XElement HeatMapOf(XDocument page) => page.Descendants("svg").First(svg => (string?)svg.Attribute("class") == "heat");

    private static double Number(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
