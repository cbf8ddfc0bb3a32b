using Microsoft.ML;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(
    typeof(KeyToValueMappingTransformer), null, typeof(SignatureLoadModel),
    "Key To Value Transform", KeyToValueMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Maps keys to the values that their column's annotations name; a missing key becomes a missing value.</summary>
public sealed class KeyToValueMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "KeyToValueTransform";

    internal KeyToValueMappingTransformer(IHostEnvironment env, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(KeyToValueMappingTransformer)), columns)
    {
    }

    private KeyToValueMappingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(KeyToValueMappingTransformer)), ctx, Version)
    {
    }

    private static VersionInfo Version => new(
        modelSignature: "KEY2VALT",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(KeyToValueMappingTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx) => SaveColumns(ctx, Version);

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : OneToOneMapper
    {
        private readonly PrimitiveDataViewType[] _valueTypes;

        public Mapper(KeyToValueMappingTransformer parent, DataViewSchema inputSchema)
            : base(parent, inputSchema)
        {
            _valueTypes = Sources.Select(source =>
            {
                DataViewType values = source.AnnotationTypeOrNull(AnnotationUtils.Kinds.KeyValues);
                Contracts.Check(values != null, "Metadata KeyValues does not exist");
                Contracts.Check(
                    values.GetVectorSize() == source.Type.GetItemType().GetKeyCountAsInt32(),
                    "KeyValues metadata size does not match column type key count");
                return ((VectorDataViewType)values).ItemType;
            }).ToArray();
        }

        protected override DataViewSchema.DetachedColumn MakeOutputColumn(int output)
        {
            DataViewSchema.Column source = Sources[output];
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(source.Annotations, name => name == AnnotationUtils.Kinds.SlotNames);
            DataViewType type = source.Type is VectorDataViewType vector
                ? new VectorDataViewType(_valueTypes[output], vector.Dimensions) : _valueTypes[output];
            return new DataViewSchema.DetachedColumn(Pairs[output].outputColumnName, type, annotations.ToAnnotations());
        }

        protected override Delegate MakeGetter(DataViewRow input, int output)
        {
            DataViewSchema.Column source = input.Schema[Sources[output].Index];
            string method = source.Type is VectorDataViewType ? nameof(MapVector) : nameof(MapScalar);
            Type[] types = [source.Type.GetItemType().RawType, _valueTypes[output].RawType];
            return (Delegate)Generic.Call(typeof(Mapper), method, null, types, input, source, _valueTypes[output]);
        }

        private static Delegate MapScalar<TKey, TValue>(DataViewRow input, DataViewSchema.Column source, PrimitiveDataViewType valueType)
        {
            Func<TKey, TValue> map = MakeMap<TKey, TValue>(source, valueType);
            ValueGetter<TKey> getter = input.GetGetter<TKey>(source);
            TKey key = default;
            return (ValueGetter<TValue>)((ref TValue value) =>
            {
                getter(ref key);
                value = map(key);
            });
        }

        private static Delegate MapVector<TKey, TValue>(DataViewRow input, DataViewSchema.Column source, PrimitiveDataViewType valueType)
        {
            Func<TKey, TValue> map = MakeMap<TKey, TValue>(source, valueType);
            ValueGetter<VBuffer<TKey>> getter = input.GetGetter<VBuffer<TKey>>(source);
            VBuffer<TKey> keys = default;
            var slots = new List<(int Slot, TValue Value)>();
            return (ValueGetter<VBuffer<TValue>>)((ref VBuffer<TValue> values) =>
            {
                getter(ref keys);
                slots.Clear();
                // A missing key maps to NaN for reals, so implicit slots need a value too; elsewhere it maps to the default.
                bool implicitSlotsToo = keys.IsDense || Missing.CanBeMissing(valueType) && valueType is not KeyDataViewType;
                foreach (KeyValuePair<int, TKey> item in keys.Items(all: implicitSlotsToo))
                    slots.Add((item.Key, map(item.Value)));
                values = Vectors.FromSlots(keys.Length, slots, values);
            });
        }

        private static Func<TKey, TValue> MakeMap<TKey, TValue>(DataViewSchema.Column source, PrimitiveDataViewType valueType)
        {
            VBuffer<TValue> buffer = default;
            source.GetKeyValues(ref buffer);
            TValue[] values = buffer.DenseValues().ToArray();
            TValue missing = Missing.ValueOrDefault<TValue>(valueType);
            Func<TKey, ulong> number = KeyIndex.Reader<TKey>();
            return key =>
            {
                ulong index = number(key) - 1;
                return index < (ulong)values.Length ? values[index] : missing;
            };
        }
    }
}
