using Microsoft.ML.Mamba.Training;
using Spectre.Console;

namespace Samples;

/// <summary>Shows how training goes: a progress bar on a terminal, one line an epoch elsewhere.</summary>
internal static class TrainingDisplay
{
    public static T Run<T>(Func<IProgress<TrainingProgress>, T> train, DirectoryInfo? checkpoints)
    {
        // Through the console that shows the bar, which then stays below; it would break lines of a file.
        var start = new Start(checkpoints, Console.IsOutputRedirected ? Console.WriteLine : AnsiConsole.WriteLine);
        T result;
        if (Console.IsOutputRedirected)
        {
            var lines = new Lines(start);
            result = train(lines);
            lines.Flush();
        }
        else
        {
            result = AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .Start(context => train(new Bar(start, context.AddTask("training", maxValue: 1))));
        }

        start.Ended();
        return result;
    }

    private static string Describe(TrainingProgress progress, double? validationLoss, double? validationAccuracy)
    {
        string text = $"epoch {progress.Epoch,2}/{progress.Epochs}  loss {progress.Loss:F4}";
        if (validationAccuracy != null)
            text += $"  validation loss {validationLoss:F4} accuracy {validationAccuracy:F4}";
        string models = progress.EnsembleSize == 1 ? "" : $" for {progress.EnsembleSize} models";
        return text + $"  {progress.TokensPerSecond / 1000:F0}k tokens/s{models} on {progress.Engine}";
    }

    // Says how the training began. The first report is of the first step, unless there were steps before: then it goes on from a checkpoint.
    // Without any report it had ended before.
    private sealed class Start(DirectoryInfo? checkpoints, Action<string> write)
    {
        private bool _begun;

        public void Report(TrainingProgress value)
        {
            int before = value.Step - (value.ValidationLoss == null ? 1 : 0);
            if (!_begun && checkpoints != null)
            {
                write(before > 0
                    ? $"goes on after {before} steps, in epoch {value.Epoch}, from the checkpoints in {checkpoints.FullName}"
                    : $"checkpoints go to {checkpoints.FullName}; after an interruption the same command goes on from there");
            }

            _begun = true;
        }

        public void Ended()
        {
            if (!_begun && checkpoints != null)
                write($"the training in {checkpoints.FullName} had ended; its model is taken");
        }
    }

    private sealed class Bar(Start start, ProgressTask task) : IProgress<TrainingProgress>
    {
        private double? _validationLoss, _validationAccuracy;

        public void Report(TrainingProgress value)
        {
            start.Report(value);
            _validationLoss = value.ValidationLoss ?? _validationLoss;
            _validationAccuracy = value.ValidationAccuracy ?? _validationAccuracy;
            task.Value = value.Fraction;
            task.Description = Markup.Escape(Describe(value, _validationLoss, _validationAccuracy));
        }
    }

    // An epoch's last report is known only when the next epoch begins, or the training ends: validation comes after the last step.
    private sealed class Lines(Start start) : IProgress<TrainingProgress>
    {
        private TrainingProgress? _last;

        public void Report(TrainingProgress value)
        {
            start.Report(value);
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
