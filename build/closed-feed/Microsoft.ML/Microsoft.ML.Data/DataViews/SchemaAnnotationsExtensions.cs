namespace Microsoft.ML.Data;

public static class SchemaAnnotationsExtensions
{
    public static bool HasSlotNames(this DataViewSchema.Column column)
        => AnnotationNames.HasTextSlotNames(column, ColumnTypes.VectorSize(column.Type));

    public static void GetSlotNames(this DataViewSchema.Column column, ref VBuffer<ReadOnlyMemory<char>> slotNames)
        => column.Annotations.GetValue(AnnotationNames.SlotNames, ref slotNames);

    /// <param name="column">A key column or a vector of keys.</param>
    /// <param name="keyValueItemType">The type that the values must have; text where it is null.</param>
    public static bool HasKeyValues(this DataViewSchema.Column column, PrimitiveDataViewType keyValueItemType = null)
        => ColumnTypes.Item(column.Type) is KeyDataViewType key
            && AnnotationNames.TypeOf(column, AnnotationNames.KeyValues) is VectorDataViewType values
            && key.Count == (ulong)values.Size
            && (keyValueItemType ?? TextDataViewType.Instance).Equals(values.ItemType);

    public static void GetKeyValues<TValue>(this DataViewSchema.Column column, ref VBuffer<TValue> keyValues)
        => column.Annotations.GetValue(AnnotationNames.KeyValues, ref keyValues);

    public static bool IsNormalized(this DataViewSchema.Column column)
    {
        if (AnnotationNames.TypeOf(column, AnnotationNames.IsNormalized) is not BooleanDataViewType)
            return false;
        bool value = false;
        column.Annotations.GetValue(AnnotationNames.IsNormalized, ref value);
        return value;
    }
}
