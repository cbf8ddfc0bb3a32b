namespace Microsoft.ML.Data;

/// <summary>
/// The schema of an input with columns added: a new column stands right behind the last one of the same name, which it hides,
/// or else at the end.
/// </summary>
internal sealed class ColumnBindings
{
    // An input index, or the complement of an added column's.
    private readonly List<int> _map;

    public ColumnBindings(DataViewSchema input, DataViewSchema.DetachedColumn[] added)
    {
        Input = input;
        _map = Enumerable.Range(0, input.Count).ToList();
        for (int i = 0; i < added.Length; i++)
        {
            int sameName = _map.FindLastIndex(index => NameOf(index, added) == added[i].Name);
            _map.Insert(sameName < 0 ? _map.Count : sameName + 1, ~i);
        }
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(_map.Select(index => index >= 0 ? new DataViewSchema.DetachedColumn(input[index]) : added[~index]));
        Schema = builder.ToSchema();
        AddedColumns = Enumerable.Range(0, added.Length).Select(i => _map.IndexOf(~i)).ToArray();
    }

    public DataViewSchema Input { get; }

    public DataViewSchema Schema { get; }

    /// <summary>Where in the schema each added column stands.</summary>
    public int[] AddedColumns { get; }

    private string NameOf(int index, DataViewSchema.DetachedColumn[] added) => index >= 0 ? Input[index].Name : added[~index].Name;

    public bool IsInput(int column, out int index)
    {
        index = _map[column];
        if (index >= 0)
            return true;
        index = ~index;
        return false;
    }

    /// <summary>Input columns that the active columns are, or are computed from.</summary>
    public IEnumerable<DataViewSchema.Column> InputColumns(bool[] active, IRowMapper mapper)
    {
        var needed = new bool[Input.Count];
        for (int column = 0; column < active.Length; column++)
        {
            if (active[column] && _map[column] >= 0)
                needed[_map[column]] = true;
        }
        Func<int, bool> computedFrom = mapper.GetDependencies(ActiveOutputs(active));
        return Input.Where(column => needed[column.Index] || computedFrom(column.Index)).ToArray();
    }

    public Func<int, bool> ActiveOutputs(bool[] active)
        => output => output >= 0 && output < AddedColumns.Length && active[AddedColumns[output]];
}
