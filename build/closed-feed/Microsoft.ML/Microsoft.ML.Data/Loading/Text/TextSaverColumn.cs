
namespace Microsoft.ML.Data;

/// <summary>One column's fields of a line.</summary>
internal abstract class TextSaverColumn
{
    /// <summary>Whether the column has something to say in a header: a scalar its name, a vector the names of its slots.</summary>
    public bool HasNames { get; private init; }

    public abstract void AddNames(TextSaverLine line);

    public abstract void AddValues(TextSaverLine line);

    public static TextSaverColumn Create(DataViewRow row, DataViewSchema.Column column, char separator)
    {
        string method = column.Type is VectorDataViewType ? nameof(CreateVector) : nameof(CreateScalar);
        return (TextSaverColumn)Generic.Call(
            typeof(TextSaverColumn), method, null, column.Type.GetItemType().RawType, row, column, separator);
    }

    private static TextSaverColumn CreateScalar<T>(DataViewRow row, DataViewSchema.Column column, char separator)
        => new Scalar<T>(row.GetGetter<T>(column), WriterFor<T>(column, separator), Quote(column.Name, separator)) { HasNames = true };

    private static TextSaverColumn CreateVector<T>(DataViewRow row, DataViewSchema.Column column, char separator)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        if (column.HasSlotNames())
            column.GetSlotNames(ref names);
        (int, string)[] quoted = names.Items().Where(name => !name.Value.IsEmpty)
            .Select(name => (name.Key, Quote(name.Value.ToString(), separator))).ToArray();
        return new Vector<T>(row.GetGetter<VBuffer<T>>(column), WriterFor<T>(column, separator), column.Type.GetVectorSize(), quoted)
        {
            HasNames = column.HasSlotNames(),
        };
    }

    private static Func<T, string> WriterFor<T>(DataViewSchema.Column column, char separator)
    {
        DataViewType item = column.Type.GetItemType();
        Func<T, string> write = ValueText.WriterFor<T>(item);
        if (item is TextDataViewType)
            return value => Quote(write(value), separator);
        bool timely = item is TimeSpanDataViewType or DateTimeDataViewType or DateTimeOffsetDataViewType;
        return timely ? value => $"\"{write(value)}\"" : write;
    }

    private static string Quote(string text, char separator)
    {
        bool needed = text.Length == 0 || text[0] == ' ' || text.AsSpan().IndexOfAny(['"', separator, ':', '\n']) >= 0;
        return needed ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
    }

    private sealed class Scalar<T>(ValueGetter<T> getter, Func<T, string> write, string name) : TextSaverColumn
    {
        private readonly string _default = write(default);
        private T _value;

        public override void AddNames(TextSaverLine line)
        {
            line.Add(0, name);
            line.EndColumn(1, "");
        }

        public override void AddValues(TextSaverLine line)
        {
            getter(ref _value);
            string text = write(_value);
            if (text != _default)
                line.Add(0, text);
            line.EndColumn(1, _default);
        }
    }

    private sealed class Vector<T>(
        ValueGetter<VBuffer<T>> getter, Func<T, string> write, int size, (int Slot, string Name)[] names) : TextSaverColumn
    {
        private readonly string _default = write(default);
        private VBuffer<T> _values;

        public override void AddNames(TextSaverLine line)
        {
            foreach ((int slot, string name) in names)
                line.Add(slot, name);
            line.EndColumn(size, "");
        }

        public override void AddValues(TextSaverLine line)
        {
            getter(ref _values);
            foreach (KeyValuePair<int, T> item in _values.Items())
            {
                string text = write(item.Value);
                if (text != _default)
                    line.Add(item.Key, text);
            }
            line.EndColumn(_values.Length, _default);
        }
    }
}
