using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>A view of the records of sequence files. Thread-safe.</summary>
internal sealed class SequenceFileView : FileRowsView
{
    private readonly IHost _host;
    private readonly string[] _files;
    private readonly SequenceFileOptions _options;
    private readonly RecordLabels? _labels;

    /// <param name="env">The environment.</param>
    /// <param name="files">Full paths.</param>
    /// <param name="options">Checked options that nobody else changes.</param>
    private SequenceFileView(IHostEnvironment env, string[] files, SequenceFileOptions options)
        : base(SchemaOf(options))
    {
        _host = env.Register(options is FastqOptions ? "LoadFromFastq" : "LoadFromFasta");
        _files = files;
        _options = options;
        _labels = options.Label?.Open();
    }

    public static SequenceFileView Create(IHostEnvironment env, IEnumerable<string> paths, SequenceFileOptions options)
    {
        options.Check();
        string[] files = FilePaths.Resolve(paths, SequenceFileFormat.Extensions(options), nameof(paths));
        return new SequenceFileView(env, files, options.Copy());
    }

    protected override FileRowsCursor Open(bool[] active) => new SequenceFileCursor(_host, Schema, _files, _options, _labels, active);

    private static DataViewSchema SchemaOf(SequenceFileOptions options)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(options.IdColumnName, TextDataViewType.Instance);
        schema.AddColumn(options.DescriptionColumnName, TextDataViewType.Instance);
        schema.AddColumn(options.SequenceColumnName, TextDataViewType.Instance);
        if (options is FastqOptions fastq)
            schema.AddColumn(fastq.QualityColumnName, new VectorDataViewType(NumberDataViewType.Single));
        if (options.Label != null)
            schema.AddColumn(options.LabelColumnName, TextDataViewType.Instance);
        return schema.ToSchema();
    }
}
