namespace Microsoft.ML.Data;

/// <summary>One joined vector, bound to a schema: its type, its annotations and its values.</summary>
internal sealed class ConcatenatedColumn
{
    private readonly ColumnConcatenatingTransformer.Joined _column;
    private readonly DataViewSchema _schema;
    private readonly DataViewSchema.Column[] _sources;
    private readonly VectorDataViewType _type;
    private readonly bool _isNormalized;

    public ConcatenatedColumn(DataViewSchema schema, ColumnConcatenatingTransformer.Joined column)
    {
        _schema = schema;
        _column = column;
        _sources = column.Sources.Select(source => schema.GetColumnOrNull(source.Name)
            ?? throw Contracts.ExceptSchemaMismatch("inputSchema", "input", source.Name)).ToArray();
        DataViewType itemType = _sources[0].Type.GetItemType();
        foreach (DataViewSchema.Column source in _sources)
        {
            if (!source.Type.GetItemType().Equals(itemType))
                throw Contracts.ExceptSchemaMismatch("inputSchema", "input", source.Name, itemType.ToString(), source.Type.ToString());
        }
        int[] sizes = _sources.Select(source => source.Type.GetValueCount()).ToArray();
        _type = new VectorDataViewType((PrimitiveDataViewType)itemType, sizes.Contains(0) ? 0 : sizes.Sum());
        _isNormalized = itemType is NumberDataViewType && _sources.All(source => source.IsNormalized());
    }

    public IEnumerable<int> SourceIndices => _sources.Select(source => source.Index);

    // A single vector is passed on as it is.
    private bool IsIdentity => _sources.Length == 1 && _sources[0].Type is VectorDataViewType;

    public DataViewSchema.DetachedColumn ToSchemaColumn()
    {
        if (IsIdentity)
            return new DataViewSchema.DetachedColumn(_column.Name, _sources[0].Type, _sources[0].Annotations);
        var annotations = new DataViewSchema.Annotations.Builder();
        if (_isNormalized)
            annotations.AddPrimitiveValue(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, true);
        if (_type.Size > 0 && _sources.Any(HasNames))
            annotations.AddSlotNames(_type.Size, GetSlotNames);
        int[] ranges = CategoricalRanges();
        if (_type.Size > 0 && ranges.Length > 0)
        {
            annotations.Add(
                AnnotationUtils.Kinds.CategoricalSlotRanges,
                AnnotationUtils.GetCategoricalType(ranges.Length / 2),
                (ref VBuffer<int> value) => value = new VBuffer<int>(ranges.Length, (int[])ranges.Clone()));
        }
        return new DataViewSchema.DetachedColumn(_column.Name, _type, annotations.ToAnnotations());
    }

    private static bool HasNames(DataViewSchema.Column source) => source.Type is not VectorDataViewType || source.HasSlotNames();

    private int[] CategoricalRanges()
    {
        var ranges = new List<int>();
        int offset = 0;
        foreach (DataViewSchema.Column source in _sources)
        {
            int start = offset;
            if (AnnotationUtils.TryGetCategoricalFeatureIndices(_schema, source.Index, out int[] own))
                ranges.AddRange(own.Select(slot => slot + start));
            offset += source.Type.GetValueCount();
        }
        return ranges.ToArray();
    }

    private void GetSlotNames(ref VBuffer<ReadOnlyMemory<char>> names)
    {
        var all = new ReadOnlyMemory<char>[_type.Size];
        int slot = 0;
        for (int i = 0; i < _sources.Length; i++)
        {
            string prefix = _column.Sources[i].Alias ?? _sources[i].Name;
            if (_sources[i].Type is not VectorDataViewType vector)
            {
                all[slot++] = prefix.AsMemory();
                continue;
            }
            if (_sources[i].HasSlotNames())
            {
                VBuffer<ReadOnlyMemory<char>> own = default;
                _sources[i].GetSlotNames(ref own);
                foreach (KeyValuePair<int, ReadOnlyMemory<char>> name in own.Items())
                {
                    if (!name.Value.IsEmpty)
                        all[slot + name.Key] = $"{prefix}.{name.Value}".AsMemory();
                }
            }
            slot += vector.Size;
        }
        names = Vectors.FromDense(all);
    }

    public Delegate MakeGetter(DataViewRow input)
    {
        if (IsIdentity)
            return Getters.Untyped(input, input.Schema[_sources[0].Index]);
        return (Delegate)Generic.Call(typeof(ConcatenatedColumn), nameof(MakeJoin), this, _type.ItemType.RawType, input);
    }

    private Delegate MakeJoin<T>(DataViewRow input)
    {
        var parts = new VBuffer<T>[_sources.Length];
        Action[] reads = _sources.Select((source, i) => MakeRead(input, source, parts, i)).ToArray();
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> joined) =>
        {
            foreach (Action read in reads)
                read();
            joined = Vectors.Join(parts, joined);
        });
    }

    private static Action MakeRead<T>(DataViewRow input, DataViewSchema.Column source, VBuffer<T>[] parts, int part)
    {
        if (source.Type is not VectorDataViewType vector)
        {
            ValueGetter<T> scalar = input.GetGetter<T>(input.Schema[source.Index]);
            T[] value = new T[1];
            return () =>
            {
                scalar(ref value[0]);
                parts[part] = new VBuffer<T>(1, value);
            };
        }
        ValueGetter<VBuffer<T>> getter = input.GetGetter<VBuffer<T>>(input.Schema[source.Index]);
        return () =>
        {
            getter(ref parts[part]);
            int length = parts[part].Length;
            Contracts.Check(
                vector.Size == 0 || vector.Size == length, $"Column '{source.Name}': expected {vector.Size} slots, but got {length}");
        };
    }
}
