namespace Microsoft.ML.Data;

/// <summary>Keeps rows whose number lies in a range, or whose key does as a fraction of the key count; missing values never pass.</summary>
internal sealed class RangeFilter : FilterView
{
    private readonly int _column;
    private readonly Func<double, bool> _passes;

    public RangeFilter(IDataView source, string column, double min, double max, bool includeMax, bool complement = false)
        : base(source)
    {
        _column = source.Schema[column].Index;
        if (!Accepts(source.Schema[_column].Type))
            throw Contracts.ExceptParam("Column", $"Column '{column}' does not have compatible type");
        Contracts.CheckParam(min <= max, "Min", "min must be less than or equal to max");
        // Written so that NaN fails both the range and its complement.
        _passes = (complement, includeMax) switch
        {
            (false, false) => value => min <= value && value < max,
            (false, true) => value => min <= value && value <= max,
            (true, false) => value => min > value || value >= max,
            (true, true) => value => min > value || value > max,
        };
    }

    public static bool Accepts(DataViewType type)
        => type == NumberDataViewType.Single || type == NumberDataViewType.Double || type is KeyDataViewType;

    protected override IEnumerable<int> TestedColumns => [_column];

    protected override Func<bool> MakeTest(DataViewRowCursor input)
    {
        DataViewSchema.Column column = input.Schema[_column];
        if (column.Type is not KeyDataViewType)
        {
            Func<double> real = Getters.Real(input, column);
            return () => _passes(real());
        }
        Func<ulong> key = KeyIndex.Getter(input, column);
        ulong count = column.Type.GetKeyCount();
        return () =>
        {
            ulong value = key();
            return value != 0 && value <= count && _passes(((uint)value - 0.5) / count);
        };
    }
}
