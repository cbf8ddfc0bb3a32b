using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Walks through the records of files, one in memory at a time. Texts are made when they are asked for.</summary>
internal sealed class SequenceFileCursor(
    IHost host, DataViewSchema schema, string[] files, SequenceFileOptions options, RecordLabels? labels, bool[] active)
    : FileRowsCursor(schema, active)
{
    private const int IdIndex = 0;
    private const int DescriptionIndex = 1;
    private const int SequenceIndex = 2;
    private const int RowsBetweenChecks = 256;

    private readonly int _qualityIndex = options is FastqOptions ? SequenceIndex + 1 : -1;
    private readonly bool _keepSequence = active[SequenceIndex];
    private readonly bool _keepQuality = options is FastqOptions && active[SequenceIndex + 1];
    private RecordParser? _parser;
    private int _file = -1;

    protected override bool ReadRow()
    {
        if ((Position + 1) % RowsBetweenChecks == 0)
            host.CheckAlive();
        while (true)
        {
            if (_parser == null)
            {
                if (++_file == files.Length)
                    return false;
                _parser = SequenceFileFormat.Open(files[_file], options, _keepSequence, _keepQuality);
            }

            if (!_parser.MoveNext())
            {
                Close();
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

    protected override void Close()
    {
        _parser?.Dispose();
        _parser = null;
    }

    protected override Delegate Getter(DataViewSchema.Column column) => column.Index == _qualityIndex
        ? (ValueGetter<VBuffer<float>>)GetQuality
        : Text(column.Index switch
        {
            IdIndex => parser => SequenceHeader.Split(parser.HeaderText()).Id,
            DescriptionIndex => parser => SequenceHeader.Split(parser.HeaderText()).Description,
            SequenceIndex => parser => parser.Sequence.ToText(options.UpperCase),
            _ => parser => labels!.Find(parser, files[_file]),
        });

    // A text that is asked for twice is made once.
    private ValueGetter<ReadOnlyMemory<char>> Text(Func<RecordParser, string> make)
    {
        long made = -1;
        string text = "";
        return (ref ReadOnlyMemory<char> value) =>
        {
            CheckAtRow();
            if (made != Position)
                text = make(_parser!);
            made = Position;
            value = text.AsMemory();
        };
    }

    private void GetQuality(ref VBuffer<float> value)
    {
        CheckAtRow();
        RecordText quality = ((FastqParser)_parser!).Quality;
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, quality.Length);
        quality.CopyTo(editor.Values, ((FastqOptions)options).QualityOffset);
        value = editor.Commit();
    }
}
