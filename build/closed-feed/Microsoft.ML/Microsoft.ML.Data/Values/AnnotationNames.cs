namespace Microsoft.ML.Data;

/// <summary>Names of the annotations that the components here read and write.</summary>
internal static class AnnotationNames
{
    public const string SlotNames = "SlotNames";
    public const string KeyValues = "KeyValues";
    public const string IsNormalized = "IsNormalized";
    public const string CategoricalSlotRanges = "CategoricalSlotRanges";

    public static DataViewType TypeOf(DataViewSchema.Column column, string annotation)
        => column.Annotations.Schema.GetColumnOrNull(annotation)?.Type;

    public static bool HasTextSlotNames(DataViewSchema.Column column, int size)
        => size > 0 && TypeOf(column, SlotNames) is VectorDataViewType { ItemType: TextDataViewType } names && names.Size == size;

    /// <summary>Reads the pairs of first and last categorical slot, or returns null where the column has none.</summary>
    public static int[] CategoricalRangesOrNull(DataViewSchema.Column column)
    {
        int size = ColumnTypes.VectorSize(column.Type);
        if (size == 0 || TypeOf(column, CategoricalSlotRanges) is not VectorDataViewType { ItemType: NumberDataViewType } type)
            return null;
        if (type.ItemType != NumberDataViewType.Int32 || type.Size == 0 || type.Size % 2 != 0)
            return null;
        VBuffer<int> ranges = default;
        column.Annotations.GetValue(CategoricalSlotRanges, ref ranges);
        int[] values = ranges.DenseValues().ToArray();
        for (int i = 0; i < values.Length; i += 2)
        {
            bool ordered = values[i] >= (i == 0 ? 0 : values[i - 1] + 1) && values[i + 1] >= values[i] && values[i + 1] < size;
            if (!ordered)
                return null;
        }
        return values;
    }
}
