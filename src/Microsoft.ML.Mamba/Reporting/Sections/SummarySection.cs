using System.Globalization;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting.Sections;

/// <summary>The title, the figures that matter most, and what went wrong.</summary>
internal static class SummarySection
{
    public static void Write(Markup page, ReportData data)
    {
        TrainingHistory history = data.History;
        page.Open("header");
        page.Leaf("h1", data.Title);
        string started = history.StartedAt is { } time ? time.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture) + " · " : "";
        string classes = $"{Figures.Count(data.Labels.Count)} classes from column {data.LabelColumn}";
        string rows = $"trained on {Figures.Count(history.TrainingRows)} rows";
        page.Leaf("p", $"{started}{data.Modality} from column {data.SequenceColumn}, {classes} · {rows}", ("class", "soft"));
        page.Close();

        page.Open("div", ("class", "cards"));
        if (data.Test is { } test)
        {
            Card(page, "Test accuracy", Figures.Percent(test.Accuracy), $"{Figures.Count(test.Rows)} rows", "good");
            Card(page, "Test log-loss", Figures.Loss(test.Loss), $"guessing evenly: {Figures.Loss(Math.Log(data.Labels.Count))}");
        }

        WriteValidation(page, history);
        WriteTraining(page, data);
        page.Close();
        WriteNotes(page, data);
    }

    private static void WriteValidation(Markup page, TrainingHistory history)
    {
        TrainingEpoch? best = history.BestEpoch is { } number ? history.Epochs.FirstOrDefault(epoch => epoch.Epoch == number) : null;
        best ??= history.Epochs.LastOrDefault(epoch => epoch.ValidationAccuracy != null);
        if (best?.ValidationAccuracy is not { } accuracy)
            return;
        string rows = $"{Figures.Count(history.ValidationRows)} rows, epoch {Figures.Count(best.Epoch)}";
        Card(page, "Validation accuracy", Figures.Percent(accuracy), rows, "good");
        Card(page, "Validation loss", Figures.Loss(best.ValidationLoss), $"training loss then: {Figures.Loss(best.TrainingLoss)}");
    }

    private static void WriteTraining(Markup page, ReportData data)
    {
        TrainingHistory history = data.History;
        string end = history.StopReason switch
        {
            TrainingStopReason.EarlyStopped => "stopped early",
            TrainingStopReason.Diverged => "diverged",
            _ => "completed",
        };
        Card(page, "Epochs", Figures.Count(history.Epochs.Count), $"{Figures.Count(history.TotalSteps)} steps, {end}");
        string validation = history.ValidationTime > TimeSpan.Zero
            ? $"{Figures.Duration(history.ValidationTime)} of it validation"
            : "without validation";
        Card(page, "Time", Figures.Duration(history.TotalTime), validation);
        double seconds = (history.TotalTime - history.ValidationTime).TotalSeconds;
        if (seconds > 0 && history.TotalTokens > 0)
        {
            string all = $"{data.Units} a second, {Figures.Count(history.TotalTokens)} in all";
            Card(page, "Speed", Figures.Rate(history.TotalTokens / seconds), all);
        }

        int layers = data.Config.NumLayers;
        string shape = $"{Figures.Count(layers)} layer{(layers == 1 ? "" : "s")}, width {Figures.Count(data.Config.DModel)}";
        string models = data.EnsembleSize == 1 ? "" : $"{Figures.Count(data.EnsembleSize)} models, ";
        Card(page, "Parameters", Figures.Count(data.Parameters), models + shape);
        if (history.PeakMemory is { } memory)
            Card(page, "Peak memory", Figures.Bytes(memory), "of the process");
    }

    private static void WriteNotes(Markup page, ReportData data)
    {
        var notes = new List<string>();
        if (data.History.Warning is { } warning)
            notes.Add(warning);
        notes.AddRange(data.History.Guidance);
        if (data.Overlap is { } overlap)
            notes.Add(overlap);
        if (data.History.Epochs.Count == 0)
            notes.Add("No epoch was completed, so there are no curves.");
        if (data.Test is { Unlabelled: > 0 } unlabelled)
            notes.Add($"{Figures.Count(unlabelled.Unlabelled)} test rows have no label and are left out.");
        if (data.Test is { Unscored: > 0 } unscored)
            notes.Add($"{Figures.Count(unscored.Unscored)} test rows were given no score and are left out.");
        foreach (string note in notes)
            page.Leaf("p", note, ("class", "warning"), ("role", "note"));
    }

    private static void Card(Markup page, string name, string value, string detail, string style = "")
    {
        page.Open("div", ("class", style.Length > 0 ? $"card {style}" : "card"));
        page.Leaf("span", name, ("class", "soft"));
        page.Leaf("strong", value);
        page.Leaf("small", detail, ("class", "soft"));
        page.Close();
    }
}
