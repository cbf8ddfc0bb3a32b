using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.Mamba.Reporting;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Reporting;

public class PageTests
{
    private static readonly string[] ShapesOfSvg = ["svg", "line", "rect", "circle", "polyline", "text", "title"];

    [Theory]
    [InlineData(2, 0, false, false)]
    [InlineData(2, 1, true, true)]
    [InlineData(3, 12, true, true)]
    [InlineData(50, 12, true, false)]
    [InlineData(70, 3, false, true)]
    [InlineData(300, 450, true, true)]
    public void Page_IsWellFormed_AndLoadsNothing(int classes, int epochs, bool validation, bool test)
    {
        ReportData data = Reports.Data(classes, epochs, validation, test);
        string text = ReportPage.Create(data);
        Assert.StartsWith("<!DOCTYPE html", text);
        XDocument page = Reports.Page(data);
        Assert.DoesNotContain("://", text);
        Assert.DoesNotContain("url(", text);
        Assert.DoesNotContain("@import", text);
        Assert.DoesNotContain(page.Descendants(),
            element => element.Name.LocalName is "script" or "link" or "img" or "iframe" or "use" or "object");
        Assert.DoesNotContain(page.Descendants().Attributes().Select(attribute => attribute.Name.LocalName),
            name => name is "src" or "href" || name.StartsWith("on"));
        Assert.Contains("default-src 'none'", text);
        foreach (XElement shape in page.Descendants("svg").DescendantsAndSelf())
            Assert.Contains(shape.Name.LocalName, ShapesOfSvg);
        Assert.All(Coordinates(page), value => Assert.True(
            double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number), value));
        // Only tags that HTML knows as empty may have no end tag; others would swallow what follows.
        Assert.All(page.Descendants().Where(element => element.IsEmpty),
            element => Assert.Contains(element.Name.LocalName, ShapesOfSvg.Append("meta")));
    }

    [Fact]
    public void Figures_OfTrainingAndTest_AreShown()
    {
        string shown = Reports.Shown(Reports.Page(Reports.Data()));
        string[] lines =
        [
            "Training report", "2026-03-04 15:30 +01:00 · Text from column Words, 3 classes from column Kind · trained on 960 rows",
            "Test accuracy", "75.6 %", "123 rows", "0.4321", "guessing evenly: 1.0986",
            "Validation accuracy", "89.0 %", "240 rows, epoch 10", "360 steps, stopped early", "24.0 s", "3.0 s of it validation",
            "5,143", "tokens a second, 108,000 in all", "123,456", "2 layers, width 48", "346 MB",
            "Loss", "Learning rate", "Gradient norm before clipping", "best epoch 10", "Test rows: 123", "Validation rows: 123",
            "Length of the training sequences", "20 to 69 tokens, mean 45, median 45", "Length of the validation sequences",
            "BatchSize", "32", "Augmentation.Noise", "0.25", "DModel", "48", "Pooling", "Attention", "VocabSize",
        ];
        foreach (string expected in lines)
            Assert.Contains(expected, shown.Split('\n'));
        Assert.Contains("none", shown);
        Assert.DoesNotContain("MixerNormEpsilon", shown);
        ReportData data = Reports.Data();
        Assert.Contains("1 layer, width 48", Reports.Shown(Reports.Page(data with { Config = data.Config with { NumLayers = 1 } })).Split('\n'));
    }

    [Fact]
    public void Title_AndWarning_AreShown()
    {
        ReportData data = Reports.Data();
        data = data with { Title = "Splice sites", History = data.History with { Warning = "The loss never fell." } };
        XDocument page = Reports.Page(data);
        Assert.Equal("Splice sites", page.Descendants("title").First().Value);
        Assert.Equal("Splice sites", Assert.Single(page.Descendants("h1")).Value);
        Assert.Equal("The loss never fell.", Assert.Single(OfClass(page, "p", "warning")).Value);
        page = Reports.Page(data with { History = data.History with { Guidance = ["Class 'a' is large.", "Rows are short."] } });
        Assert.Equal(["The loss never fell.", "Class 'a' is large.", "Rows are short."],
            OfClass(page, "p", "warning").Select(note => note.Value));
        Assert.Empty(OfClass(Reports.Page(Reports.Data()), "p", "warning"));
    }

    [Fact]
    public void RowsLeftOut_AreToldOf()
    {
        ReportData data = Reports.Data();
        data = data with { Test = data.Test! with { Unlabelled = 1_234, Unscored = 5 } };
        Assert.Equal(["1,234 test rows have no label and are left out.", "5 test rows were given no score and are left out."],
            OfClass(Reports.Page(data), "p", "warning").Select(note => note.Value));
    }

    [Fact]
    public void HostileNames_AreText()
    {
        const string name = "<script>alert(1)</script>&\"'\u0007\uD800 \U0001F600 ]]>";
        ReportData data = Reports.Data(2);
        data = data with { Labels = [name, "\u0000"], Title = name, LabelColumn = "</style>",
            History = data.History with { Warning = name } };
        string text = ReportPage.Create(data);
        Assert.DoesNotContain("<script", text);
        Assert.Equal(1, text.Split("</style>").Length - 1);
        XDocument page = Reports.Page(data);
        string clean = name.Replace('\u0007', '\uFFFD').Replace('\uD800', '\uFFFD');
        Assert.Equal(clean, Assert.Single(page.Descendants("h1")).Value);
        Assert.Contains(clean, page.Descendants("th").Select(cell => cell.Value));
        Assert.Contains(page.Descendants("rect").Elements("title"), tip => tip.Value.StartsWith(clean + ", predicted as \uFFFD: 10 of"));
    }

    [Fact]
    public void Numbers_DoNotDependOnTheCulture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        string expected = ReportPage.Create(Reports.Data());
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            Assert.Equal(expected, ReportPage.Create(Reports.Data()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void EmptyHistory_GivesAReportWithoutCurves()
    {
        ReportData data = Reports.Data(2, epochs: 0, validation: false, test: false);
        data = data with { History = data.History with { TrainingLengths = null, TrainingClassRows = [], Options = new Dictionary<string,
            string>(), PeakMemory = null } };
        XDocument page = Reports.Page(data);
        Assert.Empty(page.Descendants("svg"));
        Assert.Equal("No epoch was completed, so there are no curves.", Assert.Single(OfClass(page, "p", "warning")).Value);
        Assert.Equal(["Model"], page.Descendants("h2").Select(heading => heading.Value));
        Assert.DoesNotContain("Validation", Reports.Shown(page));
    }

    [Fact]
    public void TrainingThatDivergedInItsFirstEpoch_HasCurvesOverSteps()
    {
        ReportData data = Reports.Data(2, epochs: 1, validation: false, test: false);
        TrainingHistory history = data.History with { Epochs = [], StopReason = TrainingStopReason.Diverged };
        TrainingPoint[] curve = [.. history.Curve.Select(
            (point, i) => i == 9 ? point with { Loss = double.NaN, GradientNorm = double.PositiveInfinity } : point)];
        XDocument page = Reports.Page(data with { History = history with { Curve = curve } });
        Assert.Contains("30 steps, diverged", Reports.Shown(page));
        Assert.Contains("step", OfClass(page, "text", "name middle").Select(text => text.Value));
        // The line is broken where the loss is not a number.
        Assert.Equal([9, 20],
            page.Descendants("svg").First().Elements("polyline").Select(line => line.Attribute("points")!.Value.Split(' ').Length));
    }

    [Fact]
    public void EqualLengths_AreSaidInWords()
    {
        ReportData data = Reports.Data();
        data = data with { History = data.History with { TrainingLengths = Reports.Lengths(60, 1, [960]), ValidationLengths = null } };
        Assert.Contains("All 960 have 60 tokens.", Reports.Shown(Reports.Page(data)));
    }

    [Fact]
    public void Frames_AreCalledFrames()
    {
        ReportData data = Reports.Data();
        data = data with { Config = new MambaConfig { InputChannels = 4, NumClasses = 3 }, Modality = MambaModality.Frames };
        string shown = Reports.Shown(Reports.Page(data));
        Assert.Contains("length in frames", shown);
        Assert.DoesNotContain("tokens", shown);
    }

    [Fact]
    public void ManyEpochs_AreThinnedOut()
    {
        ReportData data = Reports.Data(2, epochs: 450);
        XDocument page = Reports.Page(data with { History = data.History with { BestEpoch = 447 } });
        XElement table = page.Descendants("details").First().Descendants("tbody").Single();
        Assert.Equal("One epoch in 3 as a table", page.Descendants("summary").First().Value);
        Assert.Equal(1 + 150 + 1, table.Elements("tr").Count());
        Assert.Contains("447 (best)", table.Value);
        Assert.All(page.Descendants("polyline"), line => Assert.InRange(line.Attribute("points")!.Value.Split(' ').Length, 2, 450));
    }

    private static IEnumerable<XElement> OfClass(XContainer page, string name, string style) =>
        page.Descendants(name).Where(element => (string?)element.Attribute("class") == style);

    private static IEnumerable<string> Coordinates(XDocument page)
    {
        string[] names = ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "font-size", "fill-opacity"];
        IEnumerable<XElement> shapes = page.Descendants("svg").DescendantsAndSelf();
        return shapes.Attributes().Where(attribute => names.Contains(attribute.Name.LocalName)).Select(attribute => attribute.Value)
            .Concat(shapes.Attributes("points").SelectMany(points => points.Value.Split(' ', ',')))
            .Concat(shapes.Attributes("viewBox").SelectMany(box => box.Value.Split(' ')));
    }
}
