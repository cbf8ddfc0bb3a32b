using Microsoft.ML;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(
    typeof(KeyToVectorMappingTransformer), null, typeof(SignatureLoadModel),
    "KeyToVectorTransform", KeyToVectorMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Maps a key to an indicator vector, and a vector of keys to their indicators end to end or to their counts.</summary>
public sealed class KeyToVectorMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "KeyToVectorTransform";
    private const string RegistrationName = "KeyToVector";

    internal KeyToVectorMappingTransformer(IHostEnvironment env, (string outputColumnName, string inputColumnName)[] columns, bool[] counts)
        : base(env.Register(RegistrationName), columns)
        => Counts = counts;

    private KeyToVectorMappingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(RegistrationName), ctx, Version)
    {
        if (ctx.Header.ModelVerWritten < 0x00010002)
            throw NotCovered.Error($"Loading a key-to-vector map of model version 0x{ctx.Header.ModelVerWritten:X8}");
        Counts = ColumnPairs.Select(_ => ModelBytes.ReadBoolean(ctx.Reader)).ToArray();
    }

    internal bool[] Counts { get; }

    private static VersionInfo Version => new(
        modelSignature: "KEY2VECT",
        verWrittenCur: 0x00010002,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(KeyToVectorMappingTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        SaveColumns(ctx, Version);
        foreach (bool count in Counts)
            ModelBytes.Write(ctx.Writer, count);
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : OneToOneMapper
    {
        private readonly bool[] _counts;

        public Mapper(KeyToVectorMappingTransformer parent, DataViewSchema inputSchema)
            : base(parent, inputSchema)
        {
            _counts = parent.Counts;
            foreach (DataViewSchema.Column source in Sources)
            {
                if (source.Type.GetItemType() is not KeyDataViewType)
                    throw Contracts.ExceptSchemaMismatch(
                        nameof(inputSchema), "input", source.Name, "key type of known cardinality", source.Type.ToString());
            }
        }

        protected override DataViewSchema.DetachedColumn MakeOutputColumn(int output)
        {
            DataViewSchema.Column source = Sources[output];
            int keys = source.Type.GetItemType().GetKeyCountAsInt32();
            int values = source.Type.GetValueCount();
            bool oneBlock = _counts[output] || values == 1;
            VectorDataViewType type = oneBlock
                ? new VectorDataViewType(NumberDataViewType.Single, keys) : new VectorDataViewType(NumberDataViewType.Single, values, keys);
            var annotations = new KeyIndicatorAnnotations(source, keys, values, _counts[output]);
            return new DataViewSchema.DetachedColumn(Pairs[output].outputColumnName, type, annotations.Build());
        }

        protected override Delegate MakeGetter(DataViewRow input, int output)
        {
            DataViewSchema.Column source = input.Schema[Sources[output].Index];
            int keys = source.Type.GetItemType().GetKeyCountAsInt32();
            if (source.Type is VectorDataViewType)
            {
                return (Delegate)Generic.Call(
                    typeof(Mapper), nameof(MapVector), null, source.Type.GetItemType().RawType, input, source, keys, _counts[output]);
            }
            Func<ulong> key = KeyIndex.Getter(input, source);
            var slots = new List<(int Slot, float Value)>();
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> indicator) =>
            {
                slots.Clear();
                ulong index = key() - 1;
                if (index < (ulong)keys)
                    slots.Add(((int)index, 1));
                indicator = Vectors.FromSlots(keys, slots, indicator);
            });
        }

        private static Delegate MapVector<TKey>(DataViewRow input, DataViewSchema.Column source, int keys, bool count)
        {
            ValueGetter<VBuffer<TKey>> getter = input.GetGetter<VBuffer<TKey>>(source);
            Func<TKey, ulong> number = KeyIndex.Reader<TKey>();
            int size = source.Type.GetVectorSize();
            VBuffer<TKey> buffer = default;
            var slots = new SortedDictionary<int, float>();
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> result) =>
            {
                getter(ref buffer);
                Contracts.Check(
                    size == 0 || buffer.Length == size, $"Column '{source.Name}' has {size} slots, but the row has {buffer.Length}");
                slots.Clear();
                foreach (KeyValuePair<int, TKey> item in buffer.Items())
                {
                    ulong index = number(item.Value) - 1;
                    if (index >= (ulong)keys)
                        continue;
                    int slot = count ? (int)index : checked(item.Key * keys + (int)index);
                    slots[slot] = slots.GetValueOrDefault(slot) + 1;
                }
                int length = count ? keys : checked(keys * buffer.Length);
                result = Vectors.FromSlots(length, slots.Select(slot => (slot.Key, slot.Value)).ToList(), result);
            });
        }
    }
}
