namespace Microsoft.ML.Data;

/// <summary>A transformer that adds columns computed row by row.</summary>
public abstract class RowToRowTransformerBase : ITransformer
{
    private protected readonly IHost Host;

    private protected RowToRowTransformerBase(IHost host) => Host = host;

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return new ColumnBindings(inputSchema, MakeRowMapper(inputSchema).GetOutputColumns()).Schema;
    }

    public IDataView Transform(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new RowToRowMapperTransform(input, MakeRowMapper(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return new RowToRowMapperTransform(new EmptyDataView(Host, inputSchema), MakeRowMapper(inputSchema));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => SaveModel(ctx);

    private protected abstract void SaveModel(ModelSaveContext ctx);

    private protected abstract IRowMapper MakeRowMapper(DataViewSchema schema);

    private protected abstract class MapperBase : IRowMapper
    {
        private DataViewSchema.DetachedColumn[] _outputs;

        protected MapperBase(DataViewSchema inputSchema) => InputSchema = inputSchema;

        protected DataViewSchema InputSchema { get; }

        public DataViewSchema.DetachedColumn[] GetOutputColumns() => _outputs ??= MakeOutputColumns();

        protected abstract DataViewSchema.DetachedColumn[] MakeOutputColumns();

        /// <summary>Input columns that an output is computed from.</summary>
        protected abstract IEnumerable<int> SourcesOf(int output);

        protected abstract Delegate MakeGetter(DataViewRow input, int output);

        public Func<int, bool> GetDependencies(Func<int, bool> activeOutput)
        {
            HashSet<int> needed = Enumerable.Range(0, GetOutputColumns().Length).Where(activeOutput).SelectMany(SourcesOf).ToHashSet();
            return needed.Contains;
        }

        public Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null;
            return Enumerable.Range(0, GetOutputColumns().Length)
                .Select(output => activeOutput(output) ? MakeGetter(input, output) : null).ToArray();
        }
    }
}
