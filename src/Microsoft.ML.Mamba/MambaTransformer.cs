using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Persistence;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba;

/// <summary>
/// A trained Mamba classifier. It adds a column with the predicted label, a key with the values of the training label, and a column with the probabilities of the
/// classes. Made by <see cref="MambaClassificationEstimator.Fit"/> or by loading a saved model. Thread-safe, except that nothing may run while it is disposed.
/// </summary>
/// <remarks>
/// Rows are read ahead and scored in batches; nothing is computed where neither output column is asked for. A row that cannot be scored (an
/// empty or too long sequence, letters that the tokenizer refuses, frames that are not finite, ids out of range) throws
/// <see cref="InvalidDataException"/> with the row's position while the data is read. After <see cref="Dispose"/> everything that needs the
/// weights throws <see cref="ObjectDisposedException"/>. A prediction engine disposes its transformer unless told otherwise.
/// </remarks>
public sealed class MambaTransformer : ITransformer, IDisposable
{
    internal const string LoaderSignature = "MambaClassifier";

    private readonly ModelDefinition _model;
    private readonly Scorer _scorer;

    /// <param name="definition">What scoring depends on besides the weights.</param>
    /// <param name="model">The models of that definition; owned from now on.</param>
    /// <param name="engine">The name of the model's engine.</param>
    /// <param name="history">What happened in training.</param>
    internal MambaTransformer(ModelDefinition definition, MambaEnsemble model, string engine, TrainingHistory history)
    {
        _model = definition;
        _scorer = new Scorer(new SharedModel(model));
        Engine = engine;
        History = history;
    }

    /// <summary>The model's shape; where there are several models, that of each.</summary>
    public MambaConfig Config => _model.Config;

    /// <summary>How many models there are, whose probabilities are averaged; see <see cref="MambaClassificationOptions.EnsembleSize"/>.</summary>
    public int EnsembleSize => _model.EnsembleSize;

    /// <summary>What turns text into token ids; null where the sequence column is no text.</summary>
    public SequenceTokenizer? Tokenizer => _model.Tokenizer;

    /// <summary>What is done to frames before the model reads them; null where the sequence column holds none.</summary>
    public FramePreparation? FramePreparation => _model.Frames;

    /// <summary>
    /// The classes' names in the order of the scores: the values of the label's keys as text (invariant culture), or 0, 1, 2 ... where the
    /// keys had no values.
    /// </summary>
    public IReadOnlyList<string> Labels => _model.Labels.Names;

    /// <summary>What happened in training, epoch by epoch.</summary>
    public TrainingHistory History { get; }

    /// <summary>What the sequences are; never <see cref="MambaModality.Auto"/>.</summary>
    public MambaModality Modality => _model.Modality;

    /// <summary>The name of the engine that computes the scores, such as <c>cpu</c>.</summary>
    public string Engine { get; }

    /// <summary>The column that sequences are read from.</summary>
    public string SequenceColumnName => _model.SequenceColumn;

    /// <summary>The column that the label was read from in training.</summary>
    public string LabelColumnName => _model.LabelColumn;

    /// <summary>The column of the predicted label.</summary>
    public string OutputColumnName => _model.OutputColumn;

    /// <summary>The column of the probabilities.</summary>
    public string ScoreColumnName => _model.ScoreColumn;

    /// <summary>The column of the vectors that the head reads; null where there is none.</summary>
    public string? FeatureColumnName => _model.FeatureColumn;

    /// <summary>The column that says how much each position adds to the predicted class's logit; null where there is none.</summary>
    public string? SaliencyColumnName => _model.SaliencyColumn;

    internal ModelDefinition Definition => _model;

    /// <summary>What it was trained on; null where it was loaded.</summary>
    internal TrainedSequences? Trained { get; init; }

    /// <summary>Always true: a row's scores depend on that row alone.</summary>
    public bool IsRowToRowMapper => true;

    private static VersionInfo Version => new(
        modelSignature: "MAMBACLS", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(MambaTransformer).Assembly.GetName().Name);

    /// <summary>The schema that <see cref="Transform"/> gives.</summary>
    /// <param name="inputSchema">A schema with the sequence column.</param>
    /// <exception cref="ArgumentException">The sequence column is missing, of another kind than in training, or has another number of channels or keys.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new ScoringSchema(inputSchema, _model, _model.AllOutputs).Output;
    }

    /// <summary>A view with the predicted label and the scores behind the columns of another; computed while it is read.</summary>
    /// <param name="input">The rows to score.</param>
    /// <exception cref="ArgumentException">As for <see cref="GetOutputSchema"/>.</exception>
    /// <exception cref="ObjectDisposedException">The transformer is disposed.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _scorer.CheckAlive();
        return new ScoredDataView(input, _model, _model.AllOutputs, _scorer);
    }

    /// <summary>A mapper that scores single rows, as prediction engines use it.</summary>
    /// <param name="inputSchema">A schema with the sequence column.</param>
    /// <exception cref="ArgumentException">As for <see cref="GetOutputSchema"/>.</exception>
    /// <exception cref="ObjectDisposedException">The transformer is disposed.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _scorer.CheckAlive();
        return new ScoringMapper(inputSchema, _model, _model.AllOutputs, _scorer);
    }

    /// <summary>
    /// Writes the model without ML.NET's part: <c>config.json</c> and <c>model.safetensors</c> in the layout of Hugging Face checkpoints, <c>tokenizer.json</c>
    /// for text, and <c>frames.json</c> for frames that are normalised or may miss values. Where there are several models
    /// (<see cref="EnsembleSize"/>), each has a folder of its own with all of these, <c>member-1</c>, <c>member-2</c> and so on.
    /// </summary>
    /// <param name="folder">The folder; made where it does not exist. Files of these names are replaced.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">The transformer is disposed.</exception>
    public void ExportTo(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ModelWriter.Export(folder, _model, _scorer.ExportWeights());
    }

    internal long CountParameters() => _scorer.ExportWeights().Sum(weights => weights.ValueCount);

    /// <summary>Releases the weights.</summary>
    public void Dispose() => _scorer.Dispose();

    /// <summary>A transformer of other outputs of the same model, with a life of its own.</summary>
    internal MambaOutputTransformer Derive(ModelDefinition definition) => new(definition, _scorer.Share(), History);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        IReadOnlyList<MambaWeights> weights = _scorer.ExportWeights();
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);
        ModelWriter.Save(ctx, _model, weights, History);
    }

    // ML.NET finds this by name; its return type must be the one that the LoadableClass attribute says.
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version);
        SavedModel saved = ModelReader.Read(ctx);
        (MambaEnsemble model, string engine) = saved.CreateModel(env);
        return new MambaTransformer(saved.Definition, model, engine, saved.History);
    }
}
