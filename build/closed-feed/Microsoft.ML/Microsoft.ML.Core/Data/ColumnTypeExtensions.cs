using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal static class ColumnTypeExtensions
{
    public static bool IsStandardScalar(this DataViewType columnType)
    {
        return columnType is NumberDataViewType or TextDataViewType or BooleanDataViewType or RowIdDataViewType
            or TimeSpanDataViewType or DateTimeDataViewType or DateTimeOffsetDataViewType;
    }

    public static ulong GetKeyCount(this DataViewType columnType) => (columnType as KeyDataViewType)?.Count ?? 0;

    public static int GetKeyCountAsInt32(this DataViewType columnType, IExceptionContext ectx = null)
    {
        ulong count = columnType.GetKeyCount();
        ectx.Check(count <= int.MaxValue, "KeyDataViewType.Count exceeds int.MaxValue.");
        return (int)count;
    }

    public static DataViewType GetItemType(this DataViewType columnType) => (columnType as VectorDataViewType)?.ItemType ?? columnType;

    public static int GetVectorSize(this DataViewType columnType) => (columnType as VectorDataViewType)?.Size ?? 0;

    public static int GetValueCount(this DataViewType columnType) => (columnType as VectorDataViewType)?.Size ?? 1;

    public static bool IsKnownSizeVector(this DataViewType columnType) => columnType.GetVectorSize() > 0;

    public static InternalDataKind GetRawKind(this DataViewType columnType)
    {
        columnType.RawType.TryGetDataKind(out InternalDataKind kind);
        return kind;
    }

    public static bool SameSizeAndItemType(this DataViewType columnType, DataViewType other)
    {
        if (other == null)
            return false;
        if (columnType.Equals(other))
            return true;
        return columnType is VectorDataViewType left && other is VectorDataViewType right
            && left.ItemType.Equals(right.ItemType) && left.Size == right.Size;
    }

    public static PrimitiveDataViewType PrimitiveTypeFromType(Type type)
    {
        if (type.TryGetDataKind(out InternalDataKind kind))
            return PrimitiveTypeFromKind(kind);
        throw new InvalidOperationException($"{type} is the raw type of no primitive column type");
    }

    public static PrimitiveDataViewType PrimitiveTypeFromKind(InternalDataKind kind)
    {
        return kind switch
        {
            InternalDataKind.I1 => NumberDataViewType.SByte,
            InternalDataKind.U1 => NumberDataViewType.Byte,
            InternalDataKind.I2 => NumberDataViewType.Int16,
            InternalDataKind.U2 => NumberDataViewType.UInt16,
            InternalDataKind.I4 => NumberDataViewType.Int32,
            InternalDataKind.U4 => NumberDataViewType.UInt32,
            InternalDataKind.I8 => NumberDataViewType.Int64,
            InternalDataKind.U8 => NumberDataViewType.UInt64,
            InternalDataKind.R4 => NumberDataViewType.Single,
            InternalDataKind.R8 => NumberDataViewType.Double,
            InternalDataKind.TX => TextDataViewType.Instance,
            InternalDataKind.BL => BooleanDataViewType.Instance,
            InternalDataKind.TS => TimeSpanDataViewType.Instance,
            InternalDataKind.DT => DateTimeDataViewType.Instance,
            InternalDataKind.DZ => DateTimeOffsetDataViewType.Instance,
            InternalDataKind.UG => RowIdDataViewType.Instance,
            _ => throw new InvalidOperationException($"{kind} is no data kind"),
        };
    }
}

internal static class KeyTypeExtensions
{
    public static int GetCountAsInt32(this KeyDataViewType key, IExceptionContext ectx = null) => key.GetKeyCountAsInt32(ectx);
}

internal static class SchemaExtensions
{
    public static DataViewSchema MakeSchema(IEnumerable<DataViewSchema.DetachedColumn> columns)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns);
        return builder.ToSchema();
    }

    public static bool TryGetColumnIndex(this DataViewSchema schema, string name, out int col)
    {
        col = schema.GetColumnOrNull(name)?.Index ?? -1;
        return col >= 0;
    }
}

internal static class AnnotationBuilderExtensions
{
    public static void AddSlotNames(
        this DataViewSchema.Annotations.Builder builder, int size, ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter)
        => builder.Add(AnnotationUtils.Kinds.SlotNames, new VectorDataViewType(TextDataViewType.Instance, size), getter);

    public static void AddKeyValues<TValue>(
        this DataViewSchema.Annotations.Builder builder, int size, PrimitiveDataViewType valueType, ValueGetter<VBuffer<TValue>> getter)
        => builder.Add(AnnotationUtils.Kinds.KeyValues, new VectorDataViewType(valueType, size), getter);
}
