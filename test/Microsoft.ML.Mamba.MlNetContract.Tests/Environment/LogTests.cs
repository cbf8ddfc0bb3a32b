namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class LogTests
{
    private readonly MLContext _ml = new(1);
    private readonly List<LoggingEventArgs> _log = [];

    public LogTests() => _ml.Log += (_, message) => _log.Add(message);

    private IHost Host => _ml.Register("Component");

    [Theory]
    [InlineData(ChannelMessageKind.Trace)]
    [InlineData(ChannelMessageKind.Info)]
    [InlineData(ChannelMessageKind.Warning)]
    [InlineData(ChannelMessageKind.Error)]
    public void EveryKind_ReachesTheLog(ChannelMessageKind kind)
    {
        using (IChannel channel = Host.Start("Training"))
        {
            Action<MessageSensitivity, string> send = kind switch
            {
                ChannelMessageKind.Trace => channel.Trace,
                ChannelMessageKind.Info => channel.Info,
                ChannelMessageKind.Warning => channel.Warning,
                _ => channel.Error,
            };
            send(MessageSensitivity.None, "hello");
        }

        LoggingEventArgs message = Assert.Single(_log, entry => entry.RawMessage == "hello");
        Assert.Equal(kind, message.Kind);
        Assert.Equal("Component; Training", message.Source);
        Assert.Equal($"[Source=Component; Training, Kind={kind}] hello", message.Message);
    }

    [Fact]
    public void Formats_TakeArguments()
    {
        using (IChannel channel = Host.Start("Training"))
            channel.Info(MessageSensitivity.None, "{0} of {1}", 1, "two");

        Assert.Contains(_log, entry => entry.RawMessage == "1 of two");
    }

    [Fact]
    public void BracesInAPlainMessage_StayAsTheyAre()
    {
        using (IChannel channel = Host.Start("Training"))
            channel.Info(MessageSensitivity.None, "{0}");

        Assert.Contains(_log, entry => entry.RawMessage == "{0}");
    }

    [Fact]
    public void AChannel_TracesItsStartAndItsEnd()
    {
        Host.Start("Training").Dispose();

        Assert.Equal("Channel started", _log[0].RawMessage);
        Assert.StartsWith("Channel finished. Elapsed", _log[1].RawMessage);
        Assert.Equal("Channel disposed", _log[2].RawMessage);
        Assert.All(_log, entry => Assert.Equal(ChannelMessageKind.Trace, entry.Kind));
        Assert.Equal(3, _log.Count);
    }

    [Fact]
    public void AContextsOwnChannels_AreNamedAlone()
    {
        using (IChannel channel = ((IChannelProvider)_ml).Start("Alone"))
            channel.Info(MessageSensitivity.None, "hello");

        Assert.Equal("Alone", _log.Single(entry => entry.RawMessage == "hello").Source);
    }

    [Fact]
    public void OtherContexts_HearNothing()
    {
        using (IChannel channel = new MLContext(1).Register("Other").Start("Training"))
            channel.Info(MessageSensitivity.None, "hello");

        Assert.Empty(_log);
    }

    [Fact]
    public void TheSender_IsTheContext()
    {
        object? sender = null;
        _ml.Log += (from, _) => sender = from;
        Host.Start("Training").Dispose();

        Assert.Same(_ml, sender);
    }

    [Fact]
    public void WithoutListeners_NothingHappens()
    {
        using IChannel channel = new MLContext(1).Register("Other").Start("Training");
        channel.Error(MessageSensitivity.All, "nobody listens");
    }

    [Fact]
    public void CatalogEnvironments_LogToTheContext()
    {
        using (IChannel channel = CatalogUtils.GetEnvironment(_ml.MulticlassClassification.Trainers).Register("Trainer").Start("Training"))
            channel.Info(MessageSensitivity.None, "from a trainer");
        using (IChannel channel = CatalogUtils.GetEnvironment(_ml.Transforms).Register("Transform").Start("Training"))
            channel.Info(MessageSensitivity.None, "from a transform");

        Assert.EndsWith("Trainer; Training", _log.Single(entry => entry.RawMessage == "from a trainer").Source);
        Assert.EndsWith("Transform; Training", _log.Single(entry => entry.RawMessage == "from a transform").Source);
    }
}
