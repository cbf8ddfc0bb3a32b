using Microsoft.ML.Mamba.Training;
using Spectre.Console;

namespace Samples;

/// <summary>Shows how training goes: a progress bar on a terminal, one line an epoch elsewhere.</summary>
internal static class TrainingDisplay
{
    public static T Run<T>(Func<IProgress<TrainingProgress>, T> train)
    {
        if (Console.IsOutputRedirected)
        {
            var lines = new Lines();
            T result = train(lines);
            lines.Flush();
            return result;
        }

        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => train(new Bar(context.AddTask("training", maxValue: 1))));
    }

    private static string Describe(TrainingProgress progress, double? validationLoss, double? validationAccuracy)
    {
        string text = $"epoch {progress.Epoch,2}/{progress.Epochs}  loss {progress.Loss:F4}";
        if (validationAccuracy != null)
            text += $"  validation loss {validationLoss:F4} accuracy {validationAccuracy:F4}";
        return text + $"  {progress.TokensPerSecond / 1000:F0}k tokens/s";
    }

    private sealed class Bar(ProgressTask task) : IProgress<TrainingProgress>
    {
        private double? _validationLoss, _validationAccuracy;

        public void Report(TrainingProgress value)
        {
            _validationLoss = value.ValidationLoss ?? _validationLoss;
            _validationAccuracy = value.ValidationAccuracy ?? _validationAccuracy;
            task.Value = value.Fraction;
            task.Description = Markup.Escape(Describe(value, _validationLoss, _validationAccuracy));
        }
    }

    // An epoch's last report is known only when the next epoch begins, or the training ends: validation comes after the last step.
    private sealed class Lines : IProgress<TrainingProgress>
    {
        private TrainingProgress? _last;

        public void Report(TrainingProgress value)
        {
            if (_last != null && value.Epoch != _last.Epoch)
                Flush();
            _last = value;
        }

        public void Flush()
        {
            if (_last != null)
                Console.WriteLine(Describe(_last, _last.ValidationLoss, _last.ValidationAccuracy));
            _last = null;
        }
    }
}
