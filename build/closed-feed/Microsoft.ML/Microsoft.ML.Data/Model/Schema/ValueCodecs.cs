namespace Microsoft.ML.StandIn;

internal static class ValueCodecs
{
    private static readonly ValueCodec[] _primitives =
    [
        new PlainCodec<sbyte>(NumberDataViewType.SByte),
        new PlainCodec<byte>(NumberDataViewType.Byte),
        new PlainCodec<short>(NumberDataViewType.Int16),
        new PlainCodec<ushort>(NumberDataViewType.UInt16),
        new PlainCodec<int>(NumberDataViewType.Int32),
        new PlainCodec<uint>(NumberDataViewType.UInt32),
        new PlainCodec<long>(NumberDataViewType.Int64),
        new PlainCodec<ulong>(NumberDataViewType.UInt64),
        new PlainCodec<float>(NumberDataViewType.Single),
        new PlainCodec<double>(NumberDataViewType.Double),
        new PlainCodec<TimeSpan>(TimeSpanDataViewType.Instance),
        new PlainCodec<DataViewRowId>(RowIdDataViewType.Instance),
        new TextCodec(),
        new BooleanCodec(),
        new DateTimeCodec(),
        new DateTimeOffsetCodec(),
    ];

    public static ValueCodec FindOrNull(DataViewType type)
    {
        switch (type)
        {
            case KeyDataViewType key:
                return Wrap(typeof(KeyCodec<>), key, FindOrNull(ColumnTypeExtensions.PrimitiveTypeFromType(key.RawType)));
            case VectorDataViewType vector:
                ValueCodec items = FindOrNull(vector.ItemType);
                return items == null ? null : Wrap(typeof(VectorCodec<>), vector, items);
            default:
                return _primitives.FirstOrDefault(codec => codec.Type.Equals(type));
        }
    }

    /// <summary>Null for a definition that this build does not know, which is skipped.</summary>
    public static ValueCodec ReadDefinitionOrNull(BinaryReader reader)
    {
        string name = reader.ReadString();
        long length = reader.Read7BitEncodedInt64();
        long end = reader.BaseStream.Position + length;
        Contracts.CheckDecode(name.Length > 0 && length >= 0 && end <= reader.BaseStream.Length);
        ValueCodec codec = name switch
        {
            "Key2" => ReadKey(reader),
            "VBuffer" => ReadVector(reader),
            _ => _primitives.FirstOrDefault(known => known.Name == name),
        };
        Contracts.CheckDecode(codec == null || reader.BaseStream.Position == end);
        reader.BaseStream.Position = end;
        return codec;
    }

    private static ValueCodec ReadKey(BinaryReader reader)
    {
        if (ReadDefinitionOrNull(reader) is not { } raw)
            return null;
        ulong count = reader.ReadUInt64();
        Contracts.CheckDecode(KeyDataViewType.IsValidDataType(raw.Type.RawType) && count > 0);
        return Wrap(typeof(KeyCodec<>), new KeyDataViewType(raw.Type.RawType, count), raw);
    }

    private static ValueCodec ReadVector(BinaryReader reader)
    {
        if (ReadDefinitionOrNull(reader) is not { } items)
            return null;
        var itemType = items.Type as PrimitiveDataViewType;
        int rank = reader.ReadInt32();
        Contracts.CheckDecode(itemType != null && rank >= 0 && rank <= 64);
        int[] dimensions = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            dimensions[i] = reader.ReadInt32();
            Contracts.CheckDecode(dimensions[i] >= 0);
        }
        VectorDataViewType type = rank == 0 ? new VectorDataViewType(itemType) : new VectorDataViewType(itemType, dimensions);
        return Wrap(typeof(VectorCodec<>), type, items);
    }

    private static ValueCodec Wrap(Type codec, DataViewType type, ValueCodec inner)
    {
        return (ValueCodec)Activator.CreateInstance(codec.MakeGenericType(inner.Type.RawType), type, inner);
    }
}
