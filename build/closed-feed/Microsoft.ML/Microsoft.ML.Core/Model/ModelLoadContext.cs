using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>The reading side of <see cref="ModelSaveContext"/>.</summary>
internal sealed partial class ModelLoadContext : IDisposable
{
    public readonly RepositoryReader Repository;
    public readonly string Directory;
    public readonly BinaryReader Reader;
    public readonly string[] Strings;
    public readonly string LoaderAssemblyName;
    public readonly long FpMin;
    internal ModelHeader Header;

    private readonly IExceptionContext _context;

    internal ModelLoadContext(RepositoryReader rep, Repository.Entry ent, string dir)
    {
        Contracts.CheckValue(rep, nameof(rep));
        Repository = rep;
        _context = rep.ExceptionContext;
        _context.CheckValue(ent, nameof(ent));
        Directory = dir;
        Reader = new BinaryReader(ent.Stream, Encoding.UTF8, leaveOpen: true);
        ModelHeader.BeginRead(out FpMin, out Header, out Strings, out LoaderAssemblyName, Reader);
    }

    internal ModelLoadContext(BinaryReader reader, IExceptionContext ectx = null)
    {
        ectx.CheckValue(reader, nameof(reader));
        _context = ectx;
        Reader = reader;
        ModelHeader.BeginRead(out FpMin, out Header, out Strings, out LoaderAssemblyName, Reader);
    }

    public bool InRepository => Repository != null;

    public void CheckAtModel() => _context.Check(Reader.BaseStream.Position == FpMin + Header.FpModel);

    public void CheckAtModel(VersionInfo ver)
    {
        CheckAtModel();
        CheckVersionInfo(ver);
    }

    public void CheckVersionInfo(VersionInfo ver) => ModelHeader.CheckVersionInfo(ref Header, ver);

    public string LoadStringOrNull()
    {
        int id = Reader.ReadInt32();
        _context.CheckDecode(id >= -1 && id < (Strings?.Length ?? 0));
        return id < 0 ? null : Strings[id];
    }

    public string LoadString()
    {
        string text = LoadStringOrNull();
        _context.CheckDecode(text != null);
        return text;
    }

    public string LoadNonEmptyString()
    {
        string text = LoadString();
        _context.CheckDecode(text.Length > 0);
        return text;
    }

    public bool TryLoadBinaryStream(string name, Action<BinaryReader> action)
    {
        using Repository.Entry entry = OpenSibling(name, action);
        if (entry == null)
            return false;
        using var reader = new BinaryReader(entry.Stream, Encoding.UTF8, leaveOpen: true);
        action(reader);
        return true;
    }

    public bool TryLoadTextStream(string name, Action<TextReader> action)
    {
        using Repository.Entry entry = OpenSibling(name, action);
        if (entry == null)
            return false;
        using var reader = new StreamReader(entry.Stream, leaveOpen: true);
        action(reader);
        return true;
    }

    public void Done()
    {
        ModelHeader.EndRead(FpMin, ref Header, Reader);
        Dispose();
    }

    // In single-stream mode the reader belongs to the caller.
    public void Dispose()
    {
        if (InRepository)
            Reader.Dispose();
    }

    private Repository.Entry OpenSibling(string name, Delegate action)
    {
        _context.Check(InRepository, "Can't Load a sub-model when reading from a single stream");
        _context.CheckNonEmpty(name, nameof(name));
        _context.CheckValue(action, nameof(action));
        return Repository.OpenEntryOrNull(Directory, name);
    }
}
