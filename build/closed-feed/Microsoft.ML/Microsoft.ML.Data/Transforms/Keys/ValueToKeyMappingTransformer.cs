using Microsoft.ML;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(
    typeof(ValueToKeyMappingTransformer), null, typeof(SignatureLoadModel),
    "Term Transform", ValueToKeyMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Maps values to their keys; a value that was not learned has none.</summary>
public sealed class ValueToKeyMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "TermTransform";
    private const string VocabularyDirectory = "Vocabulary";

    private readonly TermMap[] _maps;
    private readonly bool[] _valuesAsText;

    private ValueToKeyMappingTransformer(IHost host, (string, string)[] columns, TermMap[] maps, bool[] valuesAsText)
        : base(host, columns)
    {
        _maps = maps;
        _valuesAsText = valuesAsText;
    }

    private ValueToKeyMappingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register("Term"), ctx, Version)
    {
        if (ctx.Header.ModelVerWritten < 0x00010003)
            throw NotCovered.Error($"Loading a term map of model version 0x{ctx.Header.ModelVerWritten:X8}");
        _valuesAsText = ColumnPairs.Select(_ => ModelBytes.ReadBoolean(ctx.Reader)).ToArray();
        _maps = new TermMap[ColumnPairs.Length];
        bool found = ctx.TryProcessSubModel(VocabularyDirectory, vocabulary =>
        {
            vocabulary.CheckAtModel(VocabularyVersion);
            Contracts.CheckDecode(vocabulary.Reader.ReadInt32() == _maps.Length);
            for (int i = 0; i < _maps.Length; i++)
                _maps[i] = TermMapFile.Load(vocabulary);
        });
        Contracts.CheckDecode(found, $"Missing {VocabularyDirectory} model");
    }

    private static VersionInfo Version => new(
        modelSignature: "TERMTRNF",
        verWrittenCur: 0x00010003,
        verReadableCur: 0x00010003,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(ValueToKeyMappingTransformer).Assembly.FullName);

    private static VersionInfo VocabularyVersion => new(
        modelSignature: "TERM MAN",
        verWrittenCur: 0x00010002,
        verReadableCur: 0x00010002,
        verWeCanReadBack: 0x00010001,
        loaderSignature: "TermManager",
        loaderAssemblyName: typeof(ValueToKeyMappingTransformer).Assembly.FullName);

    internal static ValueToKeyMappingTransformer Train(
        IHostEnvironment env, IDataView input, ValueToKeyMappingEstimator.ColumnOptions[] columns, IDataView keyData)
    {
        IHost host = env.Register("Term");
        TermMap[] maps = TermLearning.Learn(host, input, columns, keyData);
        return new ValueToKeyMappingTransformer(
            host,
            ValueToKeyMappingEstimator.PairsOf(columns),
            maps,
            columns.Select(column => column.AddKeyValueAnnotationsAsText).ToArray());
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        SaveColumns(ctx, Version);
        foreach (bool asText in _valuesAsText)
            ModelBytes.Write(ctx.Writer, asText);
        ctx.SaveSubModel(VocabularyDirectory, vocabulary =>
        {
            vocabulary.CheckAtModel();
            vocabulary.SetVersionInfo(VocabularyVersion);
            vocabulary.Writer.Write(_maps.Length);
            foreach (TermMap map in _maps)
                TermMapFile.Save(vocabulary, map);
            vocabulary.SaveTextStream("Terms.txt", writer =>
            {
                foreach (TermMap map in _maps)
                    TermMapFile.WriteText(writer, map);
            });
        });
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : OneToOneMapper
    {
        private readonly TermMap[] _maps;
        private readonly bool[] _valuesAsText;

        public Mapper(ValueToKeyMappingTransformer parent, DataViewSchema inputSchema)
            : base(parent, inputSchema)
        {
            _maps = parent._maps;
            _valuesAsText = parent._valuesAsText;
            for (int i = 0; i < _maps.Length; i++)
            {
                TermLearning.CheckType(Sources[i]);
                DataViewType itemType = Sources[i].Type.GetItemType();
                Contracts.Check(
                    itemType.Equals(_maps[i].ItemType),
                    $"Could not apply a map over type '{_maps[i].ItemType}' "
                        + $"to column '{Pairs[i].outputColumnName}' since it has type '{itemType}'");
            }
        }

        protected override DataViewSchema.DetachedColumn MakeOutputColumn(int output)
        {
            TermMap map = _maps[output];
            DataViewSchema.Column source = Sources[output];
            var annotations = new DataViewSchema.Annotations.Builder();
            map.AddKeyValues(annotations, source, _valuesAsText[output]);
            annotations.Add(source.Annotations, name => name == AnnotationUtils.Kinds.SlotNames);
            DataViewType type = source.Type is VectorDataViewType vector
                ? new VectorDataViewType(map.KeyType, vector.Dimensions)
                : map.KeyType;
            return new DataViewSchema.DetachedColumn(Pairs[output].outputColumnName, type, annotations.ToAnnotations());
        }

        protected override Delegate MakeGetter(DataViewRow input, int output)
            => _maps[output].MakeGetter(input, input.Schema[Sources[output].Index], Pairs[output].outputColumnName);
    }
}
