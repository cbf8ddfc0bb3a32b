namespace Microsoft.ML.Data;

/// <summary>A transformer whose every output column is computed from one input column.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    internal readonly (string outputColumnName, string inputColumnName)[] ColumnPairs;

    private protected OneToOneTransformerBase(IHost host, params (string outputColumnName, string inputColumnName)[] columns)
        : base(host)
    {
        Contracts.CheckValue(columns, nameof(columns));
        var names = new HashSet<string>();
        foreach ((string output, string input) in columns)
        {
            Contracts.CheckNonEmpty(input, nameof(columns));
            Contracts.CheckNonEmpty(output, nameof(columns));
            Contracts.CheckParam(names.Add(output), nameof(columns), $"Name of the result column '{output}' specified multiple times");
        }
        ColumnPairs = columns;
    }

    private protected OneToOneTransformerBase(IHost host, ModelLoadContext ctx, VersionInfo version)
        : base(host)
    {
        ctx.CheckAtModel(version);
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count >= 0);
        ColumnPairs = new (string, string)[count];
        for (int i = 0; i < count; i++)
        {
            string output = ctx.LoadNonEmptyString();
            ColumnPairs[i] = (output, ctx.LoadNonEmptyString());
        }
    }

    private protected void SaveColumns(ModelSaveContext ctx, VersionInfo version)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(version);
        ctx.Writer.Write(ColumnPairs.Length);
        foreach ((string output, string input) in ColumnPairs)
        {
            ctx.SaveNonEmptyString(output);
            ctx.SaveNonEmptyString(input);
        }
    }

    private protected abstract class OneToOneMapper : MapperBase
    {
        protected OneToOneMapper(OneToOneTransformerBase parent, DataViewSchema inputSchema)
            : base(inputSchema)
        {
            Pairs = parent.ColumnPairs;
            Sources = Pairs.Select(pair => inputSchema.GetColumnOrNull(pair.inputColumnName)
                ?? throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", pair.inputColumnName)).ToArray();
        }

        protected (string outputColumnName, string inputColumnName)[] Pairs { get; }

        /// <summary>The input column of each output.</summary>
        protected DataViewSchema.Column[] Sources { get; }

        protected sealed override IEnumerable<int> SourcesOf(int output) => [Sources[output].Index];

        protected sealed override DataViewSchema.DetachedColumn[] MakeOutputColumns()
            => Pairs.Select((_, output) => MakeOutputColumn(output)).ToArray();

        protected abstract DataViewSchema.DetachedColumn MakeOutputColumn(int output);
    }
}
