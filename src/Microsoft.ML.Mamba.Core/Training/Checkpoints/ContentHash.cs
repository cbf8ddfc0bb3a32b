using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Mamba.Training;

/// <summary>SHA-256 over numbers in little-endian order, the same on every platform. Each part counts with its length. Not thread-safe.</summary>
internal sealed class ContentHash : IDisposable
{
    private const int Piece = 1 << 14;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        _hash.AppendData(bytes);
    }

    /// <summary>Adds numbers of 32 bits each.</summary>
    public void Add<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        Add(values.Length);
        if (BitConverter.IsLittleEndian)
        {
            _hash.AppendData(MemoryMarshal.AsBytes(values));
            return;
        }

        var swapped = new int[Math.Min(Piece, values.Length)];
        ReadOnlySpan<int> bits = MemoryMarshal.Cast<T, int>(values);
        for (int start = 0; start < bits.Length; start += Piece)
        {
            ReadOnlySpan<int> part = bits.Slice(start, Math.Min(Piece, bits.Length - start));
            BinaryPrimitives.ReverseEndianness(part, swapped);
            _hash.AppendData(MemoryMarshal.AsBytes(swapped.AsSpan(0, part.Length)));
        }
    }

    /// <summary>Adds names and values of tensors.</summary>
    public void Add(IEnumerable<MambaTensor> tensors)
    {
        foreach (MambaTensor tensor in tensors)
        {
            Add(Encoding.UTF8.GetBytes(tensor.Name));
            Add<float>(tensor.Values);
        }
    }

    public void Add(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _hash.AppendData(bytes);
    }

    /// <summary>The hash so far in hexadecimal digits; the next starts anew.</summary>
    public string ToText() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}
