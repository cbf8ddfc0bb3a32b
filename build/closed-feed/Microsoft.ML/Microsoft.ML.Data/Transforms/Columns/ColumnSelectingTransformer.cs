using Microsoft.ML;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(
    typeof(ColumnSelectingTransformer), null, typeof(SignatureLoadModel),
    "Select Columns Transform", ColumnSelectingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Keeps the named columns, in the order of the names, or drops them.</summary>
public sealed class ColumnSelectingTransformer : ITransformer
{
    internal const string LoaderSignature = "SelectColumnsTransform";

    private readonly IHost _host;

    internal ColumnSelectingTransformer(
        IHostEnvironment env, string[] keepColumns, string[] dropColumns, bool keepHidden = false, bool ignoreMissing = false)
    {
        _host = env.Register(nameof(ColumnSelectingTransformer));
        bool keeps = keepColumns?.Length > 0;
        bool drops = dropColumns?.Length > 0;
        Contracts.Check(!(keeps && drops), "Both keepColumns and dropColumns are set. Exactly one can be specified.");
        Contracts.Check(keeps || drops, "Neither keepColumns and dropColumns is set. Exactly one must be specified.");
        SelectColumns = keeps ? keepColumns : dropColumns;
        KeepColumns = keeps;
        KeepHidden = keepHidden;
        IgnoreMissing = ignoreMissing;
    }

    internal IReadOnlyList<string> SelectColumns { get; }

    internal bool KeepColumns { get; }

    internal bool KeepHidden { get; }

    internal bool IgnoreMissing { get; }

    bool ITransformer.IsRowToRowMapper => true;

    private static VersionInfo Version => new(
        modelSignature: "SELCOLST",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(ColumnSelectingTransformer).Assembly.FullName);

    internal static IDataView Drop(IHostEnvironment env, IDataView input, params string[] columns)
        => new ColumnSelectingTransformer(env, null, columns).Transform(input);

    private static ColumnSelectingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version);
        bool keeps = ModelBytes.ReadBoolean(ctx.Reader);
        bool keepHidden = ModelBytes.ReadBoolean(ctx.Reader);
        bool ignoreMissing = ModelBytes.ReadBoolean(ctx.Reader);
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count > 0);
        string[] columns = Enumerable.Range(0, count).Select(_ => ctx.LoadNonEmptyString()).ToArray();
        return new ColumnSelectingTransformer(env, keeps ? columns : null, keeps ? null : columns, keepHidden, ignoreMissing);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);
        ModelBytes.Write(ctx.Writer, KeepColumns);
        ModelBytes.Write(ctx.Writer, KeepHidden);
        ModelBytes.Write(ctx.Writer, IgnoreMissing);
        ctx.Writer.Write(SelectColumns.Count);
        foreach (string column in SelectColumns)
            ctx.SaveNonEmptyString(column);
    }

    internal void CheckPresent(IEnumerable<string> inputColumns, string paramName)
    {
        string[] missing = IgnoreMissing ? [] : SelectColumns.Except(inputColumns).ToArray();
        if (missing.Length > 0)
            throw Contracts.ExceptSchemaMismatch(paramName, "input", string.Join(",", missing));
    }

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return Select(new EmptyDataView(_host, inputSchema), nameof(inputSchema)).Schema;
    }

    public IDataView Transform(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return Select(input, nameof(input));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return Select(new EmptyDataView(_host, inputSchema), nameof(inputSchema));
    }

    private ColumnSelectionView Select(IDataView input, string paramName)
    {
        CheckPresent(input.Schema.Select(column => column.Name), paramName);
        return new ColumnSelectionView(input, ChooseColumns(input.Schema).ToArray());
    }

    private IEnumerable<int> ChooseColumns(DataViewSchema schema)
    {
        // Dropping leaves hidden columns of other names where they are.
        if (!KeepColumns)
            return schema.Where(column => !SelectColumns.Contains(column.Name)).Select(column => column.Index);
        return SelectColumns.SelectMany(name => schema.Where(column => column.Name == name && (KeepHidden || !column.IsHidden)))
            .Select(column => column.Index);
    }
}
