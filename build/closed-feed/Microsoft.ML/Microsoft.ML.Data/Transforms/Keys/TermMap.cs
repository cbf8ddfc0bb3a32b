namespace Microsoft.ML.Transforms;

/// <summary>Distinct values in the order of their keys.</summary>
internal abstract class TermMap
{
    protected TermMap(PrimitiveDataViewType itemType, int count)
    {
        ItemType = itemType;
        Count = count;
        KeyType = new KeyDataViewType(typeof(uint), Math.Max(count, 1));
    }

    public PrimitiveDataViewType ItemType { get; }

    public int Count { get; }

    /// <summary>The type of the keys; its count is 1 where there is no value at all.</summary>
    public KeyDataViewType KeyType { get; }

    public abstract void AddKeyValues(DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, bool asText);

    public abstract Delegate MakeGetter(DataViewRow input, DataViewSchema.Column source, string outputName);
}

internal sealed class TermMap<T> : TermMap
{
    private readonly T[] _terms;
    private readonly Func<T, uint> _keyOf;

    /// <param name="itemType">The type of the values.</param>
    /// <param name="terms">Distinct values, in the order of their keys.</param>
    public TermMap(PrimitiveDataViewType itemType, T[] terms)
        : base(itemType, terms.Length)
    {
        _terms = terms;
        _keyOf = typeof(T) == typeof(ReadOnlyMemory<char>)
            ? (Func<T, uint>)(Delegate)TextLookup((ReadOnlyMemory<char>[])(object)terms)
            : Lookup(terms);
    }

    public ReadOnlySpan<T> Terms => _terms;

    private static Func<T, uint> Lookup(T[] terms)
    {
        var keys = new Dictionary<T, uint>(terms.Length);
        for (int i = 0; i < terms.Length; i++)
            Contracts.Check(keys.TryAdd(terms[i], (uint)i + 1), $"Duplicate item at position {i}");
        return value => keys.GetValueOrDefault(value);
    }

    private static Func<ReadOnlyMemory<char>, uint> TextLookup(ReadOnlyMemory<char>[] terms)
    {
        var keys = new Dictionary<string, uint>(terms.Length, StringComparer.Ordinal);
        for (int i = 0; i < terms.Length; i++)
            Contracts.Check(keys.TryAdd(terms[i].ToString(), (uint)i + 1), $"Duplicate item at position {i}");
        var bySpan = keys.GetAlternateLookup<ReadOnlySpan<char>>();
        return text => bySpan.TryGetValue(text.Span, out uint key) ? key : 0;
    }

    public override void AddKeyValues(DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, bool asText)
    {
        if (Count == 0)
            return;
        // The values of a key column are what its own keys stand for, where it says so.
        bool mapsOn = ItemType is KeyDataViewType key
            && source.AnnotationTypeOrNull(AnnotationUtils.Kinds.KeyValues) is VectorDataViewType values
            && (ulong)values.Size == key.Count;
        if (mapsOn)
        {
            var valueType = ((VectorDataViewType)source.AnnotationTypeOrNull(AnnotationUtils.Kinds.KeyValues)).ItemType;
            Generic.Call(typeof(TermMap<T>), nameof(AddMappedValues), this, valueType.RawType, annotations, source, valueType, asText);
            return;
        }
        AddValues(annotations, ItemType, asText, () => _terms);
    }

    private void AddMappedValues<TValue>(
        DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, PrimitiveDataViewType valueType, bool asText)
    {
        Func<T, ulong> keyNumber = KeyIndex.Reader<T>();
        AddValues(annotations, valueType, asText, () =>
        {
            VBuffer<TValue> values = default;
            source.GetKeyValues(ref values);
            return _terms.Select(term => values.GetItemOrDefault((int)keyNumber(term) - 1)).ToArray();
        });
    }

    private void AddValues<TValue>(
        DataViewSchema.Annotations.Builder annotations, PrimitiveDataViewType type, bool asText, Func<TValue[]> values)
    {
        if (asText && type is not TextDataViewType)
        {
            Func<TValue, string> write = ValueText.WriterFor<TValue>(type);
            ValueGetter<VBuffer<ReadOnlyMemory<char>>> texts =
                (ref VBuffer<ReadOnlyMemory<char>> buffer) => buffer = Vectors.FromTexts(values().Select(write));
            annotations.AddKeyValues(Count, TextDataViewType.Instance, texts);
            return;
        }
        ValueGetter<VBuffer<TValue>> getter = (ref VBuffer<TValue> buffer) =>
        {
            TValue[] all = values();
            VBufferEditor<TValue> editor = VBufferEditor.Create(ref buffer, all.Length);
            all.CopyTo(editor.Values);
            buffer = editor.Commit();
        };
        annotations.AddKeyValues(Count, type, getter);
    }

    public override Delegate MakeGetter(DataViewRow input, DataViewSchema.Column source, string outputName)
    {
        if (source.Type is VectorDataViewType vector)
            return MakeVectorGetter(input.GetGetter<VBuffer<T>>(source), vector.Size, outputName);
        ValueGetter<T> getter = input.GetGetter<T>(source);
        T value = default;
        return (ValueGetter<uint>)((ref uint key) =>
        {
            getter(ref value);
            key = _keyOf(value);
        });
    }

    private ValueGetter<VBuffer<uint>> MakeVectorGetter(ValueGetter<VBuffer<T>> getter, int size, string outputName)
    {
        VBuffer<T> source = default;
        var slots = new List<(int Slot, uint Key)>();
        uint keyOfDefault = _keyOf(default);
        return (ref VBuffer<uint> keys) =>
        {
            getter(ref source);
            Contracts.Check(
                size == 0 || source.Length == size, $"Column '{outputName}': TermTransform expects {size} slots, but got {source.Length}");
            slots.Clear();
            // An implicit slot matters only where the default value has a key.
            foreach (KeyValuePair<int, T> item in source.Items(all: keyOfDefault != 0))
            {
                uint key = _keyOf(item.Value);
                if (key != 0)
                    slots.Add((item.Key, key));
            }
            keys = Vectors.FromSlots(source.Length, slots, keys);
        };
    }
}
