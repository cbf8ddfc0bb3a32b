namespace Microsoft.ML.Data;

/// <summary>Drops rows in which a given column, or a slot of it, is missing.</summary>
internal sealed class MissingValueFilter : FilterView
{
    private readonly int[] _columns;

    public MissingValueFilter(IDataView source, string[] columns)
        : base(source)
    {
        _columns = new int[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            if (source.Schema.GetColumnOrNull(columns[i]) is not { } column)
                throw Contracts.ExceptParam("Columns", $"Source column '{columns[i]}' not found");
            Contracts.CheckParam(
                !_columns.Take(i).Contains(column.Index), "Columns", $"Source column '{columns[i]}' specified multiple times");
            if (!Missing.CanBeMissing(column.Type.GetItemType()))
                throw Contracts.ExceptParam(
                    "Columns",
                    $"Column '{columns[i]}' has type {column.Type} which does not support missing values, so we cannot filter on them");
            _columns[i] = column.Index;
        }
    }

    protected override IEnumerable<int> TestedColumns => _columns;

    protected override Func<bool> MakeTest(DataViewRowCursor input)
    {
        Func<bool>[] tests = _columns.Select(column => PresenceTest(input, input.Schema[column])).ToArray();
        return () => Array.TrueForAll(tests, isPresent => isPresent());
    }

    private static Func<bool> PresenceTest(DataViewRowCursor input, DataViewSchema.Column column)
    {
        string method = column.Type is VectorDataViewType ? nameof(VectorTest) : nameof(ScalarTest);
        return (Func<bool>)Generic.Call(typeof(MissingValueFilter), method, null, column.Type.GetItemType().RawType, input, column);
    }

    private static Func<bool> ScalarTest<T>(DataViewRowCursor input, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = input.GetGetter<T>(column);
        Missing.Test<T> isMissing = Missing.TestFor<T>(column.Type);
        T value = default;
        return () =>
        {
            getter(ref value);
            return !isMissing(in value);
        };
    }

    private static Func<bool> VectorTest<T>(DataViewRowCursor input, DataViewSchema.Column column)
    {
        DataViewType itemType = column.Type.GetItemType();
        ValueGetter<VBuffer<T>> getter = input.GetGetter<VBuffer<T>>(column);
        Missing.Test<T> isMissing = Missing.TestFor<T>(itemType);
        // An implicit slot of a sparse vector holds the default, which is missing for a key.
        bool defaultIsMissing = itemType is KeyDataViewType;
        VBuffer<T> buffer = default;
        return () =>
        {
            getter(ref buffer);
            if (defaultIsMissing && !buffer.IsDense)
                return false;
            foreach (T value in buffer.GetValues())
            {
                if (isMissing(in value))
                    return false;
            }
            return true;
        };
    }
}
