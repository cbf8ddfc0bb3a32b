namespace Microsoft.ML.Mamba.Tests.Support;

/// <summary>A trainer of another kind: the class whose mean of the features is nearest. Its transformer replaces <c>Label</c> by what it predicts.</summary>
internal sealed class NearestCentroid : IEstimator<NearestCentroid.Model>
{
    public Model Fit(IDataView input)
    {
        float[][] rows = Read.Vectors(input, "Features");
        uint[] labels = Read.Column<uint>(input, "Label");
        float[][] centroids = [.. Enumerable.Range(1, (int)((KeyDataViewType)input.Schema["Label"].Type).Count)
            .Select(key => Mean([.. rows.Where((_, i) => labels[i] == key)]))];
        return new Model(centroids);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaShape.Column features = inputSchema.Single(column => column.Name == "Features");
        Assert.Equal((SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false), (features.Kind, features.ItemType, features.IsKey));
        return inputSchema;
    }

    private static float[] Mean(float[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(d => rows.Average(row => row[d]))];

    internal sealed class Model(float[][] centroids) : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IDataView Transform(IDataView input) => new KeyedView<uint>(input, (ulong)centroids.Length,
            [.. Read.Vectors(input, "Features")
                .Select(row => 1 + (uint)Enumerable.Range(0, centroids.Length)
                    .MinBy(k => centroids[k].Zip(row, (a, b) => (a - b) * (a - b)).Sum()))]);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException();
    }
}
