using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Walks through the records of files, one in memory at a time. Texts are made when they are asked for.</summary>
internal sealed class SequenceFileCursor(
    IHost host, DataViewSchema schema, string[] files, SequenceFileOptions options, RecordLabels? labels, bool[] active) : DataViewRowCursor
{
    private const int IdIndex = 0;
    private const int DescriptionIndex = 1;
    private const int SequenceIndex = 2;
    private const int RowsBetweenChecks = 256;

    private readonly int _qualityIndex = options is FastqOptions ? SequenceIndex + 1 : -1;
    private RecordParser? _parser;
    private int _file = -1;
    private long _position = -1;
    private bool _ended;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) =>
    {
        Current();
        value = new DataViewRowId((ulong)_position, 0);
    };

    public override bool MoveNext()
    {
        if (_ended)
            return false;
        if ((_position + 1) % RowsBetweenChecks == 0)
            host.CheckAlive();
        // An error while reading leaves the cursor at its end.
        _ended = true;
        if (!ReadRecord())
        {
            _position = -1;
            return false;
        }

        _ended = false;
        _position++;
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!active[column.Index])
            throw ScoredColumns.NotActive(column);
        Delegate getter = column.Index == _qualityIndex ? (ValueGetter<VBuffer<float>>)GetQuality : Text(column.Index switch
        {
            IdIndex => parser => SequenceHeader.Split(parser.HeaderText()).Id,
            DescriptionIndex => parser => SequenceHeader.Split(parser.HeaderText()).Description,
            SequenceIndex => parser => parser.Sequence.ToText(options.UpperCase),
            _ => parser => labels!.Find(parser, files[_file]),
        });
        return ScoredColumns.Typed<TValue>(getter, column);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _ended = true;
        _parser?.Dispose();
        _parser = null;
    }

    private bool ReadRecord()
    {
        while (true)
        {
            if (_parser == null)
            {
                if (++_file == files.Length)
                    return false;
                bool keepQuality = _qualityIndex >= 0 && active[_qualityIndex];
                _parser = SequenceFileFormat.Open(files[_file], options, active[SequenceIndex], keepQuality);
            }

            if (!_parser.MoveNext())
            {
                _parser.Dispose();
                _parser = null;
            }
            else if (_parser.Sequence.Length > 0 || options.EmptyRecords == EmptyRecords.Keep)
            {
                return true;
            }
            else if (options.EmptyRecords == EmptyRecords.Error)
            {
                throw _parser.Problem($"the record '{_parser.HeaderText()}' has an empty sequence; "
                    + "EmptyRecords says whether such records are kept or left out.");
            }
        }
    }

    // A text that is asked for twice is made once.
    private ValueGetter<ReadOnlyMemory<char>> Text(Func<RecordParser, string> make)
    {
        long made = -1;
        string text = "";
        return (ref ReadOnlyMemory<char> value) =>
        {
            RecordParser parser = Current();
            if (made != _position)
                text = make(parser);
            made = _position;
            value = text.AsMemory();
        };
    }

    private void GetQuality(ref VBuffer<float> value)
    {
        var parser = (FastqParser)Current();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, parser.Quality.Length);
        parser.Quality.CopyTo(editor.Values, ((FastqOptions)options).QualityOffset);
        value = editor.Commit();
    }

    private RecordParser Current() =>
        _position >= 0 && !_ended ? _parser! : throw new InvalidOperationException("The cursor is not at a row.");
}
