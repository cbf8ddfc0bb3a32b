namespace Microsoft.ML.Data;

/// <summary>
/// The number by which rows are divided, from a sampling key: a key stands for itself, a real is scaled to [0, 1], and other
/// values are hashed. Rows of one sampling key always stay together.
/// </summary>
internal sealed class SamplingKeyMapper : IRowMapper
{
    private const uint DefaultHashSeed = 314489979;
    private const int HashBits = 30;

    private readonly DataViewSchema.Column _source;
    private readonly string _name;
    private readonly uint _hashSeed;
    private readonly double _offset;
    private readonly double _scale;

    public SamplingKeyMapper(IDataView data, DataViewSchema.Column source, string name, uint? seed)
    {
        _source = source;
        _name = name;
        _hashSeed = seed ?? DefaultHashSeed;
        if (IsReal)
            (_offset, _scale) = FitScale(data);
        else if (source.Type is VectorDataViewType or RowIdDataViewType)
            throw NotCovered.Error($"A sampling key of type '{source.Type}'");
    }

    private bool IsReal => _source.Type == NumberDataViewType.Single || _source.Type == NumberDataViewType.Double;

    public DataViewSchema.DetachedColumn[] GetOutputColumns()
    {
        DataViewType type = _source.Type is KeyDataViewType ? _source.Type
            : IsReal ? NumberDataViewType.Double : new KeyDataViewType(typeof(uint), 1UL << HashBits);
        return [new DataViewSchema.DetachedColumn(_name, type)];
    }

    public Func<int, bool> GetDependencies(Func<int, bool> activeOutput) => column => activeOutput(0) && column == _source.Index;

    public Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
    {
        disposer = null;
        return [activeOutput(0) ? MakeGetter(input, input.Schema[_source.Index]) : null];
    }

    private Delegate MakeGetter(DataViewRow input, DataViewSchema.Column column)
    {
        if (column.Type is KeyDataViewType)
            return Getters.Untyped(input, column);
        if (!IsReal)
            return (Delegate)Generic.Call(typeof(SamplingKeyMapper), nameof(MakeHash), this, column.Type.RawType, input, column);
        Func<double> read = Getters.Real(input, column);
        return (ValueGetter<double>)((ref double value) => value = (read() - _offset) * _scale);
    }

    private (double Offset, double Scale) FitScale(IDataView data)
    {
        double min = double.PositiveInfinity;
        double max = double.NegativeInfinity;
        using DataViewRowCursor cursor = data.GetRowCursor([_source]);
        Func<double> read = Getters.Real(cursor, _source);
        while (cursor.MoveNext())
        {
            double value = read();
            min = value < min ? value : min;
            max = value > max ? value : max;
        }
        return max > min ? (min, 1 / (max - min)) : (0, 0);
    }

    private ValueGetter<uint> MakeHash<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default;
        return (ref uint key) =>
        {
            getter(ref value);
            // Empty text is missing: such rows go into neither part.
            bool missing = value is ReadOnlyMemory<char> { IsEmpty: true };
            key = missing ? 0 : (SamplingKeyHash.Of(value, _hashSeed) & ((1u << HashBits) - 1)) + 1;
        };
    }
}
