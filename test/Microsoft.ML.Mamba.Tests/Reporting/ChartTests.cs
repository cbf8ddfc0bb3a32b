using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.Mamba.Reporting;
using Microsoft.ML.Mamba.Reporting.Charts;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Reporting;

public class ChartTests
{
    [Theory]
    [InlineData(0, 1, 5, "0 0.2 0.4 0.6 0.8 1")]
    [InlineData(0.31, 0.94, 5, "0.2 0.4 0.6 0.8 1")]
    [InlineData(0, 0.002f, 4, "0 0.0005 0.001 0.0015 0.002")]
    [InlineData(-3, 42, 5, "-10 0 10 20 30 40 50")]
    [InlineData(7, 7, 4, "6 6.5 7 7.5 8")]
    [InlineData(0, 0, 4, "-1 -0.5 0 0.5 1")]
    [InlineData(0, 123456, 4, "0 50000 100000 150000")]
    public void Axis_HasRoundMarks(double low, double high, int marks, string expected)
    {
        Axis axis = Axis.Of(low, high, marks);
        Assert.Equal(expected, string.Join(' ', axis.Marks().Select(Figures.Short)));
        Assert.InRange(low, axis.Low, axis.High);
        Assert.InRange(high, axis.Low, axis.High + 1e-9);
    }

    [Theory]
    [InlineData(0, 3, "0 1 2 3")]
    [InlineData(0, 0.2, "0 1")]
    [InlineData(0, 100, "0 20 40 60 80 100")]
    [InlineData(17, 40, "20 25 30 35 40")]
    public void WholeAxis_HasWholeMarks(double low, double high, string expected) =>
        Assert.Equal(expected, string.Join(' ', Axis.OfWhole(low, high, 6).Marks().Select(Figures.Short)));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.00123, "0.00123")]
    [InlineData(0.1 + 0.2, "0.3")]
    [InlineData(-12.345, "-12.3")]
    [InlineData(12345, "12345")]
    [InlineData(2e-5, "2e-5")]
    [InlineData(1.5e7, "1.5e7")]
    public void ShortNumbers_HaveThreeDigits(double value, string expected) => Assert.Equal(expected, Figures.Short(value));

    [Theory]
    [InlineData(0.0421, "42 ms")]
    [InlineData(12.34, "12.3 s")]
    [InlineData(192, "3 min 12 s")]
    [InlineData(93_784, "26 h 3 min")]
    public void Durations_AreShort(double seconds, string expected) =>
        Assert.Equal(expected, Figures.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Lines_RunThroughTheirValues()
    {
        TrainingHistory history = Reports.History(2, 4, validation: true);
        XElement loss = Reports.Page(Reports.Data(2) with { History = history }).Descendants("svg").First();
        Assert.Equal("Loss", (string?)loss.Attribute("aria-label"));
        (double Value, double Place) low = Mark(loss, "0"), high = Mark(loss, "1");
        XElement[] dots = [.. loss.Elements("circle").Where(dot => (string?)dot.Attribute("class") == "dot second")];
        Assert.Equal(history.Epochs.Count, dots.Length);
        for (int i = 0; i < dots.Length; i++)
        {
            double value = (Number(dots[i], "cy") - low.Place) / (high.Place - low.Place);
            Assert.Equal(history.Epochs[i].ValidationLoss!.Value, value, 0.02);
            Assert.Equal(
                $"epoch {i + 1}: validation loss {history.Epochs[i].ValidationLoss!.Value.ToString("F4", CultureInfo.InvariantCulture)}",
                dots[i].Element("title")!.Value);
        }

        Assert.Equal(dots.Select(dot => Number(dot, "cx")).Order(), dots.Select(dot => Number(dot, "cx")));
        string[] line = loss.Elements("polyline").Single(line => (string?)line.Attribute("class") == "line second").Attribute(
            "points")!.Value.Split(' ');
        Assert.Equal(dots.Select(dot => $"{dot.Attribute("cx")!.Value},{dot.Attribute("cy")!.Value}"), line);

        (double Value, double Place) Mark(XElement chart, string text)
        {
            XElement tick = chart.Elements("text").First(tick => tick.Value == text && (string?)tick.Attribute("class") == "tick end");
            return (double.Parse(text, CultureInfo.InvariantCulture), Number(tick, "y") - 4);
        }
    }

    [Fact]
    public void Steps_StandWithinTheirEpochs()
    {
        var time = new Mamba.Reporting.Sections.EpochTime([.. new[] { 10, 20 }.Select((steps, i) => new TrainingEpoch
        {
            Epoch = i + 1, Steps = steps, Tokens = 1, TrainingLoss = 1, LearningRate = 1, Duration = TimeSpan.Zero,
        })], 40);
        Assert.Equal([0.5, 1, 1.5, 2, 2.5], new[] { 5, 10, 20, 30, 40 }.Select(time.At));
        Assert.Equal((0, 2.5), (time.Axis.Low, time.Axis.High));
    }

    [Fact]
    public void Bars_AreAsHighAsTheirCounts()
    {
        LengthDistribution lengths = Reports.Lengths(20, 5, [3, 0, 12, 6]);
        ReportData data = Reports.Data(2, validation: false);
        XElement chart = Reports.Page(data with { History = data.History with { TrainingLengths = lengths } }).Descendants("svg")
            .Single(svg => (string?)svg.Attribute("aria-label") == "Length of the training sequences");
        XElement[] bars = [.. chart.Elements("rect")];
        Assert.Equal([0.25, 0, 1, 0.5], bars.Select(bar => Math.Round(Number(bar, "height") / Number(bars[2], "height"), 2)));
        Assert.Equal(["20 to 24 tokens: 3 rows", "25 to 29 tokens: 0 rows", "30 to 34 tokens: 12 rows", "35 to 39 tokens: 6 rows"],
            bars.Select(bar => bar.Element("title")!.Value));
    }

    private static double Number(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
