namespace Microsoft.ML.Data;

/// <summary>Fills objects from the row it was made for.</summary>
internal interface IRowReadableAs<TRow> : IDisposable
    where TRow : class
{
    void FillValues(TRow row);
}

/// <summary>Binds the columns of a schema to the members of a class.</summary>
internal sealed class TypedCursorable<TRow>
    where TRow : class
{
    private readonly IDataView _data;
    private readonly (DataViewSchema.Column Column, RowMember Member)[] _bound;

    private TypedCursorable(IDataView data, bool ignoreMissingColumns, RowLayout layout)
    {
        _data = data;
        var bound = new List<(DataViewSchema.Column, RowMember)>();
        foreach (RowLayout.Entry entry in layout.Columns)
        {
            if (data.Schema.GetColumnOrNull(entry.Name) is not { } column)
            {
                if (ignoreMissingColumns)
                    continue;
                throw Contracts.ExceptSchemaMismatch("Schema", "", entry.Name);
            }
            (Type item, bool isVector) = RowMember.ItemOf(entry.Member.Type);
            bool fits = isVector == column.Type is VectorDataViewType && column.Type.GetItemType().RawType == item;
            Contracts.Check(
                fits,
                $"Can't bind the IDataView column '{column.Name}' of type '{column.Type}' "
                    + $"to field or property '{entry.Member.Name}' of type '{entry.Member.Type.FullName}'.");
            bound.Add((column, entry.Member));
        }
        _bound = bound.ToArray();
    }

    public static TypedCursorable<TRow> Create(
        IHostEnvironment env, IDataView data, bool ignoreMissingColumns, SchemaDefinition schemaDefinition)
    {
        RowLayout layout = RowLayout.Create(typeof(TRow), schemaDefinition, SchemaDefinition.Direction.Write);
        return new TypedCursorable<TRow>(data, ignoreMissingColumns, layout);
    }

    public DataViewRowCursor GetCursor()
        => _data.GetRowCursor(_bound.Select(pair => pair.Column).DistinctBy(column => column.Index).ToArray());

    /// <param name="row">A row of the schema that this was bound to; disposed with the reader.</param>
    public IRowReadableAs<TRow> GetRow(DataViewRow row)
        => new Reader(row, _bound.Select(pair => MemberSetters.Create<TRow>(row, row.Schema[pair.Column.Index], pair.Member)).ToArray());

    private sealed class Reader(DataViewRow row, Action<TRow>[] setters) : IRowReadableAs<TRow>
    {
        public void FillValues(TRow target)
        {
            foreach (Action<TRow> set in setters)
                set(target);
        }

        public void Dispose() => row.Dispose();
    }
}
