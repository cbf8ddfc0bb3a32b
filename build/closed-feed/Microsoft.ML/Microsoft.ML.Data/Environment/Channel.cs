using System.Diagnostics;

namespace Microsoft.ML.StandIn;

internal class Pipe<TMessage> : IPipe<TMessage>, IMessageSource
{
    private readonly EnvironmentNode _owner;
    private bool _disposed;

    public Pipe(EnvironmentNode owner, string name)
    {
        _owner = owner;
        ShortName = string.IsNullOrEmpty(name) ? null : name;
        FullName = string.IsNullOrEmpty(owner.FullName) ? ShortName : $"{owner.FullName}; {ShortName}";
    }

    public string ShortName { get; }

    public string FullName { get; }

    public bool Verbose => _owner.Verbose;

    public string ContextDescription => FullName;

    public void Send(TMessage msg) => _owner.Dispatch(this, msg);

    public TException Process<TException>(TException ex)
        where TException : Exception
    {
        if (ex != null)
        {
            Contracts.Mark(ex).Data[EnvironmentNode.ThrowingComponentKey] = _owner.ShortName;
            ex.Data[EnvironmentNode.ParentComponentKey] = _owner.ParentFullName;
            ex.Data["Phase"] = ShortName;
        }
        return ex;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Close();
    }

    protected virtual void Close()
    {
    }
}

/// <summary>A channel tells by itself when it starts and ends.</summary>
internal sealed class Channel : Pipe<ChannelMessage>, IChannel
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public Channel(EnvironmentNode owner, string name)
        : base(owner, name)
    {
        Trace(MessageSensitivity.None, "Channel started");
    }

    public void Trace(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Trace, sensitivity, fmt));

    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args)
        => Send(new ChannelMessage(ChannelMessageKind.Trace, sensitivity, fmt, args));

    public void Error(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Error, sensitivity, fmt));

    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args)
        => Send(new ChannelMessage(ChannelMessageKind.Error, sensitivity, fmt, args));

    public void Warning(MessageSensitivity sensitivity, string fmt)
        => Send(new ChannelMessage(ChannelMessageKind.Warning, sensitivity, fmt));

    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args)
        => Send(new ChannelMessage(ChannelMessageKind.Warning, sensitivity, fmt, args));

    public void Info(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Info, sensitivity, fmt));

    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args)
        => Send(new ChannelMessage(ChannelMessageKind.Info, sensitivity, fmt, args));

    protected override void Close()
    {
        Trace(MessageSensitivity.None, "Channel finished. Elapsed {0:c}.", _watch.Elapsed);
        Trace(MessageSensitivity.None, "Channel disposed");
    }
}
