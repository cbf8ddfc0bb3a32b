using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Passes a training's progress on to the caller, to ML.NET's log and progress channel, and ML.NET's cancellation back to the training.</summary>
internal sealed class FitProgress : IProgress<TrainingProgress>, IDisposable
{
    private readonly IHost _host;
    private readonly IChannel _channel;
    private readonly IProgressChannel _progressChannel;
    private readonly IProgress<TrainingProgress>? _next;
    private readonly CancellationTokenSource _cancellation;
    private readonly bool _validates;
    private readonly string? _checkpoints;
    private readonly string _engine;
    private volatile TrainingProgress? _last;

    public FitProgress(IHost host, IChannel channel, MambaClassificationOptions options, string engine, bool validates)
    {
        _host = host;
        _channel = channel;
        _next = options.Progress;
        _validates = validates;
        _checkpoints = options.CheckpointFolder;
        _engine = engine;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken);
        _progressChannel = host.StartProgressChannel("Training Mamba");
        string[] metrics = validates ? ["loss", "validation loss", "validation accuracy"] : ["loss"];
        _progressChannel.SetHeader(new ProgressHeader(metrics, ["epochs"]), Fill);
    }

    /// <summary>Cancelled by the caller's token and by ML.NET.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Whether any step or validation was made.</summary>
    public bool HasReported => _last is not null;

    public void Report(TrainingProgress value)
    {
        int before = value.Step - (value.ValidationLoss is null ? 1 : 0);
        if (_last is null && before > 0)
            _channel.Info(MessageSensitivity.None, Text($"Resumed after {before} steps, in epoch {value.Epoch}, from the checkpoints in '{_checkpoints}'."));
        _last = value;
        _next?.Report(value with { Engine = _engine });
        if (value.StepInEpoch == value.StepsInEpoch && _validates == value.ValidationLoss.HasValue)
            EpochEnded(value);
        if (_host is ICancelable { IsCanceled: true })
            _cancellation.Cancel();
    }

    public void Dispose()
    {
        _progressChannel.Dispose();
        _cancellation.Dispose();
    }

    private void EpochEnded(TrainingProgress value)
    {
        string validation = value.ValidationLoss is null
            ? ""
            : Text($", validation loss {value.ValidationLoss:F4}, validation accuracy {value.ValidationAccuracy:F4}");
        _channel.Info(
            MessageSensitivity.None,
            Text($"Epoch {value.Epoch} of {value.Epochs}: loss {value.Loss:F4}{validation}, {value.TokensPerSecond:F0} tokens/s, ")
            + Text($"{(int)value.TimeLeft.TotalHours}:{value.TimeLeft:mm\\:ss} left"));
        double?[] values = _validates ? [value.Loss, value.ValidationLoss, value.ValidationAccuracy, value.Epoch] : [value.Loss, value.Epoch];
        _progressChannel.Checkpoint(values);
    }

    private void Fill(IProgressEntry entry)
    {
        if (_last is not { } value)
            return;
        entry.SetProgress(0, value.Fraction * value.Epochs, value.Epochs);
        entry.SetMetric(0, value.Loss);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
