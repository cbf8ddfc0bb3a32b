namespace Microsoft.ML.Mamba.MlNetContract.Tests;

/// <summary>Reads views through the raw cursor, so that the tests do not rest on a convenience that they also test.</summary>
internal static class Read
{
    public static List<T> Column<T>(IDataView view, string name) => Column<T>(view, view.Schema[name]);

    public static List<T> Column<T>(IDataView view, DataViewSchema.Column column)
    {
        var values = new List<T>();
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<T> getter = cursor.GetGetter<T>(column);
        while (cursor.MoveNext())
        {
            T value = default!;
            getter(ref value);
            values.Add(value);
        }
        return values;
    }

    public static List<string> Text(IDataView view, string name) =>
        Column<ReadOnlyMemory<char>>(view, name).ConvertAll(text => text.ToString());

    public static List<T[]> Vectors<T>(IDataView view, string name) =>
        Column<VBuffer<T>>(view, name).ConvertAll(vector => vector.DenseValues().ToArray());

    public static List<DataViewRowId> Ids(IDataView view)
    {
        var ids = new List<DataViewRowId>();
        using DataViewRowCursor cursor = view.GetRowCursor([]);
        ValueGetter<DataViewRowId> getter = cursor.GetIdGetter();
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            getter(ref id);
            ids.Add(id);
        }
        return ids;
    }

    public static string[] KeyValues(IDataView view, string name)
    {
        VBuffer<ReadOnlyMemory<char>> values = default;
        view.Schema[name].GetKeyValues(ref values);
        return values.DenseValues().Select(value => value.ToString()).ToArray();
    }

    public static string[] Names(IDataView view) => view.Schema.Select(column => column.Name).ToArray();
}
