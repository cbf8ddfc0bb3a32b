using System.Collections.Immutable;

namespace Microsoft.ML.Data;

/// <summary>The first rows of a view, read and boxed.</summary>
public sealed class DataDebuggerPreview
{
    internal static class Defaults
    {
        public const int MaxRows = 100;
    }

    internal DataDebuggerPreview(IDataView data, int maxRows = Defaults.MaxRows)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckParam(maxRows >= 0, nameof(maxRows));
        Schema = data.Schema;
        var rows = new List<RowInfo>();
        using (DataViewRowCursor cursor = data.GetRowCursor(data.Schema))
        {
            Func<object>[] readers = Schema.Select(column => Reader(cursor, column)).ToArray();
            while (rows.Count < maxRows && cursor.MoveNext())
                rows.Add(new RowInfo(Schema, readers));
        }
        RowView = [.. rows];
        ColumnView = [.. Schema.Select(column => new ColumnInfo(column, rows.Select(row => row.Values[column.Index].Value).ToArray()))];
    }

    public DataViewSchema Schema { get; }

    public ImmutableArray<ColumnInfo> ColumnView { get; }

    public ImmutableArray<RowInfo> RowView { get; }

    public override string ToString() => $"{Schema.Count} columns, {RowView.Length} rows";

    private static Func<object> Reader(DataViewRow row, DataViewSchema.Column column)
        => (Func<object>)Generic.Call(typeof(DataDebuggerPreview), nameof(MakeReader), null, column.Type.RawType, row, column);

    private static Func<object> MakeReader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        return () =>
        {
            // A fresh value each time: the preview outlives the cursor's buffers.
            T value = default;
            getter(ref value);
            return value;
        };
    }

    public sealed class RowInfo
    {
        internal RowInfo(DataViewSchema schema, Func<object>[] readers)
            => Values = schema.Select(column => new KeyValuePair<string, object>(column.Name, readers[column.Index]())).ToArray();

        public KeyValuePair<string, object>[] Values { get; }

        public override string ToString() => $"{Values.Length} columns";
    }

    public sealed class ColumnInfo
    {
        internal ColumnInfo(DataViewSchema.Column column, object[] values)
        {
            Column = column;
            Values = values;
        }

        public DataViewSchema.Column Column { get; }

        public object[] Values { get; }

        public override string ToString() => $"{Column.Name}: {Column.Type}";
    }
}
