namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>The content of a file, decompressed where it is compressed.</summary>
internal abstract class ByteSource : IDisposable
{
    /// <summary>Whether positions are those of decompressed content.</summary>
    public abstract bool IsCompressed { get; }

    /// <summary>Reads at least one byte, or none at the end.</summary>
    /// <param name="buffer">The buffer, not empty.</param>
    /// <exception cref="InvalidDataException">The compressed data is damaged or cut off.</exception>
    public abstract int Read(Span<byte> buffer);

    public abstract void Dispose();

    /// <summary>Opens a file; what it is says its content, not its name.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is compressed by something else than gzip.</exception>
    public static ByteSource Open(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 0 });
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new FileNotFoundException($"There is no file '{path}'.", path, exception);
        }
        catch (FileNotFoundException exception)
        {
            throw new FileNotFoundException($"There is no file '{path}'.", path, exception);
        }

        try
        {
            Span<byte> start = stackalloc byte[6];
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            file.Position = 0;
            if (start.StartsWith(new byte[] { 0x1F, 0x8B }))
                return new GzipSource(file, path);
            return OtherCompression(start) is { } other
                ? throw new InvalidDataException(
                    $"'{path}' is compressed with {other}; files are read as they are or compressed with gzip.")
                : new PlainSource(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string? OtherCompression(ReadOnlySpan<byte> start) =>
        start.StartsWith("BZh"u8) ? "bzip2"
        : start.StartsWith(new byte[] { 0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z' }) ? "xz"
        : start.StartsWith(new byte[] { 0x28, 0xB5, 0x2F, 0xFD }) ? "zstd"
        : start.StartsWith(new byte[] { (byte)'P', (byte)'K', 3, 4 }) ? "zip"
        : null;

    private sealed class PlainSource(FileStream file) : ByteSource
    {
        public override bool IsCompressed => false;

        public override int Read(Span<byte> buffer) => file.Read(buffer);

        public override void Dispose() => file.Dispose();
    }
}
