namespace Microsoft.ML;

public sealed partial class ModelOperationsCatalog
{
    public ITransformer LoadWithDataLoader(Stream stream, out IDataLoader<IMultiStreamSource> loader) => throw NoDataLoaders();

    public ITransformer LoadWithDataLoader(string filePath, out IDataLoader<IMultiStreamSource> loader) => throw NoDataLoaders();

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(
        ITransformer transformer,
        bool ignoreMissingColumns = true,
        SchemaDefinition inputSchemaDefinition = null,
        SchemaDefinition outputSchemaDefinition = null)
        where TSrc : class
        where TDst : class, new()
    {
        return new PredictionEngine<TSrc, TDst>(_env, transformer, ignoreMissingColumns, inputSchemaDefinition, outputSchemaDefinition);
    }

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, DataViewSchema inputSchema)
        where TSrc : class
        where TDst : class, new()
    {
        SchemaDefinition definition = DataViewConstructionUtils.GetSchemaDefinition<TSrc>(_env, inputSchema);
        return new PredictionEngine<TSrc, TDst>(_env, transformer, false, definition);
    }

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, PredictionEngineOptions options)
        where TSrc : class
        where TDst : class, new()
    {
        return new PredictionEngine<TSrc, TDst>(
            _env,
            transformer,
            options.IgnoreMissingColumns,
            options.InputSchemaDefinition,
            options.OutputSchemaDefinition,
            options.OwnsTransformer);
    }
}
