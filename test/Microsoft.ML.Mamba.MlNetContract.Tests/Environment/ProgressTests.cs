namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class ProgressTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void ProgressChannels_TakeAHeaderCheckpointsAndDisposal()
    {
        using IProgressChannel progress = _ml.Register("Component").StartProgressChannel("Training");
        progress.SetHeader(new ProgressHeader(["loss"], ["epochs"]), entry =>
        {
            entry.SetProgress(0, 1, 10);
            entry.SetMetric(0, 0.5);
        });
        progress.Checkpoint(0.5, 1);
        progress.Checkpoint(0.25, 2);
    }

    [Fact]
    public void ProgressChannels_Nest()
    {
        using IProgressChannel outer = _ml.Register("Component").StartProgressChannel("Training");
        outer.SetHeader(new ProgressHeader(["loss"]), _ => { });
        using IProgressChannel inner = outer.StartProgressChannel("Validation");
        inner.SetHeader(new ProgressHeader(["accuracy"]), _ => { });
        inner.Checkpoint(1.0);
        outer.Checkpoint(0.5);
    }

    [Fact]
    public void ProgressHeaders_HoldTheirNames()
    {
        var header = new ProgressHeader(["loss", "accuracy"], ["epochs", "steps"]);

        Assert.Equal(["loss", "accuracy"], header.MetricNames);
        Assert.Equal(["epochs", "steps"], header.UnitNames);
        Assert.Empty(new ProgressHeader("epochs").MetricNames);
        Assert.Equal(["epochs"], new ProgressHeader("epochs").UnitNames);
    }

    [Fact]
    public void Progress_DoesNotReachTheLog()
    {
        var log = new List<LoggingEventArgs>();
        _ml.Log += (_, message) => log.Add(message);
        using (IProgressChannel progress = _ml.Register("Component").StartProgressChannel("Training"))
        {
            progress.SetHeader(new ProgressHeader(["loss"], ["epochs"]), entry => entry.SetMetric(0, 1));
            progress.Checkpoint(0.5, 1);
        }

        Assert.Empty(log);
    }

    [Fact]
    public void Dispose_MayBeCalledTwice()
    {
        IProgressChannel progress = _ml.Register("Component").StartProgressChannel("Training");
        progress.Dispose();
        progress.Dispose();
    }
}
