using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba;

public sealed partial class MambaClassificationOptions
{
    /// <summary>Width of the model. 1 to 65,536. Default null: the preset's.</summary>
    public int? DModel { get; set; }

    /// <summary>Number of blocks. 0 to 1,024. Default null: the preset's.</summary>
    public int? NumLayers { get; set; }

    /// <summary>State size N of a channel. 1 to 256. Default null: the preset's.</summary>
    public int? DState { get; set; }

    /// <summary>Width of the causal convolution in tokens. 1 to 64. Default null: the preset's.</summary>
    public int? DConv { get; set; }

    /// <summary>Width inside a block as a multiple of <see cref="DModel"/>. 1 to 64. Default null: the preset's.</summary>
    public int? Expand { get; set; }

    /// <summary>Rank of the projection of dt; 0 for ceil(<see cref="DModel"/> / 16). 0 to 65,536. Default null: the preset's.</summary>
    public int? DtRank { get; set; }

    /// <summary>Whether dt, B and C are normalised, as in Falcon-Mamba. Default null: the preset's.</summary>
    public bool? NormalizeDtBC { get; set; }

    /// <summary>In which directions sequences are read. Default null: the preset's.</summary>
    public MambaDirection? Direction { get; set; }

    /// <summary>How a sequence's hidden states become one vector. Default null: the preset's.</summary>
    public MambaPooling? Pooling { get; set; }

    /// <summary>
    /// Whether each position of a sequence, up to the length of the longest training row, has a learned embedding: for rows that are
    /// aligned on an event, such as windows around a splice site or a heartbeat. Longer sequences can still be scored; their later tokens
    /// have none. True is an error where a training row has more than 1,048,576 tokens. Default null: only where there are at least 100
    /// training rows, all of one length of 2 to 4,096 tokens or frames after truncation, and, for tokens of at most 1,024 kinds, where the
    /// places of the tokens tell more of a training row's class than their numbers do, as counted in the other rows. What was chosen is
    /// logged. A patch of frames (<see cref="PatchLength"/>) is a token here.
    /// </summary>
    public bool? PositionEmbedding { get; set; }

    /// <summary>
    /// Passes over the training rows. 1 to 1,000,000. Default null: the preset's; more where these are fewer than 800 steps; fewer where
    /// these read more than 24,000,000 tokens or frames, but no fewer than 800 steps take. What was chosen is logged.
    /// </summary>
    public int? MaxEpochs { get; set; }

    /// <summary>Most rows of a training batch. 1 to 1,048,576. Default null: the preset's; for tokens 16 where there are fewer than 1,000 training rows.</summary>
    public int? BatchSize { get; set; }

    /// <summary>
    /// Most tokens (or frames, or patches of them) of a training batch of several rows; bounds memory. 1 to 1,073,741,824. Default null:
    /// the preset's.
    /// </summary>
    public int? MaxBatchTokens { get; set; }

    /// <summary>Batches among whose rows equal lengths are put together; 1 turns it off. 1 to 65,536. Default null: the preset's.</summary>
    public int? LengthBucketBatches { get; set; }

    /// <summary>The highest learning rate. Positive. Default null: the preset's.</summary>
    public float? LearningRate { get; set; }

    /// <summary>Share of the training in which the learning rate rises from 0. 0 up to but excluding 1. Default null: the preset's.</summary>
    public float? WarmupFraction { get; set; }

    /// <summary>The last learning rate as a share of <see cref="LearningRate"/>. 0 to 1. Default null: the preset's.</summary>
    public float? FinalLearningRateFraction { get; set; }

    /// <summary>Decoupled weight decay of AdamW. At least 0. Default null: the preset's.</summary>
    public float? WeightDecay { get; set; }

    /// <summary>Decay of AdamW's first moment. 0 up to but excluding 1. Default null: the preset's.</summary>
    public float? Beta1 { get; set; }

    /// <summary>Decay of AdamW's second moment. 0 up to but excluding 1. Default null: the preset's.</summary>
    public float? Beta2 { get; set; }

    /// <summary>Epsilon of AdamW. Positive. Default null: the preset's.</summary>
    public float? AdamEpsilon { get; set; }

    /// <summary>Gradients are scaled down to this norm; <see cref="float.PositiveInfinity"/> turns that off. Positive. Default null: the preset's.</summary>
    public float? MaxGradientNorm { get; set; }

    /// <summary>Dropout of the embedding and of the blocks' outputs. 0 up to but excluding 1. Default null: the preset's.</summary>
    public float? Dropout { get; set; }

    /// <summary>Dropout before the head. 0 up to but excluding 1. Default null: the preset's.</summary>
    public float? HeadDropout { get; set; }

    /// <summary>Probability that a whole token or frame is dropped. 0 up to but excluding 1. Default null: the preset's.</summary>
    public float? TokenDropout { get; set; }

    /// <summary>Share of a target's probability that is spread over all classes. 0 up to but excluding 1. Default null: the preset's.</summary>
    public float? LabelSmoothing { get; set; }

    /// <summary>Weight of each class in the loss, in the order of the label's key values. Not negative, not all 0. Default null: equal weights.</summary>
    public IReadOnlyList<float>? ClassWeights { get; set; }

    /// <summary>Whether classes weigh the same whatever their numbers of rows. Excludes <see cref="ClassWeights"/>. Default null: the preset's.</summary>
    public bool? BalanceClasses { get; set; }

    /// <summary>
    /// Rows to validate with after every epoch, with the columns of the training rows, transformed alike: the label must have the very key
    /// values of the training label. Default null.
    /// </summary>
    public IDataView? ValidationSet { get; set; }

    /// <summary>
    /// Share of the training rows held out for validation where <see cref="ValidationSet"/> is null. 0 (none) up to but excluding 1.
    /// Default null: the preset's.
    /// </summary>
    public double? ValidationFraction { get; set; }

    /// <summary>Most rows of a validation batch. 1 to 1,048,576. Default null: the preset's.</summary>
    public int? ValidationBatchSize { get; set; }

    /// <summary>What epochs are compared by. Default null: the preset's.</summary>
    public ValidationMetric? ValidationMetric { get; set; }

    /// <summary>
    /// Training stops after so many epochs without a better validation; 0 never. At least 0; a positive one needs validation. Default null:
    /// the preset's.
    /// </summary>
    public int? EarlyStoppingPatience { get; set; }

    /// <summary>Whether the best validated epoch's weights are kept rather than the last's. Default null: the preset's.</summary>
    public bool? KeepBestWeights { get; set; }

    /// <summary>Decay of a moving average of the weights; 0 turns it off. 0 up to but excluding 1. Default null: the preset's.</summary>
    public float? WeightAveraging { get; set; }

    /// <summary>
    /// Seed of initial weights, shuffling, dropout and the validation split. Default null: the seed of the <see cref="MLContext"/>, or
    /// without one a random number, which is logged.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>Told after every step and validation, on the thread that trains. Default null.</summary>
    public IProgress<TrainingProgress>? Progress { get; set; }
}
