namespace Microsoft.ML.Data;

/// <summary>Divides rows by a number that each row is given: drawn from the seed, or computed from a sampling key.</summary>
internal static class RowSplitting
{
    private const uint DefaultSeed = 42;

    public static DataOperationsCatalog.TrainTestData TrainTest(
        IHostEnvironment env, IDataView data, double testFraction, string samplingKey, int? seed)
    {
        IDataView numbered = AddSplitColumn(env, data, samplingKey, seed, out string column);
        return Divide(env, numbered, column, 0, testFraction, includeMax: false);
    }

    public static IEnumerable<DataOperationsCatalog.TrainTestData> Folds(
        IHostEnvironment env, IDataView data, int folds, string samplingKey, int? seed)
    {
        IDataView numbered = AddSplitColumn(env, data, samplingKey, seed, out string column);
        for (int fold = 0; fold < folds; fold++)
            yield return Divide(env, numbered, column, (double)fold / folds, (double)(fold + 1) / folds, includeMax: true);
    }

    private static DataOperationsCatalog.TrainTestData Divide(
        IHostEnvironment env, IDataView numbered, string column, double min, double max, bool includeMax)
    {
        // Without a stated end the range of a key is closed at the top.
        bool closed = includeMax || (numbered.Schema[column].Type is KeyDataViewType && max >= 1);
        var train = new RangeFilter(numbered, column, min, max, closed, complement: true);
        var test = new RangeFilter(numbered, column, min, max, closed);
        return new DataOperationsCatalog.TrainTestData(
            Transforms.ColumnSelectingTransformer.Drop(env, train, column), Transforms.ColumnSelectingTransformer.Drop(env, test, column));
    }

    private static IDataView AddSplitColumn(IHostEnvironment env, IDataView data, string samplingKey, int? seed, out string column)
    {
        column = UnusedName(data.Schema);
        uint? used = unchecked((uint?)(seed ?? ((IHostEnvironmentInternal)env).Seed));
        if (samplingKey == null)
            return new SplitColumnView(data, column, used ?? DefaultSeed);
        if (data.Schema.GetColumnOrNull(samplingKey) is not { } source)
            throw Contracts.ExceptSchemaMismatch("samplingKeyColumn", "SamplingKeyColumn", samplingKey);
        IRowMapper mapper = new SamplingKeyMapper(data, source, column, used);
        return new RowToRowMapperTransform(data, mapper);
    }

    private static string UnusedName(DataViewSchema schema)
    {
        string name = "SplitColumn";
        for (int i = 0; schema.GetColumnOrNull(name) != null; i++)
            name = $"temp_SplitColumn_{i:000}";
        return name;
    }
}
