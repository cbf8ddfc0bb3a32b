using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Loads lines of separated fields.</summary>
public sealed partial class TextLoader : IDataLoader<IMultiStreamSource>
{
    private readonly IHost _host;
    private readonly TextFormat _format;
    private readonly TextColumn[] _columns;
    private readonly DataViewSchema _schema;
    private readonly bool _hasHeader;
    private readonly long _maxRows;

    internal TextLoader(IHostEnvironment env, Options options = null, IMultiStreamSource dataSample = null)
    {
        _host = env.Register(nameof(TextLoader));
        options ??= new Options();
        _format = new TextFormat(options);
        _maxRows = options.MaxRows ?? long.MaxValue;
        Contracts.CheckParam(_maxRows >= 0, nameof(options.MaxRows));
        IMultiStreamSource headerFile = string.IsNullOrWhiteSpace(options.HeaderFile) ? null : new MultiFileSource(options.HeaderFile);
        _hasHeader = headerFile == null && options.HasHeader;
        dataSample ??= new MultiFileSource(null);
        Column[] columns = options.Columns?.Length > 0 ? options.Columns : DefaultColumns(headerFile ?? dataSample);
        _columns = TextColumnBinding.Bind(columns, _format, dataSample);
        _schema = MakeSchema(_columns, ReadHeaderOrNull(headerFile ?? (_hasHeader ? dataSample : null)));
    }

    public DataViewSchema GetOutputSchema() => _schema;

    public IDataView Load(IMultiStreamSource source) => new TextDataView(_host, source, _format, _columns, _schema, _hasHeader, _maxRows);

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw NotCovered.Error("Saving a data loader");

    private static Column[] DefaultColumns(IMultiStreamSource sample)
    {
        if (sample.Count > 0)
        {
            using TextReader reader = sample.OpenTextReader(0);
            string first = reader.ReadLine();
            if (first?.StartsWith("#@", StringComparison.Ordinal) == true)
                throw NotCovered.Error("Loading text by the settings at the top of the file");
        }
        return [new Column("Label", DataKind.Single, 0), new Column("Features", DataKind.Single, [new Range(1, null)])];
    }

    private TextFields ReadHeaderOrNull(IMultiStreamSource source)
    {
        TextLines.Line line = source == null ? default : TextLines.Read(source, _format, hasHeader: false).FirstOrDefault();
        if (string.IsNullOrEmpty(line.Text))
            return null;
        var fields = new TextFields(_format, _ => { });
        fields.Split(line.Text);
        return fields;
    }

    private static DataViewSchema MakeSchema(TextColumn[] columns, TextFields header)
    {
        var builder = new DataViewSchema.Builder();
        foreach (TextColumn column in columns)
        {
            ReadOnlyMemory<char>[] names = header == null ? null : TextColumnBinding.SlotNamesOrNull(column, header);
            DataViewSchema.Annotations.Builder annotations = new();
            if (names != null)
            {
                annotations.AddSlotNames(
                    names.Length, (ref VBuffer<ReadOnlyMemory<char>> value) => Vectors.FromDense(names).CopyTo(ref value));
            }
            builder.AddColumn(column.Name, column.Type, annotations.ToAnnotations());
        }
        return builder.ToSchema();
    }

    /// <summary>A loader whose columns are the members of a class, each with a <see cref="LoadColumnAttribute"/>.</summary>
    internal static TextLoader CreateTextLoader<TInput>(IHostEnvironment env, Options options = null, IMultiStreamSource dataSample = null)
    {
        options ??= new Options();
        const BindingFlags Flags = BindingFlags.Public | BindingFlags.Instance;
        IEnumerable<PropertyInfo> properties = typeof(TInput).GetProperties(Flags)
            .Where(property => property.GetGetMethod() != null && property.GetIndexParameters().Length == 0);
        MemberInfo[] members = typeof(TInput).GetFields(Flags).Cast<MemberInfo>().Concat(properties).ToArray();
        Contracts.CheckParam(
            members.Length > 0, nameof(TInput), "Should define at least one public, readable field or property in TInput.");
        options.Columns = members.Select(ToColumn).ToArray();
        return new TextLoader(env, options, dataSample);
    }

    private static Column ToColumn(MemberInfo member)
    {
        string kind = member is FieldInfo ? "Field" : "Property";
        var load = member.GetCustomAttribute<LoadColumnAttribute>();
        Contracts.Check(load != null, $"{kind} '{member.Name}' is missing the {nameof(LoadColumnAttribute)} attribute");
        Type type = member is FieldInfo f ? f.FieldType : ((PropertyInfo)member).PropertyType;
        Type item = type.IsArray ? type.GetElementType() : type;
        bool known = item.TryGetDataKind(out InternalDataKind dataKind) && dataKind != InternalDataKind.UG;
        Contracts.Check(known, $"{kind} {member.Name} is of unsupported type.");
        string name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
        return new Column(name, (DataKind)dataKind, load.Sources.ToArray(), member.GetCustomAttribute<KeyTypeAttribute>()?.KeyCount);
    }
}
