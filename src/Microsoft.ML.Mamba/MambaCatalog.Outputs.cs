using Microsoft.ML.Data;
using Microsoft.ML.Mamba;
using Microsoft.ML.Mamba.Data;

namespace Microsoft.ML;

public static partial class MambaCatalog
{
    /// <summary>
    /// Turns sequences into the vectors that a trained classifier's head reads, features for any other trainer: a vector of Single of
    /// <c>DModel</c> values, or where the classifier is an ensemble those of its models one behind another. Nothing is trained.
    /// </summary>
    /// <remarks>
    /// Each transformer that is fitted uses the model's own weights as long as it lives, also where <paramref name="model"/> is disposed
    /// afterwards; a saved transformer has them in its zip. For a row without a token or frame, where the model allows such rows, the
    /// features are NaN.
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="model">A <see cref="MambaTransformer"/>, or a chain with exactly one.</param>
    /// <param name="outputColumnName">The column of features. Default <c>Features</c>.</param>
    /// <param name="sequenceColumnName">The sequences, of the kind that the model was trained on. Default null: the column that the model reads.</param>
    /// <exception cref="ArgumentException">The model is none and holds not exactly one, or a name is empty.</exception>
    public static MambaOutputEstimator MambaFeaturize(
        this TransformsCatalog catalog, ITransformer model, string outputColumnName = "Features", string? sequenceColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        MambaTransformer classifier = FindModel(model);
        return new MambaOutputEstimator(classifier, Define(classifier, sequenceColumnName) with { FeatureColumn = outputColumnName });
    }

    /// <summary>
    /// Says how much each position of a sequence adds to the logit of a class of a trained classifier, to first order: gradient x input,
    /// one forward and one backward pass. Nothing is trained.
    /// </summary>
    /// <remarks>
    /// The column is a vector of Single of any length, aligned with the sequence column's value: one value a frame (summed over the
    /// channels) or a token id; for text one a character, each token's value divided among its characters, so that overlapping k-mers add
    /// up at their bases. Positions that the model did not read, because they were cut off by <c>MaxLength</c> or are no part of a token,
    /// are 0. As for <see cref="MambaFeaturize"/>, the model's weights are shared. Scores that are read together with saliency, or with
    /// features, are those of a plain scoring up to rounding. Where the classifier is an ensemble, the predicted class is the ensemble's, and
    /// saliency the mean of its models'.
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="model">A <see cref="MambaTransformer"/>, or a chain with exactly one.</param>
    /// <param name="outputColumnName">The column of saliency. Default <c>Saliency</c>.</param>
    /// <param name="sequenceColumnName">The sequences, of the kind that the model was trained on. Default null: the column that the model reads.</param>
    /// <param name="label">The class to explain, one of <see cref="MambaTransformer.Labels"/>. Default null: for each row the predicted one.</param>
    /// <exception cref="ArgumentException">The model is none and holds not exactly one, it has no such class, or a name is empty.</exception>
    public static MambaOutputEstimator MambaSaliency(
        this TransformsCatalog catalog, ITransformer model, string outputColumnName = "Saliency", string? sequenceColumnName = null, string? label = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        MambaTransformer classifier = FindModel(model);
        ModelDefinition definition = Define(classifier, sequenceColumnName);
        int? target = label is null ? null : definition.Labels.IndexOf(label);
        return new MambaOutputEstimator(classifier, definition with { SaliencyColumn = outputColumnName, SaliencyClass = target });
    }

    // What the classifier itself adds is not added again.
    private static ModelDefinition Define(MambaTransformer classifier, string? sequenceColumnName)
    {
        if (sequenceColumnName is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(sequenceColumnName);
        ModelDefinition own = classifier.Definition;
        return own with { SequenceColumn = sequenceColumnName ?? own.SequenceColumn, FeatureColumn = null, SaliencyColumn = null, SaliencyClass = null };
    }

    private static MambaTransformer FindModel(ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model is MambaTransformer own)
            return own;
        MambaTransformer[] found = [.. (model as IEnumerable<ITransformer> ?? []).OfType<MambaTransformer>()];
        return found.Length == 1
            ? found[0]
            : throw new ArgumentException(
                $"The model must be a MambaTransformer or a chain with exactly one; {model.GetType().Name} has {found.Length}.", nameof(model));
    }
}
