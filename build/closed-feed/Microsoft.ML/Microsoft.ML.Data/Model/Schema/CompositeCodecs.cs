namespace Microsoft.ML.StandIn;

/// <summary>A key: its raw values, with the number of keys as a parameter.</summary>
internal sealed class KeyCodec<T> : ValueCodec<T>
{
    private readonly ValueCodec<T> _raw;

    public KeyCodec(KeyDataViewType type, ValueCodec<T> raw)
        : base("Key2", type)
    {
        _raw = raw;
    }

    public override void Write(BinaryWriter writer, ReadOnlySpan<T> values) => _raw.Write(writer, values);

    public override T[] Read(BinaryReader reader, int count) => _raw.Read(reader, count);

    protected override void WriteParameters(BinaryWriter writer)
    {
        _raw.WriteDefinition(writer);
        writer.Write(((KeyDataViewType)Type).Count);
    }
}

/// <summary>
/// The number of vectors; their common length, or 0 and each length; each count of explicit values, or -1 for a dense vector;
/// all indices with their number; all explicit values.
/// </summary>
internal sealed class VectorCodec<T> : ValueCodec<VBuffer<T>>
{
    private readonly ValueCodec<T> _items;

    public VectorCodec(VectorDataViewType type, ValueCodec<T> items)
        : base("VBuffer", type)
    {
        _items = items;
    }

    private VectorDataViewType VectorType => (VectorDataViewType)Type;

    public override void Write(BinaryWriter writer, ReadOnlySpan<VBuffer<T>> values)
    {
        var counts = new List<int>();
        var indices = new List<int>();
        var explicitValues = new List<T>();
        int common = VectorType.IsKnownSize ? VectorType.Size : values.Length == 0 ? 0 : values[0].Length;
        foreach (VBuffer<T> value in values)
        {
            if (VectorType.IsKnownSize)
                Contracts.Check(value.Length == common, $"Length mismatch: expected {common} slots but got {value.Length}");
            else if (value.Length != common)
                common = 0;
            counts.Add(value.IsDense ? -1 : value.GetValues().Length);
            indices.AddRange(value.GetIndices());
            explicitValues.AddRange(value.GetValues());
        }
        writer.Write(values.Length);
        writer.Write(common);
        if (common == 0)
        {
            foreach (VBuffer<T> value in values)
                writer.Write(value.Length);
        }
        counts.ForEach(writer.Write);
        writer.Write(indices.Count);
        indices.ForEach(writer.Write);
        _items.Write(writer, explicitValues.ToArray());
    }

    public override VBuffer<T>[] Read(BinaryReader reader, int count)
    {
        Contracts.CheckDecode(reader.ReadInt32() == count);
        int common = reader.ReadInt32();
        Contracts.CheckDecode(VectorType.IsKnownSize ? common == VectorType.Size : common >= 0);
        int[] lengths = common > 0 ? Enumerable.Repeat(common, count).ToArray() : ReadInts(reader, count);
        int[] counts = ReadInts(reader, count);
        int[] indices = ReadInts(reader, reader.ReadInt32());
        long total = 0;
        for (int i = 0; i < count; i++)
        {
            Contracts.CheckDecode(lengths[i] >= 0 && counts[i] >= -1 && (counts[i] < lengths[i] || counts[i] == -1));
            total += counts[i] < 0 ? lengths[i] : counts[i];
        }
        Contracts.CheckDecode(total <= int.MaxValue);
        T[] values = _items.Read(reader, (int)total);
        var vectors = new VBuffer<T>[count];
        int value = 0;
        int index = 0;
        for (int i = 0; i < count; i++)
        {
            if (counts[i] < 0)
            {
                vectors[i] = new VBuffer<T>(lengths[i], values.AsSpan(value, lengths[i]).ToArray());
                value += lengths[i];
                continue;
            }
            Contracts.CheckDecode(index + counts[i] <= indices.Length);
            int[] slots = indices.AsSpan(index, counts[i]).ToArray();
            for (int s = 0; s < slots.Length; s++)
                Contracts.CheckDecode(slots[s] > (s == 0 ? -1 : slots[s - 1]) && slots[s] < lengths[i]);
            vectors[i] = new VBuffer<T>(lengths[i], counts[i], values.AsSpan(value, counts[i]).ToArray(), slots);
            value += counts[i];
            index += counts[i];
        }
        return vectors;
    }

    // Whoever asks owns what he gets.
    protected override void Copy(in VBuffer<T> value, ref VBuffer<T> destination) => value.CopyTo(ref destination);

    protected override void WriteParameters(BinaryWriter writer)
    {
        _items.WriteDefinition(writer);
        writer.Write(VectorType.Dimensions.Length);
        foreach (int dimension in VectorType.Dimensions)
            writer.Write(dimension);
    }
}
