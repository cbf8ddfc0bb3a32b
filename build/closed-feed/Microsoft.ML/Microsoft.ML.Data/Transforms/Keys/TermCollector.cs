namespace Microsoft.ML.Transforms;

/// <summary>The distinct values met so far in one column, up to a limit.</summary>
internal abstract class TermCollector
{
    public abstract int Count { get; }

    /// <summary>Takes in the current row; false once the limit is reached.</summary>
    public abstract bool ReadRow();

    public abstract TermMap Finish();

    public static TermCollector Create(
        DataViewRow row, DataViewSchema.Column column, int limit, ValueToKeyMappingEstimator.KeyOrdinality ordinality)
    {
        var itemType = (PrimitiveDataViewType)column.Type.GetItemType();
        bool sorted = ordinality == ValueToKeyMappingEstimator.KeyOrdinality.ByValue;
        if (itemType is TextDataViewType)
            return new TextCollector(row, column, limit, sorted);
        return (TermCollector)Generic.Call(
            typeof(TermCollector), nameof(CreateTyped), null, itemType.RawType, row, column, itemType, limit, sorted);
    }

    private static TermCollector CreateTyped<T>(
        DataViewRow row, DataViewSchema.Column column, PrimitiveDataViewType itemType, int limit, bool sorted)
        => new ValueCollector<T>(row, column, itemType, limit, sorted);

    private abstract class Collector<T> : TermCollector
    {
        private readonly ValueGetter<T> _scalar;
        private readonly ValueGetter<VBuffer<T>> _vector;
        private readonly int _limit;
        private T _value;
        private VBuffer<T> _buffer;

        protected Collector(DataViewRow row, DataViewSchema.Column column, int limit)
        {
            _limit = limit;
            if (column.Type is VectorDataViewType)
                _vector = row.GetGetter<VBuffer<T>>(column);
            else
                _scalar = row.GetGetter<T>(column);
        }

        protected abstract void Add(T value);

        public sealed override bool ReadRow()
        {
            if (Count >= _limit)
                return false;
            if (_scalar != null)
            {
                _scalar(ref _value);
                Add(_value);
                return Count < _limit;
            }
            _vector(ref _buffer);
            foreach (KeyValuePair<int, T> item in _buffer.Items(all: true))
            {
                Add(item.Value);
                if (Count >= _limit)
                    return false;
            }
            return true;
        }
    }

    private sealed class ValueCollector<T>(
        DataViewRow row, DataViewSchema.Column column, PrimitiveDataViewType itemType, int limit, bool sorted)
        : Collector<T>(row, column, limit)
    {
        private readonly HashSet<T> _seen = [];
        private readonly List<T> _terms = [];
        private readonly Missing.Test<T> _isMissing = Missing.TestFor<T>(itemType);

        public override int Count => _terms.Count;

        protected override void Add(T value)
        {
            if (!_isMissing(in value) && _seen.Add(value))
                _terms.Add(value);
        }

        public override TermMap Finish()
        {
            if (sorted)
                _terms.Sort();
            return new TermMap<T>(itemType, _terms.ToArray());
        }
    }

    private sealed class TextCollector(DataViewRow row, DataViewSchema.Column column, int limit, bool sorted)
        : Collector<ReadOnlyMemory<char>>(row, column, limit)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private readonly List<string> _terms = [];

        public override int Count => _terms.Count;

        protected override void Add(ReadOnlyMemory<char> value)
        {
            // Empty text is a missing value.
            if (value.IsEmpty || !_seen.GetAlternateLookup<ReadOnlySpan<char>>().Add(value.Span))
                return;
            _terms.Add(value.ToString());
        }

        public override TermMap Finish()
        {
            if (sorted)
                _terms.Sort(StringComparer.Ordinal);
            return new TermMap<ReadOnlyMemory<char>>(TextDataViewType.Instance, _terms.Select(term => term.AsMemory()).ToArray());
        }
    }
}
