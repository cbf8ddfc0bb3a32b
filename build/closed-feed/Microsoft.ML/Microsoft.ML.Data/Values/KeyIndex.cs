namespace Microsoft.ML.Data;

/// <summary>Key values of any width as unsigned numbers: 0 for a missing key, else 1 to the count.</summary>
internal static class KeyIndex
{
    public static Func<T, ulong> Reader<T>()
    {
        if (typeof(T) == typeof(byte))
            return (Func<T, ulong>)(Delegate)(Func<byte, ulong>)(value => value);
        if (typeof(T) == typeof(ushort))
            return (Func<T, ulong>)(Delegate)(Func<ushort, ulong>)(value => value);
        if (typeof(T) == typeof(uint))
            return (Func<T, ulong>)(Delegate)(Func<uint, ulong>)(value => value);
        if (typeof(T) == typeof(ulong))
            return (Func<T, ulong>)(Delegate)(Func<ulong, ulong>)(value => value);
        throw Contracts.ExceptParam(nameof(T), $"'{typeof(T)}' cannot hold a key");
    }

    public static Func<ulong> Getter(DataViewRow row, DataViewSchema.Column column)
        => (Func<ulong>)Generic.Call(typeof(KeyIndex), nameof(MakeGetter), null, column.Type.RawType, row, column);

    private static Func<ulong> MakeGetter<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        Func<T, ulong> read = Reader<T>();
        T value = default;
        return () =>
        {
            getter(ref value);
            return read(value);
        };
    }
}
