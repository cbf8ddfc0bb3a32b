using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>A cursor where nothing that the model adds is wanted: the source's, under the larger schema.</summary>
internal sealed class PassThroughCursor(DataViewRowCursor source, ScoringSchema schema, bool[] active) : DataViewRowCursor
{
    public override DataViewSchema Schema => schema.Output;

    public override long Position => source.Position;

    public override long Batch => source.Batch;

    public override bool MoveNext() => source.MoveNext();

    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => active[column.Index]
        ? source.GetGetter<TValue>(schema.Input[column.Index])
        : throw ScoredColumns.NotActive(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
    }
}
