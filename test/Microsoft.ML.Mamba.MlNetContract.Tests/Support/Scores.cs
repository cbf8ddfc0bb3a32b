namespace Microsoft.ML.Mamba.MlNetContract.Tests;

/// <summary>A view with a key label, its prediction and its scores, as a multiclass trainer leaves it.</summary>
internal sealed class Scores(string[] classes)
{
    private readonly List<(uint Label, float[] Score)> _rows = [];

    /// <summary>Adds a row; the label counts from 1, and 0 is missing.</summary>
    public Scores Add(uint label, params float[] score)
    {
        _rows.Add((label, score));
        return this;
    }

    public IDataView View(bool slotNames = true, int? labelCount = null)
    {
        var text = new VectorDataViewType(TextDataViewType.Instance, classes.Length);
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> names = (ref VBuffer<ReadOnlyMemory<char>> value) =>
            value = new VBuffer<ReadOnlyMemory<char>>(classes.Length, classes.Select(name => name.AsMemory()).ToArray());
        DataViewSchema.Annotations Annotations(string? kind)
        {
            var builder = new DataViewSchema.Annotations.Builder();
            if (kind is not null)
                builder.Add(kind, text, names);
            return builder.ToAnnotations();
        }

        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Label", new KeyDataViewType(typeof(uint), labelCount ?? classes.Length), Annotations(labelCount is null ? "KeyValues" : null));
        schema.AddColumn("PredictedLabel", new KeyDataViewType(typeof(uint), classes.Length), Annotations("KeyValues"));
        schema.AddColumn("Score", new VectorDataViewType(NumberDataViewType.Single, classes.Length), Annotations(slotNames ? "SlotNames" : null));
        IEnumerable<object[]> rows = _rows.Select(
            row => new object[] { row.Label, (uint)(row.Score.IndexOf(row.Score.Max()) + 1), new VBuffer<float>(row.Score.Length, row.Score) });
        return new RowsView(schema.ToSchema(), rows.ToList());
    }
}
