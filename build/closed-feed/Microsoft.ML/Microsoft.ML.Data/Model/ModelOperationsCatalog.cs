namespace Microsoft.ML;

public sealed partial class ModelOperationsCatalog : IInternalCatalog
{
    internal const string SchemaEntryName = "Schema";
    private const string TransformerDirectory = "TransformerChain";

    private readonly IHostEnvironment _env;

    internal ModelOperationsCatalog(IHostEnvironment env)
    {
        _env = env;
    }

    IHostEnvironment IInternalCatalog.Environment => _env;

    public void Save(ITransformer model, DataViewSchema inputSchema, Stream stream)
    {
        _env.CheckValue(stream, nameof(stream));
        using RepositoryWriter repository = RepositoryWriter.CreateNew(stream, _env);
        ModelSaveContext.SaveModel(repository, model, TransformerDirectory);
        if (inputSchema != null)
        {
            using IChannel channel = _env.Start("Saving Schema");
            Repository.Entry entry = repository.CreateEntry(SchemaEntryName);
            SchemaWriter.Write(entry.Stream, inputSchema, channel);
        }
        repository.Commit();
    }

    public void Save(ITransformer model, DataViewSchema inputSchema, string filePath)
    {
        _env.CheckNonEmpty(filePath, nameof(filePath));
        using FileStream stream = File.Create(filePath);
        Save(model, inputSchema, stream);
    }

    public void Save<TSource>(ITransformer model, IDataLoader<TSource> loader, Stream stream) => throw NoDataLoaders();

    public void Save<TSource>(ITransformer model, IDataLoader<TSource> loader, string filePath) => throw NoDataLoaders();

    public ITransformer Load(Stream stream, out DataViewSchema inputSchema)
    {
        _env.CheckValue(stream, nameof(stream));
        using RepositoryReader repository = RepositoryReader.Open(stream, _env);
        using Repository.Entry schema = repository.OpenEntryOrNull(SchemaEntryName);
        inputSchema = schema == null ? null : SchemaReader.Read(schema.Stream, _env);
        if (schema == null && repository.Contains(null, ModelLoadContext.ModelStreamName))
            throw NoDataLoaders();
        ModelLoadContext.LoadModelOrNull<ITransformer, SignatureLoadModel>(_env, out ITransformer model, repository, TransformerDirectory);
        if (model != null)
            return model;
        throw schema == null
            ? _env.Except(_env.ExceptDecode("Corrupt model file"), "Could not load legacy format model")
            : _env.ExceptDecode("Corrupt model file");
    }

    public ITransformer Load(string filePath, out DataViewSchema inputSchema)
    {
        _env.CheckNonEmpty(filePath, nameof(filePath));
        using FileStream stream = File.OpenRead(filePath);
        return Load(stream, out inputSchema);
    }

    private NotSupportedException NoDataLoaders() => _env.Process(
        new NotSupportedException("A model that is saved together with its data loader needs the real Microsoft.ML package."));
}
