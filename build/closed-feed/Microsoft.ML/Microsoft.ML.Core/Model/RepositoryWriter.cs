using System.IO.Compression;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

internal sealed class RepositoryWriter : Repository
{
    private readonly ZipArchive _archive;
    private readonly HashSet<string> _paths = [];
    private readonly Queue<(string Path, Stream Content)> _closed = [];

    private RepositoryWriter(Stream stream, IExceptionContext ectx, bool useFileSystem)
        : base(ectx, useFileSystem)
    {
        _archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
    }

    public static RepositoryWriter CreateNew(Stream stream, IExceptionContext ectx = null, bool useFileSystem = true)
    {
        ectx.CheckValue(stream, nameof(stream));
        var repository = new RepositoryWriter(stream, ectx, useFileSystem);
        using (Entry entry = repository.CreateEntry("TrainingInfo", "Version.txt"))
        using (var writer = new StreamWriter(entry.Stream, leaveOpen: true))
            writer.WriteLine(ProductVersion());
        return repository;
    }

    public Entry CreateEntry(string name) => CreateEntry(null, name);

    public Entry CreateEntry(string dir, string name)
    {
        ExceptionContext.Check(!Disposed);
        Flush();
        string path = PathOf(dir, name);
        if (!_paths.Add(path))
            throw ExceptionContext.ExceptParam(nameof(name), "Duplicate entry: '{0}'", path);
        return AddEntry(path, CreateStream());
    }

    public void Commit()
    {
        ExceptionContext.Check(!Disposed);
        DisposeAllEntries();
        Flush();
        Dispose();
    }

    // Only queued here: writing the archive may throw, which disposing must not.
    protected override void OnDispose(Entry ent) => _closed.Enqueue((ent.Path, ent.Stream));

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        while (_closed.TryDequeue(out (string Path, Stream Content) entry))
            entry.Content.Dispose();
        _archive.Dispose();
    }

    private static string ProductVersion()
    {
        return typeof(RepositoryWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
    }

    private void Flush()
    {
        while (_closed.TryDequeue(out (string Path, Stream Content) entry))
        {
            using Stream source = entry.Content;
            using Stream target = _archive.CreateEntry(entry.Path).Open();
            source.Position = 0;
            source.CopyTo(target);
        }
    }
}
