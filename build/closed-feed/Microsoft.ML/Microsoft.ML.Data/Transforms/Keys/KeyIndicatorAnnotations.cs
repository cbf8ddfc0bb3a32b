namespace Microsoft.ML.Transforms;

/// <summary>What an indicator column says about its slots.</summary>
internal sealed class KeyIndicatorAnnotations(DataViewSchema.Column source, int keys, int values, bool count)
{
    private bool IsScalar => source.Type is not VectorDataViewType;

    public DataViewSchema.Annotations Build()
    {
        var builder = new DataViewSchema.Annotations.Builder();
        bool named = source.HasKeyValues();
        if (named && (count || IsScalar))
            builder.AddSlotNames(keys, GetKeyNames);
        else if (named && values > 0)
            builder.Add<VBuffer<ReadOnlyMemory<char>>>(AnnotationUtils.Kinds.SlotNames, SlotNamesType(), GetSlotNames);
        if (!count && values > 0)
            builder.Add<VBuffer<int>>(AnnotationUtils.Kinds.CategoricalSlotRanges, AnnotationUtils.GetCategoricalType(values), GetRanges);
        if (!count || IsScalar)
            builder.AddPrimitiveValue(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, true);
        return builder.ToAnnotations();
    }

    private VectorDataViewType SlotNamesType() => new(TextDataViewType.Instance, values, keys);

    private void GetKeyNames(ref VBuffer<ReadOnlyMemory<char>> names) => source.GetKeyValues(ref names);

    private void GetSlotNames(ref VBuffer<ReadOnlyMemory<char>> names)
    {
        VBuffer<ReadOnlyMemory<char>> keyNames = default;
        source.GetKeyValues(ref keyNames);
        ReadOnlyMemory<char>[] ofKeys = keyNames.DenseValues().ToArray();
        VBuffer<ReadOnlyMemory<char>> own = default;
        if (source.HasSlotNames())
            source.GetSlotNames(ref own);
        ReadOnlyMemory<char>[] ofSlots = own.Length == values ? own.DenseValues().ToArray() : new ReadOnlyMemory<char>[values];
        names = Vectors.FromTexts(ofSlots.SelectMany((slot, i) =>
        {
            string prefix = slot.IsEmpty ? $"[{i}]" : slot.ToString();
            return ofKeys.Select(key => $"{prefix}.{key}");
        }));
    }

    private void GetRanges(ref VBuffer<int> ranges)
        => ranges = Vectors.FromDense(Enumerable.Range(0, values).SelectMany(i => new[] { i * keys, (i + 1) * keys - 1 }).ToArray());
}
