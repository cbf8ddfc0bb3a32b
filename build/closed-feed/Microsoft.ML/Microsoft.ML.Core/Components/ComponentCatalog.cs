using System.Reflection;

namespace Microsoft.ML.Runtime;

/// <summary>The loadable classes of the assemblies registered so far, by name (any case) and signature.</summary>
public sealed partial class ComponentCatalog
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _assemblies = [];
    private readonly List<LoadableClassInfo> _classes = [];
    private readonly Dictionary<(string Name, Type Signature), LoadableClassInfo> _byName = [];

    internal ComponentCatalog()
    {
    }

    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        lock (_lock)
        {
            if (!_assemblies.Add(assembly.FullName))
                return;
            foreach (Attribute attribute in assembly.GetCustomAttributes(typeof(LoadableClassAttributeBase)))
                Add((LoadableClassAttributeBase)attribute, throwOnError);
        }
    }

    internal LoadableClassInfo[] GetAllClasses()
    {
        lock (_lock)
            return _classes.ToArray();
    }

    internal LoadableClassInfo[] FindLoadableClasses(string name)
    {
        string wanted = Normalize(name);
        return GetAllClasses().Where(info => info.LoadNames.Any(loadName => Normalize(loadName) == wanted)).ToArray();
    }

    internal LoadableClassInfo[] FindLoadableClasses<TSig>()
    {
        return GetAllClasses().Where(info => info.SignatureTypes.Contains(typeof(TSig))).ToArray();
    }

    internal LoadableClassInfo GetLoadableClassInfo<TSig>(string loadName) => GetLoadableClassInfo(loadName, typeof(TSig));

    internal LoadableClassInfo GetLoadableClassInfo(string loadName, Type signatureType)
    {
        lock (_lock)
            return _byName.GetValueOrDefault((Normalize(loadName), signatureType));
    }

    internal static TRes CreateInstance<TRes>(IHostEnvironment env, Type signatureType, string name, string options, params object[] extra)
        where TRes : class
    {
        if (TryCreateInstance(env, signatureType, out TRes result, name, options, extra))
            return result;
        throw Contracts.Except("Unknown loadable class: {0}", name).MarkSensitive(MessageSensitivity.None);
    }

    internal static bool TryCreateInstance<TRes, TSig>(
        IHostEnvironment env, out TRes result, string name, string options, params object[] extra)
        where TRes : class
    {
        return TryCreateInstance(env, typeof(TSig), out result, name, options, extra);
    }

    internal static bool TryCreateInstance<TRes>(
        IHostEnvironment env, Type signatureType, out TRes result, string name, string options, params object[] extra)
        where TRes : class
    {
        Contracts.CheckValue(env, nameof(env));
        result = null;
        LoadableClassInfo info = env.ComponentCatalog.GetLoadableClassInfo(name, signatureType);
        if (info == null)
            return false;
        if (!typeof(TRes).IsAssignableFrom(info.Type))
            throw env.Except("Loadable class '{0}' does not derive from '{1}'", name, typeof(TRes).FullName);
        if (info.ArgType != null || !string.IsNullOrEmpty(options))
            throw env.ExceptNotSupp("Creating '{0}' from a settings string needs the real Microsoft.ML package.", name);
        if (info.ExtraArgCount != extra.Length)
        {
            throw env.Except(
                "Wrong number of extra parameters for loadable class '{0}', need '{1}', given '{2}'",
                name, info.ExtraArgCount, extra.Length);
        }
        result = (TRes)info.CreateInstance(env, null, extra);
        return true;
    }

    private static string Normalize(string name) => (name ?? "").ToLowerInvariant().Trim();

    private void Add(LoadableClassAttributeBase attribute, bool throwOnError)
    {
        LoadableClassInfo info = LoadableClassInfo.Resolve(attribute);
        Type made = attribute.InstanceType;
        if (!info.CanCreate && made != typeof(void) && throwOnError)
            throw Contracts.Except($"Can't instantiate loadable class '{made.Name}' with name '{attribute.LoadNames[0]}'");
        _classes.Add(info);
        foreach (Type signature in info.SignatureTypes)
        {
            foreach (string name in info.LoadNames)
            {
                if (_byName.TryAdd((name.ToLowerInvariant(), signature), info) || !throwOnError)
                    continue;
                string owner = _byName[(name.ToLowerInvariant(), signature)].Type.Name;
                throw Contracts.Except(
                    $"ComponentCatalog cannot map name '{name}' and SignatureType '{signature}' to {info.Type.Name}, "
                    + $"already mapped to {owner}.");
            }
        }
    }
}
