using Microsoft.ML;

[assembly: LoadableClass(
    typeof(ColumnConcatenatingTransformer), null, typeof(SignatureLoadModel),
    "Concat Transform", ColumnConcatenatingTransformer.LoaderSignature)]

namespace Microsoft.ML.Data;

/// <summary>Joins columns of one item type into one vector.</summary>
public sealed class ColumnConcatenatingTransformer : RowToRowTransformerBase
{
    internal const string LoaderSignature = "ConcatTransform";
    private const string OlderLoaderSignature = "ConcatFunction";

    /// <summary>An output column and its sources; an alias stands for the source's name in slot names.</summary>
    internal sealed record Joined(string Name, (string Name, string Alias)[] Sources);

    private readonly Joined[] _columns;

    internal ColumnConcatenatingTransformer(IHostEnvironment env, string outputColumnName, params string[] inputColumnNames)
        : base(env.Register(nameof(ColumnConcatenatingTransformer)))
    {
        Contracts.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        Contracts.CheckParam(inputColumnNames.Length > 0, nameof(inputColumnNames), "Can not be empty");
        _columns = [new Joined(outputColumnName, inputColumnNames.Select(name => (name, (string)null)).ToArray())];
    }

    private ColumnConcatenatingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(ColumnConcatenatingTransformer)))
    {
        ctx.CheckAtModel(Version);
        if (ctx.Header.ModelVerWritten < 0x00010003)
            throw NotCovered.Error($"Loading a concatenation of model version 0x{ctx.Header.ModelVerWritten:X8}");
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count > 0);
        _columns = new Joined[count];
        for (int i = 0; i < count; i++)
        {
            string name = ctx.LoadNonEmptyString();
            int sources = ctx.Reader.ReadInt32();
            Contracts.CheckDecode(sources > 0);
            _columns[i] = new Joined(
                name, Enumerable.Range(0, sources).Select(_ => (ctx.LoadNonEmptyString(), ctx.LoadStringOrNull())).ToArray());
        }
    }

    private static VersionInfo Version => new(
        modelSignature: "CONCAT F",
        verWrittenCur: 0x00010003,
        verReadableCur: 0x00010003,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderSignatureAlt: OlderLoaderSignature,
        loaderAssemblyName: typeof(ColumnConcatenatingTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);
        ctx.Writer.Write(_columns.Length);
        foreach (Joined column in _columns)
        {
            ctx.SaveNonEmptyString(column.Name);
            ctx.Writer.Write(column.Sources.Length);
            foreach ((string name, string alias) in column.Sources)
            {
                ctx.SaveNonEmptyString(name);
                ctx.SaveStringOrNull(alias);
            }
        }
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : MapperBase
    {
        private readonly ConcatenatedColumn[] _columns;

        public Mapper(ColumnConcatenatingTransformer parent, DataViewSchema inputSchema)
            : base(inputSchema)
            => _columns = parent._columns.Select(column => new ConcatenatedColumn(inputSchema, column)).ToArray();

        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns()
            => _columns.Select(column => column.ToSchemaColumn()).ToArray();

        protected override IEnumerable<int> SourcesOf(int output) => _columns[output].SourceIndices;

        protected override Delegate MakeGetter(DataViewRow input, int output) => _columns[output].MakeGetter(input);
    }
}
