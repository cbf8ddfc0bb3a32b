namespace Microsoft.ML.Transforms;

/// <summary>Learns the distinct values of columns and numbers them.</summary>
public sealed class ValueToKeyMappingEstimator : IEstimator<ValueToKeyMappingTransformer>
{
    internal static class Defaults
    {
        public const int MaximumNumberOfKeys = 1000000;
        public const KeyOrdinality Ordinality = KeyOrdinality.ByOccurrence;
        public const bool AddKeyValueAnnotationsAsText = false;
    }

    public enum KeyOrdinality : byte
    {
        /// <summary>In the order in which the values occur first.</summary>
        ByOccurrence = 0,

        /// <summary>Sorted; text by the characters' numbers.</summary>
        ByValue = 1,
    }

    internal sealed class ColumnOptions
    {
        public ColumnOptions(
            string outputColumnName,
            string inputColumnName = null,
            int maximumNumberOfKeys = Defaults.MaximumNumberOfKeys,
            KeyOrdinality keyOrdinality = Defaults.Ordinality,
            bool addKeyValueAnnotationsAsText = Defaults.AddKeyValueAnnotationsAsText)
        {
            Contracts.CheckNonWhiteSpace(outputColumnName, nameof(outputColumnName));
            OutputColumnName = outputColumnName;
            InputColumnName = inputColumnName ?? outputColumnName;
            MaximumNumberOfKeys = maximumNumberOfKeys;
            Ordinality = keyOrdinality;
            AddKeyValueAnnotationsAsText = addKeyValueAnnotationsAsText;
        }

        public string OutputColumnName { get; }

        public string InputColumnName { get; }

        public int MaximumNumberOfKeys { get; }

        public KeyOrdinality Ordinality { get; }

        public bool AddKeyValueAnnotationsAsText { get; }
    }

    private readonly IHost _host;
    private readonly ColumnOptions[] _columns;
    private readonly IDataView _keyData;

    internal ValueToKeyMappingEstimator(IHostEnvironment env, ColumnOptions[] columns, IDataView keyData = null)
    {
        _host = env.Register(nameof(ValueToKeyMappingEstimator));
        Contracts.CheckParam(columns?.Length > 0, nameof(columns), "columns cannot be null or empty");
        Contracts.CheckParam(
            keyData == null || keyData.Schema.Count == 1,
            nameof(keyData),
            "If specified, this data view should contain only a single column "
                + $"containing the terms to map, but this had {keyData?.Schema.Count} columns.");
        _columns = columns;
        _keyData = keyData;
    }

    public ValueToKeyMappingTransformer Fit(IDataView input) => ValueToKeyMappingTransformer.Train(_host, input, _columns, _keyData);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        => ShapeEditor.Map(inputSchema, PairsOf(_columns), (i, _, source) => MakeColumn(_columns[i], source));

    internal static (string outputColumnName, string inputColumnName)[] PairsOf(ColumnOptions[] columns)
        => columns.Select(column => (column.OutputColumnName, column.InputColumnName)).ToArray();

    private static SchemaShape.Column MakeColumn(ColumnOptions options, SchemaShape.Column source)
    {
        if (!source.ItemType.IsStandardScalar())
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", options.InputColumnName);
        bool passesValuesOn = source.IsKey
            && source.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out SchemaShape.Column values)
            && values.Kind == SchemaShape.Column.VectorKind.Vector;
        SchemaShape.Column keyValues = passesValuesOn
            ? source.Annotations.First(annotation => annotation.Name == AnnotationUtils.Kinds.KeyValues)
            : new SchemaShape.Column(
                AnnotationUtils.Kinds.KeyValues,
                SchemaShape.Column.VectorKind.Vector,
                options.AddKeyValueAnnotationsAsText ? TextDataViewType.Instance : source.ItemType,
                // Text cannot be a key: within a chain, keys without values of their own cannot get values as text.
                source.IsKey);
        var annotations = new List<SchemaShape.Column>();
        if (source.Annotations.TryFindColumn(AnnotationUtils.Kinds.SlotNames, out SchemaShape.Column slotNames))
            annotations.Add(slotNames);
        annotations.Add(keyValues);
        return new SchemaShape.Column(
            options.OutputColumnName, source.Kind, NumberDataViewType.UInt32, true, new SchemaShape(annotations));
    }
}
