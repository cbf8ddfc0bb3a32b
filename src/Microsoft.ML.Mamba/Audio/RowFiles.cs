using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>Reads the files that a row's column of paths names; what goes wrong is said with the row's position.</summary>
internal sealed class RowFiles(DataViewRow row, DataViewSchema.Column column, string folder)
{
    private readonly ValueGetter<ReadOnlyMemory<char>> _getter = row.GetGetter<ReadOnlyMemory<char>>(column);
    private ReadOnlyMemory<char> _path;

    /// <exception cref="InvalidDataException">The row has no path, or the file cannot be used.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public T Read<T>(Func<string, T> read)
    {
        _getter(ref _path);
        if (_path.Span.IsWhiteSpace())
            throw new InvalidDataException($"Row {row.Position}: column '{column.Name}' has no path.");
        string path = folder.Length == 0 ? _path.ToString() : Path.Combine(folder, _path.ToString());
        try
        {
            return read(path);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"Row {row.Position}: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"Row {row.Position}: there is no file '{path}', which column '{column.Name}' names.", path, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException($"Row {row.Position}: the file '{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
