using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Microsoft.ML.Mamba.Safetensors;

/// <summary>Writes float32 tensors as a safetensors file. The same tensors and metadata give the same bytes.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes tensors in their given order; metadata is sorted by key. The stream need not seek and stays open; no copy of the data is made.</summary>
    /// <param name="stream">Where to write.</param>
    /// <param name="tensors">The tensors; names must differ and must not be <c>__metadata__</c>.</param>
    /// <param name="metadata">Texts to keep with the tensors, or null.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>.</exception>
    public static void Write(Stream stream, IEnumerable<MambaTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        MambaTensor[] list = [.. tensors];
        ReadOnlySpan<byte> header = MakeHeader(list, metadata);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (MambaTensor tensor in list)
            WriteValues(stream, tensor.Values);
    }

    /// <summary>Writes a file. An existing file is replaced only after everything is written.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="tensors">As for <see cref="Write"/>.</param>
    /// <param name="metadata">As for <see cref="Write"/>.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, IEnumerable<MambaTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, stream => Write(stream, tensors, metadata));
    }

    private static ReadOnlySpan<byte> MakeHeader(MambaTensor[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataName };
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long position = 0;
            foreach (MambaTensor tensor in tensors)
            {
                if (!names.Add(tensor.Name))
                    throw new ArgumentException($"Tensor name '{tensor.Name}' occurs twice or is reserved.", nameof(tensors));
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int size in tensor.Shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(position);
                position += (long)tensor.Values.Length * sizeof(float);
                json.WriteNumberValue(position);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Spaces bring the data to an address that is a multiple of 8, as upstream does.
        int padding = (8 - buffer.WrittenCount % 8) % 8;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        if (buffer.WrittenCount > SafetensorsHeader.MaxLength)
            throw new ArgumentException($"The header would have {buffer.WrittenCount} bytes; at most {SafetensorsHeader.MaxLength} are allowed.", nameof(tensors));
        return buffer.WrittenSpan;
    }

    private static void WriteValues(Stream stream, float[] values)
    {
        const int Chunk = 1 << 20;
        byte[]? swapped = BitConverter.IsLittleEndian ? null : new byte[Math.Min(Chunk, values.Length) * sizeof(float)];
        for (int start = 0; start < values.Length; start += Chunk)
        {
            ReadOnlySpan<float> part = values.AsSpan(start, Math.Min(Chunk, values.Length - start));
            if (swapped is null)
            {
                stream.Write(MemoryMarshal.AsBytes(part));
                continue;
            }

            for (int i = 0; i < part.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(swapped.AsSpan(i * sizeof(float)), part[i]);
            stream.Write(swapped.AsSpan(0, part.Length * sizeof(float)));
        }
    }
}
