namespace Microsoft.ML.Data;

/// <summary>Values of one column that outlive the row they were read from.</summary>
internal abstract class ColumnStore
{
    /// <summary>Reads a row's value into a slot, growing the store where needed.</summary>
    public abstract void Put(int slot);

    /// <summary>A getter of the value in the slot that the function names at the time of the call.</summary>
    public abstract Delegate MakeGetter(Func<int> slot);

    public static ColumnStore Create(DataViewRow row, DataViewSchema.Column column)
    {
        bool isVector = column.Type is VectorDataViewType;
        return (ColumnStore)Generic.Call(
            typeof(ColumnStore),
            isVector ? nameof(Vectors) : nameof(Scalars),
            null,
            column.Type.GetItemType().RawType,
            Getters.Untyped(row, column));
    }

    public static ColumnStore ForIds(DataViewRow row) => new Store<DataViewRowId>(row.GetIdGetter(), Assign);

    private static ColumnStore Scalars<T>(Delegate getter) => new Store<T>(Getters.Cast<T>(getter), Assign);

    private static ColumnStore Vectors<T>(Delegate getter)
        => new Store<VBuffer<T>>(
            Getters.Cast<VBuffer<T>>(getter), (in VBuffer<T> source, ref VBuffer<T> target) => source.CopyTo(ref target));

    private static void Assign<T>(in T source, ref T target) => target = source;

    private delegate void Copier<T>(in T source, ref T target);

    private sealed class Store<T>(ValueGetter<T> source, Copier<T> copy) : ColumnStore
    {
        private T[] _values = [];

        public override void Put(int slot)
        {
            if (slot >= _values.Length)
                Array.Resize(ref _values, Math.Max(slot + 1, Math.Max(16, _values.Length * 2)));
            source(ref _values[slot]);
        }

        public override Delegate MakeGetter(Func<int> slot) => (ValueGetter<T>)((ref T value) => copy(in _values[slot()], ref value));
    }
}
