namespace Microsoft.ML.Data;

/// <summary>A transformer whose every output column is computed from one input column.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    internal readonly (string outputColumnName, string inputColumnName)[] ColumnPairs;

    private protected OneToOneTransformerBase(IHost host, params (string outputColumnName, string inputColumnName)[] columns)
        : base(host)
    {
        Guard.Value(columns, nameof(columns));
        var names = new HashSet<string>();
        foreach ((string output, string input) in columns)
        {
            Guard.NonEmpty(input, nameof(columns));
            Guard.NonEmpty(output, nameof(columns));
            Guard.Param(names.Add(output), nameof(columns), $"Name of the result column '{output}' specified multiple times");
        }
        ColumnPairs = columns;
    }

    private protected OneToOneTransformerBase(IHost host, ModelLoadContext ctx)
        : base(host)
    {
        int count = ctx.Reader.ReadInt32();
        Guard.Decode(count >= 0);
        ColumnPairs = new (string, string)[count];
        for (int i = 0; i < count; i++)
        {
            string output = ctx.LoadNonEmptyString();
            ColumnPairs[i] = (output, ctx.LoadNonEmptyString());
        }
    }

    private protected void SaveColumns(ModelSaveContext ctx)
    {
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
                ?? throw Guard.MissingColumn(nameof(inputSchema), "input", pair.inputColumnName)).ToArray();
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
