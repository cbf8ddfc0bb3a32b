namespace Microsoft.ML.Data;

/// <summary>Questions about column types, and the map between .NET types, data kinds and column types.</summary>
internal static class ColumnTypes
{
    private static readonly (DataKind Kind, Type Raw, PrimitiveDataViewType Type)[] _known =
    [
        (DataKind.SByte, typeof(sbyte), NumberDataViewType.SByte),
        (DataKind.Byte, typeof(byte), NumberDataViewType.Byte),
        (DataKind.Int16, typeof(short), NumberDataViewType.Int16),
        (DataKind.UInt16, typeof(ushort), NumberDataViewType.UInt16),
        (DataKind.Int32, typeof(int), NumberDataViewType.Int32),
        (DataKind.UInt32, typeof(uint), NumberDataViewType.UInt32),
        (DataKind.Int64, typeof(long), NumberDataViewType.Int64),
        (DataKind.UInt64, typeof(ulong), NumberDataViewType.UInt64),
        (DataKind.Single, typeof(float), NumberDataViewType.Single),
        (DataKind.Double, typeof(double), NumberDataViewType.Double),
        (DataKind.String, typeof(ReadOnlyMemory<char>), TextDataViewType.Instance),
        (DataKind.Boolean, typeof(bool), BooleanDataViewType.Instance),
        (DataKind.TimeSpan, typeof(TimeSpan), TimeSpanDataViewType.Instance),
        (DataKind.DateTime, typeof(DateTime), DateTimeDataViewType.Instance),
        (DataKind.DateTimeOffset, typeof(DateTimeOffset), DateTimeOffsetDataViewType.Instance),
    ];

    public static DataViewType Item(DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    /// <summary>Slots of a vector, 0 for a scalar or a vector of unknown size.</summary>
    public static int VectorSize(DataViewType type) => (type as VectorDataViewType)?.Size ?? 0;

    /// <summary>1 for a scalar, slots of a vector, 0 for a vector of unknown size.</summary>
    public static int ValueCount(DataViewType type) => (type as VectorDataViewType)?.Size ?? 1;

    public static ulong KeyCount(DataViewType type) => (type as KeyDataViewType)?.Count ?? 0;

    public static int KeyCountAsInt32(DataViewType type)
    {
        ulong count = KeyCount(type);
        Guard.State(count <= int.MaxValue, "KeyDataViewType.Count exceeds int.MaxValue.");
        return (int)count;
    }

    public static bool IsStandardScalar(DataViewType type)
        => type is NumberDataViewType or TextDataViewType or BooleanDataViewType or RowIdDataViewType
            or TimeSpanDataViewType or DateTimeDataViewType or DateTimeOffsetDataViewType;

    public static bool IsCacheable(DataViewType type) => type is PrimitiveDataViewType || (type as VectorDataViewType)?.ItemType is not null;

    public static bool TryGetKind(Type raw, out DataKind kind)
    {
        if (raw == typeof(string))
            raw = typeof(ReadOnlyMemory<char>);
        foreach (var entry in _known)
        {
            if (entry.Raw == raw)
            {
                kind = entry.Kind;
                return true;
            }
        }
        kind = default;
        return false;
    }

    /// <summary>The column type of a .NET type, or null where there is none.</summary>
    public static PrimitiveDataViewType ForRaw(Type raw)
    {
        if (raw == typeof(DataViewRowId))
            return RowIdDataViewType.Instance;
        return TryGetKind(raw, out DataKind kind) ? ForKind(kind) : null;
    }

    public static PrimitiveDataViewType ForKind(DataKind kind)
    {
        foreach (var entry in _known)
        {
            if (entry.Kind == kind)
                return entry.Type;
        }
        throw Guard.ParamError(nameof(kind), $"'{kind}' is not a data kind");
    }

    public static Type RawOf(DataKind kind) => ForKind(kind).RawType;

    public static ulong LargestKeyCount(Type raw)
    {
        if (raw == typeof(byte))
            return byte.MaxValue;
        if (raw == typeof(ushort))
            return ushort.MaxValue;
        return raw == typeof(uint) ? uint.MaxValue : ulong.MaxValue;
    }
}
