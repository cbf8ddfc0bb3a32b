using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Where a component writes itself: a stream of its own, further streams beside it, and sub-models in folders below.</summary>
public sealed class ModelSaveContext : IDisposable
{
    internal readonly RepositoryWriter Repository;
    internal readonly string Directory;
    internal readonly BinaryWriter Writer;
    internal readonly long FpMin;
    internal ModelHeader Header;

    private readonly Repository.Entry _entry;
    private readonly IExceptionContext _context;
    private readonly List<string> _strings = [];
    private readonly Dictionary<string, int> _stringIds = [];
    private string _loaderAssemblyName;

    internal ModelSaveContext(RepositoryWriter rep, string dir, string name)
    {
        Contracts.CheckValue(rep, nameof(rep));
        Repository = rep;
        _context = rep.ExceptionContext;
        _context.CheckNonEmpty(name, nameof(name));
        Directory = dir;
        _entry = rep.CreateEntry(dir, name);
        Writer = new BinaryWriter(_entry.Stream, Encoding.UTF8, leaveOpen: true);
        ModelHeader.BeginWrite(Writer, out FpMin, out Header);
    }

    internal ModelSaveContext(BinaryWriter writer, IExceptionContext ectx = null)
    {
        ectx.CheckValue(writer, nameof(writer));
        _context = ectx;
        Writer = writer;
        ModelHeader.BeginWrite(Writer, out FpMin, out Header);
    }

    internal bool InRepository => Repository != null;

    // In single-stream mode the writer belongs to the caller.
    public void Dispose()
    {
        if (!InRepository)
            return;
        Writer.Dispose();
        _entry.Dispose();
    }

    internal void CheckAtModel() => _context.Check(Writer.BaseStream.Position == FpMin + Header.FpModel);

    internal void SetVersionInfo(VersionInfo ver)
    {
        ModelHeader.SetVersionInfo(ref Header, ver);
        // The real assemblies are signed and these are not: without a token the name finds either.
        _loaderAssemblyName = ver.LoaderAssemblyName?.Replace(", PublicKeyToken=null", "");
    }

    internal void SaveTextStream(string name, Action<TextWriter> action)
    {
        using Repository.Entry entry = CreateSibling(name, action);
        using var writer = new StreamWriter(entry.Stream, leaveOpen: true);
        action(writer);
    }

    internal void SaveBinaryStream(string name, Action<BinaryWriter> action)
    {
        using Repository.Entry entry = CreateSibling(name, action);
        using var writer = new BinaryWriter(entry.Stream, Encoding.UTF8, leaveOpen: true);
        action(writer);
    }

    internal void SaveStringOrNull(string str) => Writer.Write(str == null ? -1 : IdOf(str));

    internal void SaveString(string str)
    {
        _context.CheckValue(str, nameof(str));
        Writer.Write(IdOf(str));
    }

    internal void SaveString(ReadOnlyMemory<char> str) => Writer.Write(IdOf(str.ToString()));

    internal void SaveNonEmptyString(string str)
    {
        _context.CheckParam(!string.IsNullOrEmpty(str), nameof(str));
        Writer.Write(IdOf(str));
    }

    internal void SaveNonEmptyString(ReadOnlyMemory<char> str) => Writer.Write(IdOf(str.ToString()));

    internal void SaveModel<T>(T value, string name)
        where T : class
    {
        _context.Check(InRepository, "Can't save a sub-model when writing to a single stream");
        SaveModel(Repository, value, Path.Combine(Directory ?? "", name));
    }

    internal static void SaveModel<T>(RepositoryWriter rep, T value, string path)
        where T : class
    {
        switch (value)
        {
            case ICanSaveModel model:
                SaveInto(rep, path, model.Save);
                break;
            case ICanSaveInBinaryFormat binary:
                using (Repository.Entry entry = rep.CreateEntry(path, ModelLoadContext.NameBinary))
                using (var writer = new BinaryWriter(entry.Stream, Encoding.UTF8, leaveOpen: true))
                    binary.SaveAsBinary(writer);
                break;
        }
    }

    internal static void Save(BinaryWriter writer, Action<ModelSaveContext> fn)
    {
        Contracts.CheckValue(writer, nameof(writer));
        Contracts.CheckValue(fn, nameof(fn));
        using var context = new ModelSaveContext(writer);
        fn(context);
        context.Done();
    }

    internal void SaveSubModel(string dir, Action<ModelSaveContext> fn)
    {
        _context.Check(InRepository, "Can't save a sub-model when writing to a single stream");
        _context.CheckNonEmpty(dir, nameof(dir));
        _context.CheckValue(fn, nameof(fn));
        SaveInto(Repository, Path.Combine(Directory ?? "", dir), fn);
    }

    internal void Done()
    {
        _context.Check(Header.ModelSignature != 0, "ModelSignature not specified!");
        ModelHeader.EndWrite(Writer, FpMin, ref Header, _strings, _loaderAssemblyName);
        Dispose();
    }

    private static void SaveInto(RepositoryWriter rep, string dir, Action<ModelSaveContext> save)
    {
        using var context = new ModelSaveContext(rep, dir, ModelLoadContext.ModelStreamName);
        save(context);
        context.Done();
    }

    private Repository.Entry CreateSibling(string name, Delegate action)
    {
        _context.Check(InRepository, "Can't save a text stream when writing to a single stream");
        _context.CheckNonEmpty(name, nameof(name));
        _context.CheckValue(action, nameof(action));
        return Repository.CreateEntry(Directory, name);
    }

    private int IdOf(string text)
    {
        if (!_stringIds.TryGetValue(text, out int id))
        {
            id = _strings.Count;
            _stringIds.Add(text, id);
            _strings.Add(text);
        }
        return id;
    }
}
