namespace Microsoft.ML.Data;

/// <summary>A view of some of its source's rows; the schema stays.</summary>
internal abstract class FilterView : IDataView
{
    protected FilterView(IDataView source) => Source = source;

    public IDataView Source { get; }

    public DataViewSchema Schema => Source.Schema;

    public virtual bool CanShuffle => Source.CanShuffle;

    public virtual long? GetRowCount() => null;

    /// <summary>Columns that deciding about a row takes.</summary>
    protected abstract IEnumerable<int> TestedColumns { get; }

    /// <summary>Decides about the cursor's current row; called once a row.</summary>
    protected abstract Func<bool> MakeTest(DataViewRowCursor input);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = Getters.ActiveColumns(Schema, columnsNeeded);
        return Filtered(Source.GetRowCursor(InputColumns(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        bool[] active = Getters.ActiveColumns(Schema, columnsNeeded);
        return Source.GetRowCursorSet(InputColumns(active), n, rand).Select(input => Filtered(input, active)).ToArray();
    }

    private DataViewRowCursor Filtered(DataViewRowCursor input, bool[] active) => new Cursor(input, active, MakeTest(input));

    private IEnumerable<DataViewSchema.Column> InputColumns(bool[] active)
    {
        bool[] needed = (bool[])active.Clone();
        foreach (int column in TestedColumns)
            needed[column] = true;
        return Getters.Columns(Schema, needed);
    }

    private sealed class Cursor(DataViewRowCursor input, bool[] active, Func<bool> test) : RowPickingCursor(input, active)
    {
        public override long Batch => Input.Batch;

        protected override bool MoveNextCore()
        {
            while (Input.MoveNext())
            {
                if (test())
                    return true;
            }
            return false;
        }
    }
}
