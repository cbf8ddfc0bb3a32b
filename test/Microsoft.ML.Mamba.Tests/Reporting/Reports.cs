using System.Xml.Linq;
using Microsoft.ML.Mamba.Reporting;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Reporting;

/// <summary>Reports of trainings that never were.</summary>
internal static class Reports
{
    public static ReportData Data(int classes = 3, int epochs = 12, bool validation = true, bool test = true)
    {
        string[] labels = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")];
        ClassConfusion matrix = Matrix(classes);
        return new ReportData
        {
            History = History(classes, epochs, validation),
            Config = new MambaConfig { VocabSize = 20, NumClasses = classes, DModel = 48, Pooling = MambaPooling.Attention },
            Labels = labels,
            Parameters = 123_456,
            Modality = MambaModality.Text,
            Engine = "cpu",
            LabelColumn = "Kind",
            SequenceColumn = "Words",
            Test = test ? new TestEvaluation(matrix.Total, 0, 0, Accuracy(matrix), 0.4321, matrix) : null,
        };
    }

    public static TrainingHistory History(int classes, int epochs, bool validation)
    {
        TrainingEpoch[] made = [.. Enumerable.Range(1, epochs).Select(epoch => new TrainingEpoch
        {
            Epoch = epoch,
            Steps = 30,
            Tokens = 9_000,
            TrainingLoss = 0.2 + 1.5 / epoch,
            LearningRate = 0.002f / epoch,
            Duration = TimeSpan.FromSeconds(2),
            ValidationLoss = validation ? 0.35 + 1.2 / epoch + 0.01 * epoch : null,
            ValidationAccuracy = validation ? 0.95 - 0.6 / epoch : null,
        })];
        var random = new Random(1);
        return new TrainingHistory
        {
            Epochs = made,
            BestEpoch = validation && epochs > 2 ? epochs - 2 : null,
            StopReason = TrainingStopReason.EarlyStopped,
            TrainingRows = 960,
            ValidationRows = validation ? 240 : 0,
            TotalSteps = 30 * epochs,
            TotalTokens = 9_000L * epochs,
            TotalTime = TimeSpan.FromSeconds(2 * epochs),
            ValidationTime = TimeSpan.FromSeconds(validation ? 0.25 * epochs : 0),
            StartedAt = new DateTimeOffset(2026, 3, 4, 15, 30, 0, TimeSpan.FromHours(1)),
            PeakMemory = 345_600_000,
            Curve = [.. Enumerable.Range(1, 30 * epochs).Select(step => new TrainingPoint
            {
                Step = step, Loss = 0.2 + 45.0 / (step + 29) + 0.1 * random.NextDouble(), LearningRate = 0.002f * MathF.Min(1, step / 30f),
                GradientNorm = 1 + random.NextDouble(),
            })],
            Confusion = validation ? Matrix(classes) : null,
            TrainingClassRows = [.. Enumerable.Range(0, classes).Select(i => 100 + i)],
            ValidationClassRows = validation ? [.. Enumerable.Range(0, classes).Select(i => 25 + i)] : [],
            TrainingLengths = Lengths(20, 5, [3, 9, 14, 30, 44, 20, 11, 5, 0, 2]),
            ValidationLengths = validation ? Lengths(24, 5, [1, 4, 8, 9, 3]) : null,
            Options = new Dictionary<string,
                string> { ["BatchSize"] = "32", ["ClassWeights"] = "[]", ["Augmentation"] = "{\"Noise\":0.25}" },
        };
    }

    public static LengthDistribution Lengths(int shortest, int width, int[] counts) => new()
    {
        Shortest = shortest, Longest = shortest + width * counts.Length - 1, Mean = shortest + width * counts.Length / 2.0,
        Median = shortest + width * counts.Length / 2, BinWidth = width, Counts = counts,
    };

    /// <summary>Most of 40 + label rows are right; the others go to neighbours.</summary>
    public static ClassConfusion Matrix(int classes)
    {
        var counts = new int[classes * classes];
        for (int label = 0; label < classes; label++)
        {
            counts[label * classes + label] = 30 + label;
            counts[label * classes + (label + 1) % classes] += 8;
            counts[label * classes + (label + classes - 1) % classes] += 2;
        }

        return new ClassConfusion { Classes = classes, Counts = counts };
    }

    public static XDocument Page(ReportData data) => XDocument.Parse(ReportPage.Create(data), LoadOptions.PreserveWhitespace);

    public static double Accuracy(ClassConfusion matrix) =>
        (double)Enumerable.Range(0, matrix.Classes).Sum(label => matrix[label, label]) / matrix.Total;

    /// <summary>What a browser shows: no style sheet, no tips.</summary>
    public static string Shown(XContainer page)
    {
        IEnumerable<XText> texts = page.Descendants("body").DescendantNodes().OfType<XText>();
        return string.Join('\n', texts.Where(text => text.Parent!.Name != "title").Select(text => text.Value));
    }
}
