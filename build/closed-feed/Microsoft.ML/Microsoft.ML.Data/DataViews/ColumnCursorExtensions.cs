namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName) => GetColumn<T>(data, data.Schema[columnName]);

    /// <summary>
    /// Reads one column. Text comes as <see cref="string"/> or <see cref="ReadOnlyMemory{T}"/>, a vector as an array or a
    /// <see cref="VBuffer{T}"/>, everything else as the column's own type.
    /// </summary>
    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckNonEmpty(column.Name, nameof(column));
        DataViewSchema.Column? own = column.Index < data.Schema.Count ? data.Schema[column.Index] : null;
        if (own is not { } found || found.Name != column.Name || found.Type != column.Type)
            throw Contracts.ExceptParam(
                nameof(column), $"column with name {column.Name}, type {column.Type}, and index {column.Index} cannot be found in data");

        if (column.Type.RawType == typeof(T))
            return Read<T, T>(data, column, value => value);
        if (typeof(T) == typeof(string) && column.Type is TextDataViewType)
            return (IEnumerable<T>)Read<ReadOnlyMemory<char>, string>(data, column, text => text.ToString());
        if (typeof(T).IsArray)
            return ReadArrays<T>(data, column);
        throw Mismatch<T>(column);
    }

    private static IEnumerable<T> ReadArrays<T>(IDataView data, DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType vector)
            throw Contracts.ExceptParam(
                nameof(column), $"Cannot load vector type, {column.Type}, specified in column to the user-defined type, {typeof(T)}.");
        Type element = typeof(T).GetElementType();
        if (element == vector.ItemType.RawType)
            return (IEnumerable<T>)Generic.Call(typeof(ColumnCursorExtensions), nameof(ReadVectors), null, element, data, column);
        if (element == typeof(string) && vector.ItemType is TextDataViewType)
        {
            // An implicit slot of a sparse vector stays null, as it does in the real package.
            return (IEnumerable<T>)Read<VBuffer<ReadOnlyMemory<char>>, string[]>(data, column, buffer =>
            {
                var texts = new string[buffer.Length];
                foreach (KeyValuePair<int, ReadOnlyMemory<char>> item in buffer.Items())
                    texts[item.Key] = item.Value.ToString();
                return texts;
            });
        }
        throw Mismatch<T>(column);
    }

    private static IEnumerable<T[]> ReadVectors<T>(IDataView data, DataViewSchema.Column column)
        => Read<VBuffer<T>, T[]>(data, column, buffer => buffer.DenseValues().ToArray());

    private static IEnumerable<TOut> Read<TIn, TOut>(IDataView data, DataViewSchema.Column column, Func<TIn, TOut> convert)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<TIn> getter = cursor.GetGetter<TIn>(column);
        TIn value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            yield return convert(value);
        }
    }

    private static Exception Mismatch<T>(DataViewSchema.Column column) => Contracts.ExceptParam(
        nameof(column), $"Cannot map column (name: {column.Name}, type: {column.Type}) in data to the user-defined type, {typeof(T)}.");
}
