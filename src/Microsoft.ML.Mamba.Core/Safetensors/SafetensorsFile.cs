using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.Safetensors;

/// <summary>A safetensors file that is read tensor by tensor: memory-mapped from a path, or held in memory.</summary>
/// <remarks>
/// A file is 8 bytes of header length (little-endian), a JSON header and the tensors' data. Everything that the header claims is checked when the file is
/// opened, and nothing is allocated for what is merely claimed. Reading is thread-safe; a file on disk must not be changed while it is open.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly ByteSource _source;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;
    private bool _disposed;

    private SafetensorsFile(ByteSource source, SafetensorsHeader header, long dataStart)
    {
        _source = source;
        _header = header;
        _dataStart = dataStart;
    }

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The file's metadata; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The entry of a name.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="KeyNotFoundException">No tensor has this name.</exception>
    public SafetensorsEntry this[string name] =>
        TryGetEntry(name, out SafetensorsEntry? entry) ? entry : throw new KeyNotFoundException($"The safetensors file has no tensor '{name}'.");

    /// <summary>Looks an entry up.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="entry">The entry, where there is one.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetEntry(string name, [NotNullWhen(true)] out SafetensorsEntry? entry) => _header.ByName.TryGetValue(name, out entry);

    /// <summary>Opens a file memory-mapped. Dispose it to release the mapping.</summary>
    /// <param name="path">The file's path.</param>
    /// <exception cref="InvalidDataException">The file is not a valid safetensors file; the message says what is wrong.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            // An empty file cannot be mapped.
            if (stream.Length < sizeof(ulong))
                throw TooShort(stream.Length);
            var source = new MappedSource(stream);
            try
            {
                return FromSource(source);
            }
            catch
            {
                source.Dispose();
                throw;
            }
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file that lies in memory. Nothing is copied; the memory must not change while the file is used.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="InvalidDataException">The bytes are not a valid safetensors file; the message says what is wrong.</exception>
    public static SafetensorsFile Read(ReadOnlyMemory<byte> bytes) => FromSource(new MemorySource(bytes));

    /// <summary>Reads a file from a stream, from its position to the end of the tensors' data, into memory. The stream need not seek and stays open.</summary>
    /// <param name="stream">The stream.</param>
    /// <exception cref="InvalidDataException">The data is not a valid safetensors file, or something follows it; the message says what is wrong.</exception>
    public static SafetensorsFile Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> lengthBytes = stackalloc byte[sizeof(ulong)];
        int got = stream.ReadAtLeast(lengthBytes, lengthBytes.Length, throwOnEndOfStream: false);
        if (got < lengthBytes.Length)
            throw TooShort(got);
        int headerLength = SafetensorsHeader.CheckLength(BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes), available: -1);
        var headerSource = new SegmentSource(stream, headerLength);
        var headerBytes = new byte[headerLength];
        headerSource.CopyTo(0, headerBytes);
        SafetensorsHeader header = SafetensorsHeader.Parse(headerBytes, dataLength: -1);
        var data = new SegmentSource(stream, header.DataLength);
        if (stream.ReadByte() >= 0)
            throw new InvalidDataException($"The safetensors data goes on after the {header.DataLength} bytes that its tensors cover.");
        return new SafetensorsFile(data, header, 0);
    }

    /// <summary>Reads a tensor with its elements converted to float32; 64-bit values are rounded, BOOL becomes 0 and 1.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>A new tensor.</returns>
    /// <exception cref="KeyNotFoundException">No tensor has this name.</exception>
    /// <exception cref="InvalidDataException">The tensor has more elements than an array can hold.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed.</exception>
    public MambaTensor ReadTensor(string name)
    {
        SafetensorsEntry entry = this[name];
        var shape = new int[entry.Shape.Length];
        for (int i = 0; i < shape.Length; i++)
            shape[i] = entry.Shape[i] <= Array.MaxLength ? (int)entry.Shape[i] : throw TooLarge(entry);
        return new MambaTensor(name, shape, ReadSingle(name));
    }

    /// <summary>Reads a tensor's elements converted to float32, as <see cref="ReadTensor"/> does.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>The elements, row-major.</returns>
    /// <exception cref="KeyNotFoundException">No tensor has this name.</exception>
    /// <exception cref="InvalidDataException">The tensor has more elements than an array can hold.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed.</exception>
    public float[] ReadSingle(string name)
    {
        SafetensorsEntry entry = this[name];
        if (entry.Type == SafetensorsType.F32)
            return Read<float>(name);
        var values = new float[CheckedCount(entry)];
        SafetensorsConversion.ToSingle(_source, _dataStart + entry.Begin, entry.Type, values);
        return values;
    }

    /// <summary>Reads a tensor's elements as the type that they are stored in.</summary>
    /// <typeparam name="T">double, float, <see cref="Half"/>, long, int, short, sbyte, ulong, uint, ushort, byte or bool, as the entry's type says.</typeparam>
    /// <param name="name">The tensor's name.</param>
    /// <returns>The elements, row-major.</returns>
    /// <exception cref="KeyNotFoundException">No tensor has this name.</exception>
    /// <exception cref="ArgumentException">The tensor's elements are of another type.</exception>
    /// <exception cref="InvalidDataException">The tensor has more elements than an array can hold, or a BOOL other than 0 and 1.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed.</exception>
    public T[] Read<T>(string name) where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SafetensorsEntry entry = this[name];
        if (SafetensorsTypes.Of<T>() != entry.Type)
            throw new ArgumentException($"Tensor '{name}' holds {entry.Type} and cannot be read as {typeof(T).Name}.", nameof(name));
        var values = new T[CheckedCount(entry)];
        SafetensorsConversion.Copy(_source, _dataStart + entry.Begin, SafetensorsTypes.SizeOf(entry.Type), values.AsSpan());
        if (entry.Type == SafetensorsType.Bool && MemoryMarshal.AsBytes(values.AsSpan()).ContainsAnyExceptInRange((byte)0, (byte)1))
            throw new InvalidDataException($"Tensor '{name}' has BOOL values other than 0 and 1.");
        return values;
    }

    /// <summary>Reads all tensors converted to float32, in the order of their data.</summary>
    /// <exception cref="InvalidDataException">A tensor has more elements than an array can hold.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed.</exception>
    public MambaWeights ReadAll()
    {
        var weights = new MambaWeights();
        foreach (SafetensorsEntry entry in Entries)
            weights.Add(ReadTensor(entry.Name));
        return weights;
    }

    /// <summary>Releases the mapping or the memory.</summary>
    public void Dispose()
    {
        _disposed = true;
        _source.Dispose();
    }

    private static SafetensorsFile FromSource(ByteSource source)
    {
        if (source.Length < sizeof(ulong))
            throw TooShort(source.Length);
        Span<byte> lengthBytes = stackalloc byte[sizeof(ulong)];
        source.CopyTo(0, lengthBytes);
        long rest = source.Length - sizeof(ulong);
        int headerLength = SafetensorsHeader.CheckLength(BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes), rest);
        var headerBytes = new byte[headerLength];
        source.CopyTo(sizeof(ulong), headerBytes);
        return new SafetensorsFile(source, SafetensorsHeader.Parse(headerBytes, rest - headerLength), sizeof(ulong) + headerLength);
    }

    private int CheckedCount(SafetensorsEntry entry)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return entry.ElementCount <= Array.MaxLength ? (int)entry.ElementCount : throw TooLarge(entry);
    }

    private static InvalidDataException TooLarge(SafetensorsEntry entry) =>
        new($"Tensor '{entry.Name}' of shape [{string.Join(", ", entry.Shape.ToArray())}] is too large: an array holds {Array.MaxLength} elements.");

    private static InvalidDataException TooShort(long length) =>
        new($"A safetensors file begins with 8 bytes of header length; this one has {length} bytes.");
}
