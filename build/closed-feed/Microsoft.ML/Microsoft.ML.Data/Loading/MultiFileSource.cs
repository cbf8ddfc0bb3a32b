namespace Microsoft.ML.Data;

/// <summary>
/// Files, named one by one or by patterns: * and ? in a name, "..." for all folders below, + between several patterns.
/// </summary>
public sealed class MultiFileSource : IMultiStreamSource
{
    private readonly string[] _paths;

    public MultiFileSource(params string[] paths)
    {
        if (paths == null || (paths.Length == 1 && paths[0] == null))
        {
            _paths = [];
            return;
        }
        string[] found = paths.SelectMany(FilePatterns.Expand).ToArray();
        // A file that is not there is reported by name when it is opened.
        _paths = found.Length > 0 ? found : paths;
    }

    public int Count => _paths.Length;

    public string GetPathOrNull(int index)
    {
        Contracts.CheckParam(index >= 0 && index < Count, nameof(index));
        return _paths[index];
    }

    public Stream Open(int index)
    {
        string path = GetPathOrNull(index);
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception exception)
        {
            throw new IOException($"Could not open file '{path}'. Error is: {exception.Message}", exception);
        }
    }

    public TextReader OpenTextReader(int index) => new StreamReader(Open(index));
}
