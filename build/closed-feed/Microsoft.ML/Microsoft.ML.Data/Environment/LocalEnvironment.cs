using System.Collections.Concurrent;

namespace Microsoft.ML.Data;

/// <summary>The environment behind MLContext, and the hosts registered in it. A message goes to the listeners of its type.</summary>
internal sealed class LocalEnvironment : EnvironmentNode
{
    private readonly ConcurrentDictionary<Type, Delegate> _listeners = [];

    public LocalEnvironment(int? seed = null)
        : base(null, null, null, false, seed, RandomUtils.Create(seed))
    {
        ComponentCatalog = new ComponentCatalog();
    }

    public override ComponentCatalog ComponentCatalog { get; }

    public void AddListener(Action<IMessageSource, ChannelMessage> listener) => AddListener<ChannelMessage>(listener);

    public void RemoveListener(Action<IMessageSource, ChannelMessage> listener) => RemoveListener<ChannelMessage>(listener);

    public void AddListener<TMessage>(Action<IMessageSource, TMessage> listener)
    {
        Contracts.CheckValue(listener, nameof(listener));
        _listeners.AddOrUpdate(typeof(TMessage), listener, (_, present) => Delegate.Combine(present, listener));
    }

    public void RemoveListener<TMessage>(Action<IMessageSource, TMessage> listener)
    {
        Contracts.CheckValue(listener, nameof(listener));
        _listeners.AddOrUpdate(typeof(TMessage), _ => null, (_, present) => Delegate.Remove(present, listener));
    }

    public override void Dispatch<TMessage>(IMessageSource source, TMessage message)
    {
        if (_listeners.TryGetValue(typeof(TMessage), out Delegate listeners))
            ((Action<IMessageSource, TMessage>)listeners)?.Invoke(source, message);
    }
}
