using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>A view of the records of sequence files, read anew by every cursor. Thread-safe.</summary>
internal sealed class SequenceFileView : IDataView
{
    private readonly IHost _host;
    private readonly string[] _files;
    private readonly SequenceFileOptions _options;
    private readonly RecordLabels? _labels;

    public SequenceFileView(IHostEnvironment env, IEnumerable<string> paths, SequenceFileOptions options)
    {
        options.Check();
        _options = options.Copy();
        _host = env.Register(_options is FastqOptions ? "LoadFromFastq" : "LoadFromFasta");
        _files = FilePaths.Resolve(paths, SequenceFileFormat.Extensions(_options), nameof(paths));
        _labels = _options.Label?.Open();

        var schema = new DataViewSchema.Builder();
        schema.AddColumn(_options.IdColumnName, TextDataViewType.Instance);
        schema.AddColumn(_options.DescriptionColumnName, TextDataViewType.Instance);
        schema.AddColumn(_options.SequenceColumnName, TextDataViewType.Instance);
        if (_options is FastqOptions fastq)
            schema.AddColumn(fastq.QualityColumnName, new VectorDataViewType(NumberDataViewType.Single));
        if (_labels != null)
            schema.AddColumn(_options.LabelColumnName, TextDataViewType.Instance);
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        var active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            if (column.Index >= active.Length)
            {
                throw new ArgumentException(
                    $"Column '{column.Name}' with index {column.Index} does not belong to this view of {active.Length} columns.",
                    nameof(columnsNeeded));
            }

            active[column.Index] = true;
        }

        return new SequenceFileCursor(_host, Schema, _files, _options, _labels, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
