namespace Microsoft.ML.StandIn;

/// <summary>How values of one column type lie in a binary data view (IDV) file. A definition is a name and parameters.</summary>
internal abstract class ValueCodec
{
    protected ValueCodec(string name, DataViewType type)
    {
        Name = name;
        Type = type;
    }

    public string Name { get; }

    public DataViewType Type { get; }

    public void WriteDefinition(BinaryWriter writer)
    {
        using var parameters = new MemoryStream();
        using (var parameterWriter = new BinaryWriter(parameters))
            WriteParameters(parameterWriter);
        byte[] bytes = parameters.ToArray();
        writer.Write(Name);
        writer.Write7BitEncodedInt(bytes.Length);
        writer.Write(bytes);
    }

    public abstract void WriteAnnotation(BinaryWriter writer, DataViewSchema.Annotations annotations, string kind);

    public abstract void ReadAnnotation(BinaryReader reader, DataViewSchema.Annotations.Builder builder, string kind);

    protected virtual void WriteParameters(BinaryWriter writer)
    {
    }
}

internal abstract class ValueCodec<T> : ValueCodec
{
    protected ValueCodec(string name, DataViewType type)
        : base(name, type)
    {
    }

    public abstract void Write(BinaryWriter writer, ReadOnlySpan<T> values);

    public abstract T[] Read(BinaryReader reader, int count);

    public override void WriteAnnotation(BinaryWriter writer, DataViewSchema.Annotations annotations, string kind)
    {
        T value = default;
        annotations.GetValue(kind, ref value);
        Write(writer, [value]);
    }

    public override void ReadAnnotation(BinaryReader reader, DataViewSchema.Annotations.Builder builder, string kind)
    {
        T value = Read(reader, 1)[0];
        builder.Add(kind, Type, (ref T destination) => Copy(in value, ref destination));
    }

    protected virtual void Copy(in T value, ref T destination) => destination = value;

    /// <summary>An array for values to be read: a count that the rest of the file cannot hold is refused before memory is taken.</summary>
    protected static TItem[] Allocate<TItem>(BinaryReader reader, int count, int bytesPerItem)
    {
        long left = reader.BaseStream.Length - reader.BaseStream.Position;
        Contracts.CheckDecode(count >= 0 && (long)count * bytesPerItem <= left, "A value count exceeds the file");
        return new TItem[count];
    }

    protected static int[] ReadInts(BinaryReader reader, int count)
    {
        int[] values = Allocate<int>(reader, count, sizeof(int));
        for (int i = 0; i < count; i++)
            values[i] = reader.ReadInt32();
        return values;
    }
}
