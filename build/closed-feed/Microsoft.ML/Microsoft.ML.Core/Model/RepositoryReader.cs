using System.IO.Compression;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

internal sealed class RepositoryReader : Repository
{
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];

    private RepositoryReader(Stream stream, IExceptionContext ectx, bool useFileSystem)
        : base(ectx, useFileSystem)
    {
        try
        {
            _archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (Exception ex)
        {
            throw ectx.ExceptDecode(ex, "Failed to open a zip archive");
        }
        foreach (ZipArchiveEntry entry in _archive.Entries)
            _entries[Normalize(entry.FullName)] = entry;
    }

    public static RepositoryReader Open(Stream stream, IExceptionContext ectx = null, bool useFileSystem = true)
    {
        ectx.CheckValue(stream, nameof(stream));
        return new RepositoryReader(stream, ectx, useFileSystem);
    }

    public Entry OpenEntry(string name) => OpenEntry(null, name);

    public Entry OpenEntry(string dir, string name)
    {
        return OpenEntryOrNull(dir, name) ?? throw ExceptionContext.Except("Repository doesn't contain entry {0}", PathOf(dir, name));
    }

    public Entry OpenEntryOrNull(string name) => OpenEntryOrNull(null, name);

    public Entry OpenEntryOrNull(string dir, string name)
    {
        ExceptionContext.Check(!Disposed);
        ZipArchiveEntry found = Find(dir, name);
        if (found == null)
            return null;
        Stream content = CreateStream(UseFileSystem ? 0 : found.Length);
        try
        {
            using Stream source = found.Open();
            source.CopyTo(content);
        }
        catch
        {
            content.Dispose();
            throw;
        }
        content.Position = 0;
        return AddEntry(PathOf(dir, name), content);
    }

    protected override void OnDispose(Entry ent) => ent.Stream.Dispose();

    // Archives written on Windows separate folders with a backslash.
    private ZipArchiveEntry Find(string dir, string name)
    {
        string path = PathOf(dir, name);
        return _entries.GetValueOrDefault(path) ?? _entries.GetValueOrDefault(path.Replace('/', '\\'));
    }

    internal bool Contains(string dir, string name) => Find(dir, name) != null;
}
