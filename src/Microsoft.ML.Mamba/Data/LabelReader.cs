using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Reads a key column as class indices.</summary>
internal static class LabelReader
{
    /// <summary>The number of classes of a label column.</summary>
    /// <exception cref="ArgumentException">The column is no key, or has fewer than 2 or too many values.</exception>
    public static int ClassesOf(DataViewSchema.Column column)
    {
        if (column.Type is not KeyDataViewType key)
            throw NotAKey(column.Name, column.Type);
        if (key.Count is < 2 or > 1 << 24)
            throw new ArgumentException(
                $"Label column '{column.Name}' has {key.Count} key value{(key.Count == 1 ? "" : "s")}; "
                + $"a classifier needs 2 to {1 << 24} classes.");
        return (int)key.Count;
    }

    public static ArgumentException NotAKey(string column, object type) =>
        new($"Label column '{column}' has type {type}, but must be a key. Put Conversion.MapValueToKey(\"{column}\") before this estimator.");

    /// <summary>A function that gives the current row's class, 0 to classes - 1, or -1 where the label is missing.</summary>
    public static Func<int> Create(DataViewRow row, DataViewSchema.Column column, int classes) => column.Type.RawType switch
    {
        Type type when type == typeof(byte) => Create<byte>(row, column, classes, value => value),
        Type type when type == typeof(ushort) => Create<ushort>(row, column, classes, value => value),
        Type type when type == typeof(uint) => Create<uint>(row, column, classes, value => value),
        _ => Create<ulong>(row, column, classes, value => value),
    };

    private static Func<int> Create<T>(DataViewRow row, DataViewSchema.Column column, int classes, Func<T, ulong> widen) where T : unmanaged
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            ulong key = widen(value);
            if (key > (ulong)classes)
                throw new InvalidDataException($"Row {row.Position}: the label {key} in column '{column.Name}' is outside its key range 1 to {classes}.");
            return (int)key - 1;
        };
    }
}
