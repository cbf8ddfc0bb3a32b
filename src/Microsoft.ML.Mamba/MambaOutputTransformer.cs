using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Persistence;
using Microsoft.ML.Mamba.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba;

/// <summary>
/// Adds features or saliency of a trained classifier, without its label and scores. Made by <see cref="MambaOutputEstimator.Fit"/> or by
/// loading a saved model. Thread-safe, except that nothing may run while it is disposed.
/// </summary>
/// <remarks>
/// Rows are read ahead and computed in batches, as <see cref="MambaTransformer"/> does, with the same exceptions for rows that cannot be
/// read. Nothing is computed where the column is not asked for. The weights are shared with the classifier and released with the last
/// transformer that uses them; each saved transformer has a copy of its own.
/// </remarks>
public sealed class MambaOutputTransformer : ITransformer, IDisposable
{
    internal const string LoaderSignature = "MambaOutputs";

    private readonly Scorer _scorer;
    private readonly TrainingHistory _history;

    internal MambaOutputTransformer(ModelDefinition definition, Scorer scorer, TrainingHistory history)
    {
        Definition = definition;
        _scorer = scorer;
        _history = history;
    }

    /// <summary>The column that sequences are read from.</summary>
    public string SequenceColumnName => Definition.SequenceColumn;

    /// <summary>The column of features; null where saliency is added.</summary>
    public string? FeatureColumnName => Definition.FeatureColumn;

    /// <summary>The column of saliency; null where features are added.</summary>
    public string? SaliencyColumnName => Definition.SaliencyColumn;

    /// <summary>The class that saliency explains; null for each row's predicted one.</summary>
    public string? SaliencyLabel => Definition.SaliencyClass is { } index ? Definition.Labels.Names[index] : null;

    /// <summary>Always true: what is added to a row depends on that row alone.</summary>
    public bool IsRowToRowMapper => true;

    internal ModelDefinition Definition { get; }

    private static VersionInfo Version => new(
        modelSignature: "MAMBAOUT", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(MambaOutputTransformer).Assembly.GetName().Name);

    /// <summary>The schema that <see cref="Transform"/> gives.</summary>
    /// <param name="inputSchema">A schema with the sequence column.</param>
    /// <exception cref="ArgumentException">The sequence column is missing, of another kind than in training, or has another number of channels or keys.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new ScoringSchema(inputSchema, Definition, Definition.ExtraOutputs).Output;
    }

    /// <summary>A view with the column behind the columns of another; computed while it is read.</summary>
    /// <param name="input">Rows with the sequence column.</param>
    /// <exception cref="ArgumentException">As for <see cref="GetOutputSchema"/>.</exception>
    /// <exception cref="ObjectDisposedException">The transformer is disposed.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _scorer.CheckAlive();
        return new ScoredDataView(input, Definition, Definition.ExtraOutputs, _scorer);
    }

    /// <summary>A mapper that computes single rows, as prediction engines use it.</summary>
    /// <param name="inputSchema">A schema with the sequence column.</param>
    /// <exception cref="ArgumentException">As for <see cref="GetOutputSchema"/>.</exception>
    /// <exception cref="ObjectDisposedException">The transformer is disposed.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _scorer.CheckAlive();
        return new ScoringMapper(inputSchema, Definition, Definition.ExtraOutputs, _scorer);
    }

    /// <summary>Lets go of the weights.</summary>
    public void Dispose() => _scorer.Dispose();

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        IReadOnlyList<MambaWeights> weights = _scorer.ExportWeights();
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);
        ModelWriter.Save(ctx, Definition, weights, _history);
    }

    // ML.NET finds this by name; its return type must be the one that the LoadableClass attribute says.
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version);
        SavedModel saved = ModelReader.Read(ctx);
        if ((saved.Definition.FeatureColumn is null) == (saved.Definition.SaliencyColumn is null))
            throw new InvalidDataException("The model's manifest.json is not valid: exactly one of columns.features and columns.saliency is expected.");
        (MambaEnsemble model, _) = saved.CreateModel(env);
        return new MambaOutputTransformer(saved.Definition, new Scorer(new SharedModel(model)), saved.History);
    }
}
