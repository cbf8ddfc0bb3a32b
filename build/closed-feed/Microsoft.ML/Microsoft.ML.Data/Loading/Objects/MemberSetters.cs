namespace Microsoft.ML.Data;

/// <summary>Writes columns of a row into members of an object.</summary>
internal static class MemberSetters
{
    public static Action<TRow> Create<TRow>(DataViewRow row, DataViewSchema.Column column, RowMember member)
    {
        Type type = member.Type;
        if (type == typeof(string))
            return Text<TRow>(row, column, member);
        if (type == typeof(string[]))
            return Texts<TRow>(row, column, member);
        string method = type.IsArray ? nameof(Array) : column.Type is VectorDataViewType ? nameof(Vector) : nameof(Scalar);
        return (Action<TRow>)Generic.Call(
            typeof(MemberSetters), method, null, [typeof(TRow), RowMember.ItemOf(type).Item], row, column, member);
    }

    private static Action<TRow> Text<TRow>(DataViewRow row, DataViewSchema.Column column, RowMember member)
    {
        ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        Action<TRow, string> write = member.MakeWriter<TRow, string>();
        ReadOnlyMemory<char> value = default;
        return target =>
        {
            getter(ref value);
            write(target, value.ToString());
        };
    }

    private static Action<TRow> Texts<TRow>(DataViewRow row, DataViewSchema.Column column, RowMember member)
    {
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        Func<TRow, string[]> read = member.CanRead ? member.MakeReader<TRow, string[]>() : _ => null;
        Action<TRow, string[]> write = member.MakeWriter<TRow, string[]>();
        VBuffer<ReadOnlyMemory<char>> buffer = default;
        return target =>
        {
            getter(ref buffer);
            string[] texts = OfLength(read(target), buffer.Length);
            foreach ((int slot, ReadOnlyMemory<char> text) in buffer.Items(all: true))
                texts[slot] = text.ToString();
            write(target, texts);
        };
    }

    // An array of the right length that the object already holds is filled again; an empty vector leaves null as it is.
    private static T[] OfLength<T>(T[] held, int length) => (held?.Length ?? 0) == length ? held : new T[length];

    private static Action<TRow> Array<TRow, T>(DataViewRow row, DataViewSchema.Column column, RowMember member)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        Func<TRow, T[]> read = member.CanRead ? member.MakeReader<TRow, T[]>() : _ => null;
        Action<TRow, T[]> write = member.MakeWriter<TRow, T[]>();
        VBuffer<T> buffer = default;
        return target =>
        {
            getter(ref buffer);
            T[] values = OfLength(read(target), buffer.Length);
            buffer.CopyTo(values);
            write(target, values);
        };
    }

    private static Action<TRow> Vector<TRow, T>(DataViewRow row, DataViewSchema.Column column, RowMember member)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        Func<TRow, VBuffer<T>> read = member.CanRead ? member.MakeReader<TRow, VBuffer<T>>() : _ => default;
        Action<TRow, VBuffer<T>> write = member.MakeWriter<TRow, VBuffer<T>>();
        return target =>
        {
            VBuffer<T> buffer = read(target);
            getter(ref buffer);
            write(target, buffer);
        };
    }

    private static Action<TRow> Scalar<TRow, T>(DataViewRow row, DataViewSchema.Column column, RowMember member)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        Action<TRow, T> write = member.MakeWriter<TRow, T>();
        T value = default;
        return target =>
        {
            getter(ref value);
            write(target, value);
        };
    }
}
