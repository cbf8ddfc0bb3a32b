namespace Microsoft.ML.Data;

/// <summary>Typed getters out of untyped delegates, and sets of active columns.</summary>
internal static class Getters
{
    public static ValueGetter<T> Cast<T>(Delegate getter)
    {
        if (getter is ValueGetter<T> typed)
            return typed;
        Type expected = getter.GetType().GetGenericArguments().FirstOrDefault();
        throw new InvalidOperationException($"Invalid TValue in GetGetter: '{typeof(T)}', expected type: '{expected}'.");
    }

    public static Delegate Untyped(DataViewRow row, DataViewSchema.Column column)
        => (Delegate)Generic.Call(typeof(Getters), nameof(Typed), null, column.Type.RawType, row, column);

    private static Delegate Typed<T>(DataViewRow row, DataViewSchema.Column column) => row.GetGetter<T>(column);

    /// <summary>Reads a column of type Single or Double.</summary>
    public static Func<double> Real(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type == NumberDataViewType.Double)
        {
            ValueGetter<double> real = row.GetGetter<double>(column);
            return () =>
            {
                double value = 0;
                real(ref value);
                return value;
            };
        }
        ValueGetter<float> single = row.GetGetter<float>(column);
        return () =>
        {
            float value = 0;
            single(ref value);
            return value;
        };
    }

    public static bool[] ActiveColumns(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columns)
    {
        bool[] active = new bool[schema.Count];
        if (columns == null)
            return active;
        foreach (DataViewSchema.Column column in columns)
        {
            // A column is its index: columns of another schema are taken for the ones in the same place.
            bool known = column.Index >= 0 && column.Index < active.Length;
            if (!known)
                throw Contracts.ExceptParam(nameof(columns), $"Column '{column.Name}' with index {column.Index} is not in the schema");
            active[column.Index] = true;
        }
        return active;
    }

    public static IEnumerable<DataViewSchema.Column> Columns(DataViewSchema schema, bool[] active)
        => schema.Where(column => active[column.Index]).ToArray();

    public static void CheckActive(bool active, DataViewSchema.Column column)
        => Contracts.Check(active, $"Column '{column.Name}' is not active");
}
