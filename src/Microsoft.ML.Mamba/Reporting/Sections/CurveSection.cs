using Microsoft.ML.Mamba.Reporting.Charts;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting.Sections;

/// <summary>The curves of loss, accuracy, learning rate and gradient, over epochs; over steps where no epoch was completed.</summary>
internal static class CurveSection
{
    // As many points as a chart has places for.
    private const int MostPoints = 400;

    public static void Write(Markup page, ReportData data)
    {
        TrainingHistory history = data.History;
        if (history.Epochs.Count == 0 && history.Curve.Count == 0)
            return;
        IReadOnlyList<TrainingPoint> curve = Thin(history.Curve);
        var time = new EpochTime(history.Epochs, history.TotalSteps);
        page.Open("section");
        page.Leaf("h2", "Training");
        page.Open("div", ("class", "charts"));
        WriteLoss(page, history, curve, time);
        WriteAccuracy(page, history, time);
        WriteSteps(page, "Learning rate", "first", [.. LearningRates(history, curve, time)], time);
        WriteSteps(page, "Gradient norm before clipping", "first",
            [.. curve.Select(point => new ChartPoint(time.At(point.Step), point.GradientNorm))], time);
        page.Close();
        EpochTable.Write(page, history);
        page.Close();
    }

    private static void WriteLoss(Markup page, TrainingHistory history, IReadOnlyList<TrainingPoint> curve, EpochTime time)
    {
        var lines = new List<ChartLine>();
        if (curve.Count > 1)
            Add(lines, "training, steps", "faint", curve.Select(point => new ChartPoint(time.At(point.Step), point.Loss)));
        Add(lines, "training, epochs", "first", history.Epochs.Select(epoch => Point(epoch, epoch.TrainingLoss, "training loss")));
        Add(lines, "validation", "second", history.Epochs.Where(epoch => epoch.ValidationLoss != null)
            .Select(epoch => Point(epoch, epoch.ValidationLoss!.Value, "validation loss")));
        if (RangeOf(lines) is not { } range)
            return;
        new LineChart
        {
            Title = "Loss",
            XName = time.Name,
            X = time.Axis,
            Y = Axis.Of(range.Low < 0.4 * range.High ? Math.Min(0, range.Low) : range.Low, range.High, 5),
            Lines = lines,
            Flag = Best(history),
        }.Write(page);

        static ChartPoint Point(TrainingEpoch epoch, double value, string name) =>
            new(epoch.Epoch, value, $"epoch {Figures.Count(epoch.Epoch)}: {name} {Figures.Loss(value)}");
    }

    private static void WriteAccuracy(Markup page, TrainingHistory history, EpochTime time)
    {
        var lines = new List<ChartLine>();
        Add(lines, "validation", "second", history.Epochs.Where(epoch => epoch.ValidationAccuracy != null).Select(Point));
        if (RangeOf(lines) is not { } range)
            return;
        Axis y = Axis.Of(range.Low, range.High, 5);
        new LineChart
        {
            Title = "Validation accuracy",
            XName = time.Name,
            X = time.Axis,
            Y = y with { Low = Math.Max(0, y.Low), High = Math.Min(1, y.High) },
            Lines = lines,
            Flag = Best(history),
            Format = value => Figures.Short(100 * value) + " %",
        }.Write(page);

        static ChartPoint Point(TrainingEpoch epoch) => new(
            epoch.Epoch,
            epoch.ValidationAccuracy!.Value,
            $"epoch {Figures.Count(epoch.Epoch)}: {Figures.Percent(epoch.ValidationAccuracy)}");
    }

    private static void WriteSteps(Markup page, string title, string style, ChartPoint[] points, EpochTime time)
    {
        ChartLine[] lines = [new(title, style, points)];
        if (points.Length < 2 || RangeOf(lines) is not { } range)
            return;
        new LineChart { Title = title, XName = time.Name, X = time.Axis, Y = Axis.Of(0, range.High, 4), Lines = lines }.Write(page);
    }

    private static IEnumerable<ChartPoint> LearningRates(
        TrainingHistory history, IReadOnlyList<TrainingPoint> curve, EpochTime time) => curve.Count > 0
        ? curve.Select(point => new ChartPoint(time.At(point.Step), point.LearningRate))
        : history.Epochs.Select(epoch => new ChartPoint(epoch.Epoch, epoch.LearningRate));

    private static (double X, string Text)? Best(TrainingHistory history) =>
        history.BestEpoch is { } best ? (best, $"best epoch {Figures.Count(best)}") : null;

    private static void Add(List<ChartLine> lines, string name, string style, IEnumerable<ChartPoint> points)
    {
        var line = new ChartLine(name, style, [.. points]);
        if (line.Points.Count > 0)
            lines.Add(line);
    }

    private static (double Low, double High)? RangeOf(IReadOnlyList<ChartLine> lines)
    {
        double[] values = [.. lines.SelectMany(line => line.Points).Select(point => point.Y).Where(double.IsFinite)];
        return values.Length > 0 ? (values.Min(), values.Max()) : null;
    }

    // Neighbours are averaged; the learning rate is the last one's, as in the curve itself.
    private static IReadOnlyList<TrainingPoint> Thin(IReadOnlyList<TrainingPoint> curve)
    {
        int group = (curve.Count + MostPoints - 1) / MostPoints;
        return group <= 1 ? curve : [.. curve.Chunk(group).Select(points => points[^1] with
        {
            Loss = points.Average(point => point.Loss),
            GradientNorm = points.Average(point => point.GradientNorm),
        })];
    }
}
