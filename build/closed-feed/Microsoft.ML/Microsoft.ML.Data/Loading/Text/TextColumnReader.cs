namespace Microsoft.ML.Data;

/// <summary>One column's value in the current line.</summary>
internal abstract class TextColumnReader
{
    public abstract Delegate Getter { get; }

    public abstract void Read(TextFields fields, TextLines.Line line);

    /// <param name="column">The column.</param>
    /// <param name="format">Decimal marker and what an empty real is.</param>
    /// <param name="reportBadValue">Counts a value that could not be read where the type has a missing value to put in its place.</param>
    public static TextColumnReader Create(TextColumn column, TextFormat format, Action<TextLines.Line, string> reportBadValue)
    {
        var itemType = (PrimitiveDataViewType)column.Type.GetItemType();
        Delegate parser = ValueParsing.For(itemType, format.DecimalMarker, format.MissingRealsAsNaNs);
        string method = column.Type is VectorDataViewType ? nameof(CreateVector) : nameof(CreateScalar);
        return (TextColumnReader)Generic.Call(
            typeof(TextColumnReader), method, null, itemType.RawType, column, format, parser, reportBadValue);
    }

    private static TextColumnReader CreateScalar<T>(
        TextColumn column, TextFormat format, Delegate parser, Action<TextLines.Line, string> reportBadValue)
        => new Scalar<T>(column, format, (ValueParsing.Parser<T>)parser, reportBadValue);

    private static TextColumnReader CreateVector<T>(
        TextColumn column, TextFormat format, Delegate parser, Action<TextLines.Line, string> reportBadValue)
        => new Vector<T>(column, format, (ValueParsing.Parser<T>)parser, reportBadValue);

    private abstract class Typed<T>(
        TextColumn column, TextFormat format, ValueParsing.Parser<T> parser, Action<TextLines.Line, string> reportBadValue)
        : TextColumnReader
    {
        private readonly bool _hasMissing = Missing.CanBeMissing(column.Type.GetItemType());

        protected TextColumn Column => column;

        /// <summary>What a field that is not there holds.</summary>
        protected T Absent { get; } = format.MissingRealsAsNaNs && column.Type.GetItemType() is NumberDataViewType
            ? Missing.ValueOrDefault<T>(column.Type.GetItemType()) : default;

        protected T Parse(ReadOnlyMemory<char> text, TextLines.Line line, int slot)
        {
            if (parser(text, out T value))
                return value;
            if (!_hasMissing)
            {
                string where = slot < 0
                    ? $"in line {line.Number}, column {column.Name}"
                    : $"in slot {slot} of column {column.Name} in line {line.Number}";
                throw new InvalidOperationException($"Could not parse value {text} {where}");
            }
            reportBadValue(line, column.Name);
            return value;
        }
    }

    private sealed class Scalar<T>(
        TextColumn column, TextFormat format, ValueParsing.Parser<T> parser, Action<TextLines.Line, string> reportBadValue)
        : Typed<T>(column, format, parser, reportBadValue)
    {
        private T _value;

        public override Delegate Getter => (ValueGetter<T>)((ref T value) => value = _value);

        public override void Read(TextFields fields, TextLines.Line line)
        {
            int wanted = Column.Segments[0].Min;
            int at = fields.FirstAtOrAfter(wanted);
            bool found = at < fields.Explicit.Count && fields.Explicit[at].Index == wanted;
            _value = found ? Parse(fields.Explicit[at].Text, line, -1) : Absent;
        }
    }

    private sealed class Vector<T>(
        TextColumn column, TextFormat format, ValueParsing.Parser<T> parser, Action<TextLines.Line, string> reportBadValue)
        : Typed<T>(column, format, parser, reportBadValue)
    {
        private readonly List<(int Slot, T Value)> _slots = [];
        private readonly bool _fillsAbsent = format.MissingRealsAsNaNs && Missing.CanBeMissing(column.Type.GetItemType())
            && column.Type.GetItemType() is NumberDataViewType;

        private int _size;

        public override Delegate Getter
            => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => value = Vectors.FromSlots(_size, _slots, value));

        public override void Read(TextFields fields, TextLines.Line line)
        {
            _slots.Clear();
            _size = 0;
            foreach (TextSegment segment in Column.Segments)
            {
                int lim = segment.IsVariable ? Math.Max(fields.Count, segment.Min) : segment.Lim;
                int next = segment.Min;
                for (int at = fields.FirstAtOrAfter(segment.Min); at < fields.Explicit.Count && fields.Explicit[at].Index < lim; at++)
                {
                    (int index, ReadOnlyMemory<char> text) = fields.Explicit[at];
                    FillAbsent(segment, ref next, index);
                    int slot = _size + index - segment.Min;
                    _slots.Add((slot, Parse(text, line, slot)));
                    next = index + 1;
                }
                FillAbsent(segment, ref next, lim);
                _size += lim - segment.Min;
            }
        }

        private void FillAbsent(TextSegment segment, ref int next, int lim)
        {
            for (; _fillsAbsent && next < lim; next++)
                _slots.Add((_size + next - segment.Min, Absent));
        }
    }
}
