namespace Microsoft.ML.Data;

/// <summary>A view of a source with a mapper's columns added.</summary>
internal sealed class RowToRowMapperTransform : IDataView, IRowToRowMapper
{
    private readonly IDataView _source;
    private readonly IRowMapper _mapper;
    private readonly ColumnBindings _bindings;

    public RowToRowMapperTransform(IDataView source, IRowMapper mapper)
    {
        _source = source;
        _mapper = mapper;
        _bindings = new ColumnBindings(source.Schema, mapper.GetOutputColumns());
    }

    public DataViewSchema Schema => _bindings.Schema;

    public DataViewSchema InputSchema => _source.Schema;

    public DataViewSchema OutputSchema => _bindings.Schema;

    public bool CanShuffle => _source.CanShuffle;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = Getters.ActiveColumns(Schema, columnsNeeded);
        return Map(_source.GetRowCursor(_bindings.InputColumns(active, _mapper), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        bool[] active = Getters.ActiveColumns(Schema, columnsNeeded);
        DataViewRowCursor[] inputs = _source.GetRowCursorSet(_bindings.InputColumns(active, _mapper), n, rand);
        return inputs.Select(input => Map(input, active)).ToArray();
    }

    private DataViewRowCursor Map(DataViewRowCursor input, bool[] active)
    {
        Delegate[] getters = _mapper.CreateGetters(input, _bindings.ActiveOutputs(active), out Action disposer);
        return new Cursor(input, _bindings, getters, active, disposer);
    }

    IEnumerable<DataViewSchema.Column> IRowToRowMapper.GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => _bindings.InputColumns(Getters.ActiveColumns(Schema, dependingColumns), _mapper);

    DataViewRow IRowToRowMapper.GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckValue(activeColumns, nameof(activeColumns));
        Contracts.Check(input.Schema == InputSchema, "Schema of input row must be the same as the schema the mapper is bound to");
        bool[] active = Getters.ActiveColumns(Schema, activeColumns);
        Delegate[] getters = _mapper.CreateGetters(input, _bindings.ActiveOutputs(active), out Action disposer);
        return new MappedRow(input, _bindings, getters, disposer);
    }

    private sealed class Cursor(DataViewRowCursor input, ColumnBindings bindings, Delegate[] getters, bool[] active, Action disposer)
        : SynchronizedCursor(input)
    {
        private Action _disposer = disposer;

        public override DataViewSchema Schema => bindings.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Getters.CheckActive(active[column.Index], column);
            if (bindings.IsInput(column.Index, out int index))
                return Input.GetGetter<TValue>(Input.Schema[index]);
            return Getters.Cast<TValue>(getters[index]);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                Interlocked.Exchange(ref _disposer, null)?.Invoke();
            base.Dispose(disposing);
        }
    }

    private sealed class MappedRow(DataViewRow input, ColumnBindings bindings, Delegate[] getters, Action disposer)
        : SynchronizedRow(input)
    {
        private Action _disposer = disposer;

        public override DataViewSchema Schema => bindings.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column)
            => bindings.IsInput(column.Index, out int index) ? Input.IsColumnActive(Input.Schema[index]) : getters[index] != null;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (bindings.IsInput(column.Index, out int index))
                return Input.GetGetter<TValue>(Input.Schema[index]);
            Getters.CheckActive(getters[index] != null, column);
            return Getters.Cast<TValue>(getters[index]);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                Interlocked.Exchange(ref _disposer, null)?.Invoke();
            base.Dispose(disposing);
        }
    }
}
