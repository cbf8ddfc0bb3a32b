namespace Microsoft.ML.Data;

/// <summary>Lines as rows; every cursor reads the files anew.</summary>
internal sealed class TextDataView(
    IHost host, IMultiStreamSource source, TextFormat format, TextColumn[] columns, DataViewSchema schema, bool hasHeader, long maxRows)
    : IDataView
{
    public DataViewSchema Schema => schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = Getters.ActiveColumns(schema, columnsNeeded);
        return new Cursor(
            schema, host.Start("ParseStats"), format, Lines(), columns.Select((column, i) => active[i] ? column : null).ToArray());
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private IEnumerator<TextLines.Line> Lines()
    {
        long left = maxRows;
        if (left == 0)
            yield break;
        foreach (TextLines.Line line in TextLines.Read(source, format, hasHeader))
        {
            yield return line;
            if (--left == 0)
                yield break;
        }
    }

    private sealed class Cursor : RootCursor
    {
        private const int MessagesShown = 10;

        private readonly IChannel _channel;
        private readonly IEnumerator<TextLines.Line> _lines;
        private readonly TextFields _fields;
        private readonly TextColumnReader[] _readers;
        private long _badValues;
        private long _badLines;
        private long _rows;

        public Cursor(DataViewSchema schema, IChannel channel, TextFormat format, IEnumerator<TextLines.Line> lines, TextColumn[] columns)
        {
            Schema = schema;
            _channel = channel;
            _lines = lines;
            _fields = new TextFields(format, ReportFormatError);
            _readers = columns.Select(column => column == null ? null : TextColumnReader.Create(column, format, ReportBadValue)).ToArray();
        }

        public override DataViewSchema Schema { get; }

        protected override bool MoveNextCore()
        {
            try
            {
                return ReadRow();
            }
            catch (Exception exception)
            {
                throw new FormatException($"Parsing failed with an exception: {exception.Message}", exception);
            }
        }

        private bool ReadRow()
        {
            if (!_lines.MoveNext())
                return false;
            _rows++;
            TextLines.Line line = _lines.Current;
            _fields.Split(line.Text);
            foreach (TextColumnReader reader in _readers)
                reader?.Read(_fields, line);
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _readers[column.Index] != null;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Getters.CheckActive(_readers[column.Index] != null, column);
            ValueGetter<TValue> getter = Getters.Cast<TValue>(_readers[column.Index].Getter);
            return (ref TValue value) =>
            {
                CheckOnARow();
                getter(ref value);
            };
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => PositionAsId();

        private void ReportBadValue(TextLines.Line line, string column)
        {
            if (++_badValues <= MessagesShown)
                _channel.Info(MessageSensitivity.Schema, "  Bad value at line {0} in column {1}", line.Number, column);
            if (_badValues == MessagesShown)
                _channel.Info(MessageSensitivity.None, "  Suppressing further bad value messages");
        }

        private void ReportFormatError(string message)
        {
            TextLines.Line line = _lines.Current;
            if (++_badLines <= MessagesShown)
                _channel.Warning(MessageSensitivity.Unknown, "Format error at {0}({1}): {2}", line.Path, line.Number, message);
            if (_badLines == MessagesShown)
                _channel.Warning(MessageSensitivity.None, "Suppressing further format error messages");
        }

        protected override void Close()
        {
            if (_badValues > 0 || _badLines > 0)
                _channel.Info(
                    MessageSensitivity.None, "Processed {0} rows with {1} bad values and {2} format errors", _rows, _badValues, _badLines);
            _channel.Dispose();
            _lines.Dispose();
        }
    }
}
