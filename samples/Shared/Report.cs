using Microsoft.ML.Data;

namespace Samples;

/// <summary>Prints what an evaluation found.</summary>
internal static class Report
{
    public static void Metrics(MulticlassClassificationMetrics metrics)
    {
        Console.WriteLine();
        Console.WriteLine($"micro accuracy  {metrics.MicroAccuracy:F4}    (right answers among all rows)");
        Console.WriteLine($"macro accuracy  {metrics.MacroAccuracy:F4}    (mean over the classes)");
        Console.WriteLine($"log-loss        {metrics.LogLoss:F4}    (0 is perfect; reduction against the prior {metrics.LogLossReduction:P1})");
        Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
    }

    public static void Prediction(string input, IEnumerable<KeyValuePair<string, float>> scores)
    {
        string shown = input.Length > 60 ? input[..57] + "..." : input;
        Console.WriteLine($"  {shown,-60}  {string.Join("  ", scores.Take(3).Select(score => $"{score.Key}: {score.Value:P1}"))}");
    }
}
