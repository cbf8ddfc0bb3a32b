using System.Globalization;

namespace Microsoft.ML.Data;

/// <summary>Column getters that read a member of the current row object.</summary>
internal static class MemberGetters
{
    /// <param name="column">The member and its column type.</param>
    /// <param name="current">Gives the current row object, or throws where there is none.</param>
    public static Delegate Create<TRow>(RowLayout.Entry column, Func<TRow> current)
    {
        Type type = column.Member.Type;
        if (type == typeof(string))
            return Text(column.Member.MakeReader<TRow, string>(), current);
        if (type == typeof(string[]))
            return Texts(column.Member.MakeReader<TRow, string[]>(), current);
        string method = type.IsArray ? nameof(Array)
            : column.Type is VectorDataViewType ? nameof(Vector)
            : column.Type is KeyDataViewType ? nameof(Key)
            : nameof(Scalar);
        Type item = RowMember.ItemOf(type).Item;
        return (Delegate)Generic.Call(typeof(MemberGetters), method, null, [typeof(TRow), item], column, current);
    }

    private static ValueGetter<ReadOnlyMemory<char>> Text<TRow>(Func<TRow, string> read, Func<TRow> current)
        => (ref ReadOnlyMemory<char> value) => value = read(current()).AsMemory();

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> Texts<TRow>(Func<TRow, string[]> read, Func<TRow> current)
        => (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            string[] texts = read(current()) ?? [];
            VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, texts.Length);
            for (int i = 0; i < texts.Length; i++)
                editor.Values[i] = texts[i].AsMemory();
            value = editor.Commit();
        };

    private static Delegate Array<TRow, T>(RowLayout.Entry column, Func<TRow> current)
    {
        Func<TRow, T[]> read = column.Member.MakeReader<TRow, T[]>();
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            T[] source = read(current()) ?? [];
            VBufferEditor<T> editor = VBufferEditor.Create(ref value, source.Length);
            source.CopyTo(editor.Values);
            value = editor.Commit();
        });
    }

    private static Delegate Vector<TRow, T>(RowLayout.Entry column, Func<TRow> current)
    {
        Func<TRow, VBuffer<T>> read = column.Member.MakeReader<TRow, VBuffer<T>>();
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => read(current()).CopyTo(ref value));
    }

    private static Delegate Scalar<TRow, T>(RowLayout.Entry column, Func<TRow> current)
    {
        Func<TRow, T> read = column.Member.MakeReader<TRow, T>();
        return (ValueGetter<T>)((ref T value) => value = read(current()));
    }

    // The member counts from zero and the column from one; a number beyond the count is a missing key.
    private static Delegate Key<TRow, T>(RowLayout.Entry column, Func<TRow> current)
    {
        Contracts.Check(typeof(T) != typeof(ushort), "A member of type UInt16 cannot be a key");
        Func<TRow, T> read = column.Member.MakeReader<TRow, T>();
        Func<T, ulong> number = KeyIndex.Reader<T>();
        ulong last = column.Type.GetKeyCount() - 1;
        return (ValueGetter<T>)((ref T value) =>
        {
            ulong index = number(read(current()));
            value = (T)Convert.ChangeType(index <= last ? index + 1 : 0, typeof(T), CultureInfo.InvariantCulture);
        });
    }
}
