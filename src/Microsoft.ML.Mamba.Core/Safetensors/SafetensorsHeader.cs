using System.Text.Json;

namespace Microsoft.ML.Mamba.Safetensors;

/// <summary>Reads and checks the JSON header of a safetensors file. Whatever is wrong gives an <see cref="InvalidDataException"/>.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The header's size limit in bytes, upstream's.</summary>
    public const long MaxLength = 100_000_000;

    /// <summary>The name under which the header keeps its metadata.</summary>
    public const string MetadataName = "__metadata__";

    // The format needs 3: the object, an entry, its shape. Unknown members of an entry may be a little deeper.
    private const int MaxDepth = 16;

    private readonly Dictionary<string, SafetensorsEntry> _byName = new(StringComparer.Ordinal);

    private SafetensorsHeader()
    {
    }

    /// <summary>All tensors in the order of their data.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> ByName => _byName;

    /// <summary>The file's metadata.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Bytes of all tensors together.</summary>
    public long DataLength { get; private set; }

    /// <summary>Checks the number that a file begins with.</summary>
    /// <param name="claimed">The header's length as the file states it.</param>
    /// <param name="available">Bytes after the number, or -1 where that is not known.</param>
    public static int CheckLength(ulong claimed, long available)
    {
        if (claimed > MaxLength)
            throw new InvalidDataException($"The safetensors header claims {claimed} bytes; at most {MaxLength} are allowed.");
        if (available >= 0 && claimed > (ulong)available)
            throw new InvalidDataException($"The safetensors header claims {claimed} bytes; the file has {available} after the length.");
        return (int)claimed;
    }

    /// <summary>Parses a header.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes that follow the header, or -1 where that is not known yet.</param>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafetensorsHeader();
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            header.ReadAll(ref reader);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"The safetensors header is not valid JSON: {exception.Message}", exception);
        }

        header.CheckLayout(dataLength);
        return header;
    }

    private void ReadAll(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "the header");
        bool hasMetadata = false;
        while (NextProperty(ref reader, out string name))
        {
            if (name != MetadataName)
            {
                SafetensorsEntry entry = ReadEntry(ref reader, name);
                if (!_byName.TryAdd(name, entry))
                    throw new InvalidDataException($"The safetensors header names tensor '{name}' twice.");
                Entries.Add(entry);
            }
            else if (hasMetadata)
            {
                throw new InvalidDataException($"The safetensors header has two '{MetadataName}' objects.");
            }
            else
            {
                hasMetadata = true;
                ReadMetadata(ref reader);
            }
        }

        // Only spaces may follow; the reader throws for anything else.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, $"'{MetadataName}'");
        while (NextProperty(ref reader, out string key))
        {
            Expect(ref reader, JsonTokenType.String, $"metadata '{key}'");
            if (!Metadata.TryAdd(key, reader.GetString()!))
                throw new InvalidDataException($"The safetensors header has metadata '{key}' twice.");
        }
    }

    private static SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string? typeName = null;
        long[]? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}'");
        while (NextProperty(ref reader, out string member))
        {
            bool repeated = member switch
            {
                "dtype" => typeName is not null,
                "shape" => shape is not null,
                "data_offsets" => offsets is not null,
                _ => false,
            };
            if (repeated)
                throw new InvalidDataException($"Tensor '{name}' has '{member}' twice.");
            switch (member)
            {
                case "dtype":
                    Expect(ref reader, JsonTokenType.String, $"'dtype' of tensor '{name}'");
                    typeName = reader.GetString()!;
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, name, member);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(ref reader, name, member);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (typeName is null || shape is null || offsets is null)
            throw new InvalidDataException($"Tensor '{name}' lacks '{(typeName is null ? "dtype" : shape is null ? "shape" : "data_offsets")}'.");
        if (SafetensorsTypes.Parse(typeName) is not SafetensorsType type)
            throw new InvalidDataException($"Tensor '{name}' has type '{typeName}', which cannot be read.");
        return MakeEntry(name, type, shape, offsets);
    }

    private static SafetensorsEntry MakeEntry(string name, SafetensorsType type, long[] shape, long[] offsets)
    {
        if (offsets.Length != 2 || offsets[1] < offsets[0])
            throw new InvalidDataException($"'data_offsets' of tensor '{name}' must be [begin, end] with begin <= end; got [{string.Join(", ", offsets)}].");
        long elements = 1, bytes;
        try
        {
            foreach (long size in shape)
                elements = checked(elements * size);
            bytes = checked(elements * SafetensorsTypes.SizeOf(type));
        }
        catch (OverflowException exception)
        {
            throw new InvalidDataException($"The size of tensor '{name}' of shape [{string.Join(", ", shape)}] overflows.", exception);
        }

        if (bytes != offsets[1] - offsets[0])
            throw new InvalidDataException(
                $"Tensor '{name}' of type {type} and shape [{string.Join(", ", shape)}] needs {bytes} bytes; "
                + $"its offsets give {offsets[1] - offsets[0]}.");
        return new SafetensorsEntry(name, type, shape, elements, offsets[0], offsets[1]);
    }

    private static long[] ReadNumbers(ref Utf8JsonReader reader, string name, string member)
    {
        Expect(ref reader, JsonTokenType.StartArray, $"'{member}' of tensor '{name}'");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw new InvalidDataException($"'{member}' of tensor '{name}' must hold whole numbers from 0 to {long.MaxValue}; value {numbers.Count} does not.");
            numbers.Add(number);
        }

        return numbers.ToArray();
    }

    // As upstream demands: the tensors cover the data without gap or overlap.
    private void CheckLayout(long dataLength)
    {
        SafetensorsEntry[] sorted = [.. Entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)];
        Entries.Clear();
        Entries.AddRange(sorted);
        long position = 0;
        foreach (SafetensorsEntry entry in Entries)
        {
            if (entry.Begin != position)
                throw new InvalidDataException(
                    $"Tensor '{entry.Name}' begins at byte {entry.Begin}, "
                    + $"which {(entry.Begin < position ? "overlaps the tensor before it" : "leaves a gap")}; expected {position}.");
            position = entry.End;
        }

        if (dataLength >= 0 && position != dataLength)
            throw new InvalidDataException($"The tensors of the safetensors file cover {position} bytes; the file has {dataLength} after its header.");
        DataLength = position;
    }

    private static bool NextProperty(ref Utf8JsonReader reader, out string name)
    {
        if (!reader.Read())
            throw new InvalidDataException("The safetensors header ends too early.");
        bool more = reader.TokenType == JsonTokenType.PropertyName;
        name = more ? reader.GetString()! : "";
        return more;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw new InvalidDataException($"The safetensors header must have {type} for {what}; got {reader.TokenType}.");
    }
}
