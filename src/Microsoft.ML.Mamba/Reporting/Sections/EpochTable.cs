using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting.Sections;

/// <summary>A row an epoch, folded away.</summary>
internal static class EpochTable
{
    private const int MostRows = 200;

    public static void Write(Markup page, TrainingHistory history)
    {
        if (history.Epochs.Count == 0)
            return;
        int every = (history.Epochs.Count + MostRows - 1) / MostRows;
        page.Open("details");
        page.Leaf("summary", every == 1 ? "All epochs as a table" : $"One epoch in {Figures.Count(every)} as a table");
        page.Open("div", ("class", "wide"));
        page.Open("table");
        Tables.Head(page, "epoch", "steps", "training loss", "validation loss", "validation accuracy", "learning rate", "time");
        page.Open("tbody");
        for (int i = 0; i < history.Epochs.Count; i++)
        {
            TrainingEpoch epoch = history.Epochs[i];
            bool best = epoch.Epoch == history.BestEpoch;
            if (i % every != 0 && i != history.Epochs.Count - 1 && !best)
                continue;
            page.Open("tr", ("class", best ? "best" : "plain"));
            page.Leaf("th", Figures.Count(epoch.Epoch) + (best ? " (best)" : ""), ("scope", "row"));
            Tables.Cells(page, Figures.Count(epoch.Steps), Figures.Loss(epoch.TrainingLoss), Figures.Loss(epoch.ValidationLoss),
                Figures.Percent(epoch.ValidationAccuracy), Figures.Short(epoch.LearningRate), Figures.Duration(epoch.Duration));
            page.Close();
        }

        page.Close();
        page.Close();
        page.Close();
        page.Close();
    }
}
