using System.Text.Json.Serialization;

namespace Microsoft.ML.Mamba.Training;

/// <summary>What validation compares epochs by.</summary>
public enum ValidationMetric
{
    /// <summary>Mean cross-entropy; lower is better.</summary>
    Loss = 0,

    /// <summary>Share of rows whose most probable class is the label; higher is better, and of equal ones the lower loss.</summary>
    Accuracy = 1,
}

/// <summary>How <see cref="MambaTrainer"/> trains a classifier. Immutable.</summary>
public sealed record MambaTrainingOptions
{
    /// <summary>Passes over the training rows. 1 to 1,000,000; default 20.</summary>
    public int MaxEpochs { get; init; } = 20;

    /// <summary>Most sequences of a batch. 1 to 1,048,576; default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// Most tokens (with patches: patches) of a batch of several sequences, which bounds memory; a longer sequence forms a batch alone. 1
    /// to 1,073,741,824; default 16,384.
    /// </summary>
    public int MaxBatchTokens { get; init; } = 16_384;

    /// <summary>Batches among whose rows equal lengths are put together. 1 to 65,536; 1 turns it off; default 8. See <see cref="BatchPlanner"/>.</summary>
    public int LengthBucketBatches { get; init; } = 8;

    /// <summary>The highest learning rate. Positive; default 0.002.</summary>
    public float LearningRate { get; init; } = 0.002f;

    /// <summary>Share of the training in which the learning rate rises linearly from 0. 0 up to but excluding 1; default 0.1.</summary>
    public float WarmupFraction { get; init; } = 0.1f;

    /// <summary>The last learning rate as a share of <see cref="LearningRate"/>, reached along half a cosine. 0 to 1; default 0.05.</summary>
    public float FinalLearningRateFraction { get; init; } = 0.05f;

    /// <summary>See <see cref="MambaTrainingSettings.WeightDecay"/>. At least 0; default 0.01.</summary>
    public float WeightDecay { get; init; } = 0.01f;

    /// <summary>See <see cref="MambaTrainingSettings.Beta1"/>. 0 up to but excluding 1; default 0.9.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>See <see cref="MambaTrainingSettings.Beta2"/>. 0 up to but excluding 1; default 0.999.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>See <see cref="MambaTrainingSettings.AdamEpsilon"/>. Positive; default 1e-8.</summary>
    public float AdamEpsilon { get; init; } = 1e-8f;

    /// <summary>See <see cref="MambaTrainingSettings.MaxGradientNorm"/>. Positive; <see cref="float.PositiveInfinity"/> turns clipping off; default 1.</summary>
    public float MaxGradientNorm { get; init; } = 1f;

    /// <summary>See <see cref="MambaTrainingSettings.Dropout"/>. 0 up to but excluding 1; default 0.1.</summary>
    public float Dropout { get; init; } = 0.1f;

    /// <summary>See <see cref="MambaTrainingSettings.HeadDropout"/>. 0 up to but excluding 1; default 0.</summary>
    public float HeadDropout { get; init; }

    /// <summary>See <see cref="MambaTrainingSettings.TokenDropout"/>. 0 up to but excluding 1; default 0.</summary>
    public float TokenDropout { get; init; }

    /// <summary>
    /// See <see cref="MambaTrainingSettings.BackpropagationLength"/>: with it, sequences longer than memory would hold are trained in
    /// chunks. 0 (the default, whole sequences) to 1,073,741,824.
    /// </summary>
    public int BackpropagationLength { get; init; }

    /// <summary>See <see cref="MambaTrainingSettings.LabelSmoothing"/>. 0 up to but excluding 1; default 0.</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>
    /// See <see cref="MambaTrainingSettings.ClassWeights"/>. One a class, not negative; empty (the default) for equal weights. Rows of
    /// classes of weight 0 are not trained on.
    /// </summary>
    public IReadOnlyList<float> ClassWeights { get; init; } = [];

    /// <summary>
    /// Whether every class weighs as much as any other, whatever its share of the training rows: its weight is rows / (classes x its rows). Default false;
    /// excludes <see cref="ClassWeights"/>.
    /// </summary>
    public bool BalanceClasses { get; init; }

    /// <summary>
    /// Share of the training rows that is held out for validation where no validation set is given, class by class. 0 (the default, no
    /// validation) up to but excluding 1.
    /// </summary>
    public double ValidationFraction { get; init; }

    /// <summary>
    /// Most sequences of a validation batch; <see cref="MaxBatchTokens"/> holds there too. 1 to 1,048,576; default 128. It changes memory
    /// and speed, not results.
    /// </summary>
    public int ValidationBatchSize { get; init; } = 128;

    /// <summary>What epochs are compared by. Default <see cref="ValidationMetric.Loss"/>.</summary>
    public ValidationMetric ValidationMetric { get; init; }

    /// <summary>Training stops after so many epochs without a better validation. 0 (the default) never; otherwise a validation set or fraction is needed.</summary>
    public int EarlyStoppingPatience { get; init; }

    /// <summary>Whether the result is the best validated epoch's weights rather than the last epoch's. Default true; without validation the last are kept.</summary>
    public bool KeepBestWeights { get; init; } = true;

    /// <summary>
    /// Decay of an exponential moving average of the weights over the steps, which is then validated and is the result; steadier on small
    /// sets. 0 (the default) turns it off; below 1, such as 0.999. The first t steps decay by (1 + t) / (10 + t) at most, so that the
    /// initial weights are soon forgotten.
    /// </summary>
    public float WeightAveraging { get; init; }

    /// <summary>How training rows are varied in every epoch. Default <see cref="SequenceAugmentation.None"/>.</summary>
    public SequenceAugmentation Augmentation { get; init; } = SequenceAugmentation.None;

    /// <summary>
    /// The id of each token's complement, for <see cref="SequenceAugmentation.ReverseComplement"/>: as many as the model has token ids,
    /// each an id. Empty (the default) for none.
    /// </summary>
    public IReadOnlyList<int> ComplementIds { get; init; } = [];

    /// <summary>Seed of shuffling, variation, dropout and the validation split. Any value; default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Where and when the training's state is saved, to go on after an interruption; null (the default) saves nothing. With it,
    /// <see cref="MaxEpochs"/> is at most 100,000.
    /// </summary>
    [JsonIgnore]
    public CheckpointOptions? Checkpoints { get; init; }

    /// <summary>Checks every value against its documented range.</summary>
    /// <exception cref="ArgumentException">A value is out of range or two contradict each other; the message names them.</exception>
    public void Validate()
    {
        RangeCheck.Between(MaxEpochs, 1, 1_000_000, nameof(MaxEpochs));
        RangeCheck.Between(BatchSize, 1, 1 << 20, nameof(BatchSize));
        RangeCheck.Between(MaxBatchTokens, 1, 1 << 30, nameof(MaxBatchTokens));
        RangeCheck.Between(LengthBucketBatches, 1, 1 << 16, nameof(LengthBucketBatches));
        RangeCheck.Between(ValidationBatchSize, 1, 1 << 20, nameof(ValidationBatchSize));
        RangeCheck.Between(EarlyStoppingPatience, 0, int.MaxValue, nameof(EarlyStoppingPatience));
        RangeCheck.PositiveAndFinite(LearningRate, nameof(LearningRate));
        RangeCheck.Fraction(WarmupFraction, nameof(WarmupFraction));
        if (!(FinalLearningRateFraction >= 0 && FinalLearningRateFraction <= 1))
            throw new ArgumentOutOfRangeException(nameof(FinalLearningRateFraction), FinalLearningRateFraction,
                $"FinalLearningRateFraction must be 0 to 1; got {FinalLearningRateFraction}.");
        RangeCheck.Fraction(ValidationFraction, nameof(ValidationFraction));
        RangeCheck.Fraction(WeightAveraging, nameof(WeightAveraging));
        if (!Enum.IsDefined(ValidationMetric))
            throw new ArgumentOutOfRangeException(nameof(ValidationMetric), ValidationMetric, "ValidationMetric must be Loss or Accuracy.");
        ArgumentNullException.ThrowIfNull(Augmentation);
        Augmentation.Validate();
        ArgumentNullException.ThrowIfNull(ComplementIds);
        for (int i = 0; i < ComplementIds.Count; i++)
            RangeCheck.Between(ComplementIds[i], 0, ComplementIds.Count - 1, $"ComplementIds[{i}]");
        ArgumentNullException.ThrowIfNull(ClassWeights);
        if (BalanceClasses && ClassWeights.Count != 0)
            throw new ArgumentException("BalanceClasses computes the class weights; leave ClassWeights empty.", nameof(ClassWeights));
        Checkpoints?.Validate();
        if (Checkpoints is not null && MaxEpochs > CheckpointOptions.MostEpochs)
            throw new ArgumentException($"With Checkpoints, MaxEpochs must be at most {CheckpointOptions.MostEpochs}; got {MaxEpochs}.", nameof(MaxEpochs));
        // As many classes as there are weights: their number is checked against the model when training starts.
        ToSettings(ClassWeights).Validate(new MambaConfig { NumClasses = ClassWeights.Count });
    }

    /// <summary>What an engine's session needs of these options.</summary>
    /// <param name="classWeights">The weights of the classes, or none.</param>
    internal MambaTrainingSettings ToSettings(IReadOnlyList<float> classWeights) => new()
    {
        Seed = Seed,
        WeightDecay = WeightDecay,
        Beta1 = Beta1,
        Beta2 = Beta2,
        AdamEpsilon = AdamEpsilon,
        MaxGradientNorm = MaxGradientNorm,
        Dropout = Dropout,
        HeadDropout = HeadDropout,
        TokenDropout = TokenDropout,
        BackpropagationLength = BackpropagationLength,
        LabelSmoothing = LabelSmoothing,
        ClassWeights = classWeights,
    };
}
