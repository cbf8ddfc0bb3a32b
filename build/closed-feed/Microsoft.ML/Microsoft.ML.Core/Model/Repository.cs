using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>The zip that a model lies in. An open entry is a temporary file, so that models may exceed the memory.</summary>
internal abstract class Repository : IDisposable
{
    private readonly List<Entry> _open = [];

    internal Repository(IExceptionContext ectx, bool useFileSystem)
    {
        ExceptionContext = ectx;
        UseFileSystem = useFileSystem;
    }

    public IExceptionContext ExceptionContext { get; }

    protected bool Disposed { get; private set; }

    protected bool UseFileSystem { get; }

    public void Dispose()
    {
        if (Disposed)
            return;
        Dispose(true);
        Disposed = true;
    }

    protected virtual void Dispose(bool disposing) => DisposeAllEntries();

    protected void DisposeAllEntries()
    {
        while (_open.Count > 0)
            _open[^1].Dispose();
    }

    protected abstract void OnDispose(Entry ent);

    protected Entry AddEntry(string path, Stream stream)
    {
        var entry = new Entry(this, path, stream);
        _open.Add(entry);
        return entry;
    }

    protected Stream CreateStream(long capacity = 0)
    {
        if (!UseFileSystem)
            return new MemoryStream(checked((int)capacity));
        string folder = (ExceptionContext as IHostEnvironmentInternal)?.TempFilePath ?? Path.GetTempPath();
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
        };
        return new FileStream(Path.Combine(folder, $"ml_dotnet_{Path.GetRandomFileName()}"), options);
    }

    protected string PathOf(string dir, string name)
    {
        ExceptionContext.CheckParam(dir == null || !dir.Contains(".."), nameof(dir));
        ExceptionContext.CheckParam(!string.IsNullOrWhiteSpace(name), nameof(name));
        ExceptionContext.CheckParam(!name.Contains(".."), nameof(name));
        string path = Normalize(Path.Combine(dir ?? "", name));
        ExceptionContext.Check(!Path.IsPathRooted(path));
        return path;
    }

    protected static string Normalize(string path) => path.Replace('/', Path.DirectorySeparatorChar);

    public sealed class Entry : IDisposable
    {
        private Repository _owner;

        internal Entry(Repository owner, string path, Stream stream)
        {
            _owner = owner;
            Path = path;
            Stream = stream;
        }

        public string Path { get; }

        public Stream Stream { get; }

        public void Dispose()
        {
            if (_owner == null)
                return;
            _owner._open.Remove(this);
            _owner.OnDispose(this);
            _owner = null;
        }
    }
}
