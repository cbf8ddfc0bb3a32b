using System.Reflection;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

internal sealed partial class ModelLoadContext
{
    public const string ModelStreamName = "Model.key";
    internal const string NameBinary = "Model.bin";

    private const string OwnAssembly = "Microsoft.ML.Data";
    private static readonly string[] _otherAssemblies =
        ["Microsoft.ML.StandardTrainers", "Microsoft.ML.Transforms", "Microsoft.ML.KMeansClustering", "Microsoft.ML.PCA"];

    public bool ContainsModel(string name)
    {
        if (!InRepository || string.IsNullOrEmpty(name))
            return false;
        string dir = Path.Combine(Directory ?? "", name);
        return Repository.Contains(dir, ModelStreamName) || Repository.Contains(dir, NameBinary);
    }

    public static bool LoadModelOrNull<TRes, TSig>(
        IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(rep, nameof(rep));
        using (Repository.Entry entry = rep.OpenEntryOrNull(dir, ModelStreamName))
        {
            if (entry != null)
            {
                LoadModel<TRes, TSig>(env, out result, rep, entry, dir, extra);
                return true;
            }
        }
        using (Repository.Entry entry = rep.OpenEntryOrNull(dir, NameBinary))
        {
            if (entry != null)
            {
                LoadModel<TRes, TSig>(env, out result, entry.Stream, extra);
                return true;
            }
        }
        result = null;
        return false;
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        if (!LoadModelOrNull<TRes, TSig>(env, out result, rep, dir, extra))
            throw env.ExceptDecode("Corrupt model file");
    }

    public bool LoadModelOrNull<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra)
        where TRes : class
    {
        _context.CheckValue(env, nameof(env));
        _context.Check(InRepository, "Can't load a sub-model when reading from a single stream");
        return LoadModelOrNull<TRes, TSig>(env, out result, Repository, Path.Combine(Directory ?? "", name), extra);
    }

    public void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra)
        where TRes : class
    {
        if (!LoadModelOrNull<TRes, TSig>(env, out result, name, extra))
            throw _context.ExceptDecode("Corrupt model file");
    }

    public static void LoadModel<TRes, TSig>(
        IHostEnvironment env, out TRes result, RepositoryReader rep, Repository.Entry ent, string dir, params object[] extra)
        where TRes : class
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(rep, nameof(rep));
        using var context = new ModelLoadContext(rep, ent, dir);
        if (!context.TryLoad<TRes, TSig>(env, out result, extra))
            throw env.ExceptDecode("Couldn't load model: '{0}'", dir);
    }

    public static bool TryLoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, Stream stream, params object[] extra)
        where TRes : class
    {
        Contracts.CheckValue(env, nameof(env));
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        return TryLoadModel<TRes, TSig>(env, out result, reader, extra);
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, Stream stream, params object[] extra)
        where TRes : class
    {
        if (!TryLoadModel<TRes, TSig>(env, out result, stream, extra))
            throw Contracts.ExceptDecode("Couldn't load model");
    }

    public static bool TryLoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, BinaryReader reader, params object[] extra)
        where TRes : class
    {
        Contracts.CheckValue(env, nameof(env));
        using var context = new ModelLoadContext(reader);
        return context.TryLoad<TRes, TSig>(env, out result, extra);
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, BinaryReader reader, params object[] extra)
        where TRes : class
    {
        if (!TryLoadModel<TRes, TSig>(env, out result, reader, extra))
            throw Contracts.ExceptDecode("Couldn't load model");
    }

    public bool TryProcessSubModel(string dir, Action<ModelLoadContext> action)
    {
        _context.Check(InRepository, "Can't Load a sub-model when reading from a single stream");
        _context.CheckNonEmpty(dir, nameof(dir));
        _context.CheckValue(action, nameof(action));
        string path = Path.Combine(Directory ?? "", dir);
        using Repository.Entry entry = Repository.OpenEntryOrNull(path, ModelStreamName);
        if (entry == null)
            return false;
        using var context = new ModelLoadContext(Repository, entry, path);
        action(context);
        return true;
    }

    private bool TryLoad<TRes, TSig>(IHostEnvironment env, out TRes result, object[] extra)
        where TRes : class
    {
        // A program that loads a model need not have named the assembly of its components.
        if (!string.IsNullOrEmpty(LoaderAssemblyName))
            env.ComponentCatalog.RegisterAssembly(LoadAssembly(env));

        object[] arguments = [this, .. extra];
        foreach (string signature in new[] { ModelHeader.GetLoaderSig(ref Header), ModelHeader.GetLoaderSigAlt(ref Header) })
        {
            if (!string.IsNullOrWhiteSpace(signature)
                && ComponentCatalog.TryCreateInstance<object, TSig>(env, out object loaded, signature, "", arguments)
                && loaded is TRes typed)
            {
                result = typed;
                Done();
                return true;
            }
        }
        if (LoaderName == OwnAssembly)
            throw MissingComponent(env, ModelHeader.GetLoaderSig(ref Header));
        Reader.BaseStream.Position = FpMin;
        result = null;
        return false;
    }

    private string LoaderName => LoaderAssemblyName?.Split(',')[0];

    // A model saved by the real package names a signed assembly; the unsigned stand-in of that name is loaded in its place.
    private Assembly LoadAssembly(IHostEnvironment env)
    {
        if (_otherAssemblies.Contains(LoaderName))
            throw MissingComponent(env, ModelHeader.GetLoaderSig(ref Header));
        return Assembly.Load(LoaderName == OwnAssembly ? OwnAssembly : LoaderAssemblyName);
    }

    private static Exception MissingComponent(IHostEnvironment env, string signature)
    {
        return env.ExceptNotSupp("The model's component '{0}' needs the real Microsoft.ML package.", signature);
    }
}
