using Microsoft.ML.Data;
using Microsoft.ML.Mamba;

namespace Microsoft.ML;

/// <summary>Adds Mamba (selective state space) classifiers to <see cref="MLContext"/>.</summary>
public static partial class MambaCatalog
{
    /// <summary>
    /// Trains a classifier of sequences: text, DNA, signals and time series, token ids. Whatever is left null takes the preset of the
    /// input's modality.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="labelColumnName">The label: a key column; <c>Conversion.MapValueToKey</c> makes one. Rows without a label are skipped.</param>
    /// <param name="sequenceColumnName">
    /// The sequences: text; a vector of Single, <c>[length]</c> or <c>[length, channels]</c>; or a vector of keys or integers.
    /// </param>
    /// <param name="outputColumnName">The predicted label: a key with the label's values.</param>
    /// <param name="scoreColumnName">The probabilities: a vector of Single, one a class.</param>
    /// <param name="maxEpochs">Passes over the training rows. 1 to 1,000,000.</param>
    /// <param name="batchSize">Most rows of a training batch. 1 to 1,048,576.</param>
    /// <param name="learningRate">The highest learning rate. Positive.</param>
    /// <param name="dModel">Width of the model. 1 to 65,536.</param>
    /// <param name="numLayers">Number of blocks. 0 to 1,024.</param>
    /// <param name="validationSet">Rows to choose the best epoch by, transformed like the training rows; or null.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public static MambaClassificationEstimator MambaClassify(
        this TransformsCatalog catalog,
        string labelColumnName = "Label",
        string sequenceColumnName = "Sequence",
        string outputColumnName = "PredictedLabel",
        string scoreColumnName = "Score",
        int? maxEpochs = null,
        int? batchSize = null,
        float? learningRate = null,
        int? dModel = null,
        int? numLayers = null,
        IDataView? validationSet = null) => MambaClassify(catalog, new MambaClassificationOptions
        {
            LabelColumnName = labelColumnName,
            SequenceColumnName = sequenceColumnName,
            OutputColumnName = outputColumnName,
            ScoreColumnName = scoreColumnName,
            MaxEpochs = maxEpochs,
            BatchSize = batchSize,
            LearningRate = learningRate,
            DModel = dModel,
            NumLayers = numLayers,
            ValidationSet = validationSet,
        });

    /// <summary>Trains a classifier of sequences, with all options.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="options">The options; copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static MambaClassificationEstimator MambaClassify(this TransformsCatalog catalog, MambaClassificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new MambaClassificationEstimator(CatalogUtils.GetEnvironment(catalog), options);
    }

    /// <summary>
    /// The estimator of <c>mlContext.Transforms.MambaClassify</c> among the trainers, with the columns of Microsoft.ML.TorchSharp's
    /// <c>TextClassification</c>, whose place it can take in a pipeline.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.MulticlassClassification.Trainers</c>.</param>
    /// <param name="labelColumnName">The label: a key column. Rows without a label are skipped.</param>
    /// <param name="scoreColumnName">The probabilities: a vector of Single, one a class.</param>
    /// <param name="outputColumnName">The predicted label: a key with the label's values.</param>
    /// <param name="sentence1ColumnName">The sequences, of every type that <c>MambaClassify</c> takes.</param>
    /// <param name="batchSize">Most rows of a training batch. 1 to 1,048,576. Null takes the preset.</param>
    /// <param name="maxEpochs">Passes over the training rows. 1 to 1,000,000. Null takes the preset.</param>
    /// <param name="validationSet">Rows to choose the best epoch by, transformed like the training rows; or null.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public static MambaClassificationEstimator MambaClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        string outputColumnName = "PredictedLabel",
        string sentence1ColumnName = "Sentence1",
        int? batchSize = null,
        int? maxEpochs = null,
        IDataView? validationSet = null) => MambaClassification(catalog, new MambaClassificationOptions
        {
            LabelColumnName = labelColumnName,
            SequenceColumnName = sentence1ColumnName,
            OutputColumnName = outputColumnName,
            ScoreColumnName = scoreColumnName,
            BatchSize = batchSize,
            MaxEpochs = maxEpochs,
            ValidationSet = validationSet,
        });

    /// <summary>The estimator of <c>mlContext.Transforms.MambaClassify</c> among the trainers, with all options.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.MulticlassClassification.Trainers</c>.</param>
    /// <param name="options">The options; copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static MambaClassificationEstimator MambaClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, MambaClassificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new MambaClassificationEstimator(CatalogUtils.GetEnvironment(catalog), options);
    }
}
