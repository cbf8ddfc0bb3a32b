namespace Microsoft.ML.StandIn;

/// <summary>What the environment and a host have in common: names, random numbers, options, children and cancellation.</summary>
internal abstract class EnvironmentNode : IHostEnvironmentInternal, ICancelable
{
    public const string ThrowingComponentKey = "Throwing component";
    public const string ParentComponentKey = "Parent component";

    private readonly Lock _lock = new();
    private readonly List<WeakReference<EnvironmentNode>> _children = [];
    private readonly Dictionary<string, object> _options = [];
    private readonly EnvironmentNode _parent;

    protected EnvironmentNode(EnvironmentNode parent, string shortName, string parentFullName, bool verbose, int? seed, Random rand)
    {
        _parent = parent;
        ShortName = shortName;
        ParentFullName = parentFullName;
        FullName = parentFullName == null ? shortName : $"{parentFullName}; {shortName}";
        Verbose = verbose;
        Seed = seed;
        Rand = rand;
        FallbackToCpu = parent?.FallbackToCpu ?? false;
        GpuDeviceId = parent?.GpuDeviceId;
        IsCanceled = parent?.IsCanceled ?? false;
    }

    public string ShortName { get; }

    public string ParentFullName { get; }

    public string FullName { get; }

    public bool Verbose { get; }

    public string ContextDescription => "HostEnvironment";

    public abstract ComponentCatalog ComponentCatalog { get; }

    public Random Rand { get; }

    public int? Seed { get; }

    public string TempFilePath { get; set; } = Path.GetTempPath();

    public bool FallbackToCpu { get; set; }

    public int? GpuDeviceId { get; set; }

    public bool IsCanceled { get; private set; }

    public abstract void Dispatch<TMessage>(IMessageSource source, TMessage message);

    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        lock (_lock)
        {
            _children.RemoveAll(child => !child.TryGetTarget(out _));
            Random rand = seed.HasValue ? RandomUtils.Create(seed.Value) : RandomUtils.Create(Rand);
            // A host's full name starts with its grandparent's: a quirk of the real package that log sources show.
            var host = new Host(this, name, _parent?.FullName, verbose ?? Verbose, rand);
            if (_parent == null)
                host.TempFilePath = TempFilePath;
            _children.Add(new WeakReference<EnvironmentNode>(host));
            return host;
        }
    }

    public IChannel Start(string name) => new Channel(this, name);

    public IPipe<TMessage> StartPipe<TMessage>(string name) => new Pipe<TMessage>(this, name);

    public IProgressChannel StartProgressChannel(string name) => new ProgressChannel(this, name);

    // Hosts name themselves "Environment" too; only channels tell their own component.
    public TException Process<TException>(TException ex)
        where TException : Exception
    {
        if (ex != null)
            Contracts.Mark(ex).Data[ThrowingComponentKey] = "Environment";
        return ex;
    }

    public void CancelExecution()
    {
        lock (_lock)
        {
            foreach (WeakReference<EnvironmentNode> child in _children)
            {
                if (child.TryGetTarget(out EnvironmentNode node))
                    node.CancelExecution();
            }
            _children.Clear();
            IsCanceled = true;
        }
    }

    public bool TryAddOption<T>(string name, T value)
    {
        CheckOptionName(name);
        return _options.TryAdd(name, value);
    }

    public void SetOption<T>(string name, T value)
    {
        CheckOptionName(name);
        _options[name] = value;
    }

    public bool TryGetOption<T>(string name, out T value)
    {
        CheckOptionName(name);
        bool found = _options.TryGetValue(name, out object stored) && stored is T;
        value = found ? (T)stored : default;
        return found;
    }

    public T GetOptionOrDefault<T>(string name)
    {
        CheckOptionName(name);
        _options.TryAdd(name, default(T));
        return (T)_options[name];
    }

    public bool RemoveOption(string name)
    {
        CheckOptionName(name);
        return _options.Remove(name);
    }

    private static void CheckOptionName(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentNullException(nameof(name));
    }

    private sealed class Host(EnvironmentNode parent, string shortName, string parentFullName, bool verbose, Random rand)
        : EnvironmentNode(parent, shortName, parentFullName, verbose, parent.Seed, rand), IHost
    {
        public override ComponentCatalog ComponentCatalog => _parent.ComponentCatalog;

        public override void Dispatch<TMessage>(IMessageSource source, TMessage message) => _parent.Dispatch(source, message);
    }
}
