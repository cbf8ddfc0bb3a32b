namespace Microsoft.ML.Mamba;

/// <summary>What a training step depends on besides the batch, the targets and the learning rate. Immutable.</summary>
public sealed record MambaTrainingSettings
{
    /// <summary>Seed of dropout. Any value; default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Decoupled weight decay of AdamW, times the learning rate each step; norms, biases, A_log, D, the position embedding and the pooling
    /// query are exempt. At least 0; default 0.01.
    /// </summary>
    public float WeightDecay { get; init; } = 0.01f;

    /// <summary>Decay of AdamW's first moment. 0 up to but excluding 1; default 0.9.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay of AdamW's second moment. 0 up to but excluding 1; default 0.999.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Epsilon of AdamW. Positive; default 1e-8.</summary>
    public float AdamEpsilon { get; init; } = 1e-8f;

    /// <summary>Gradients are scaled down to this Euclidean norm. Positive; <see cref="float.PositiveInfinity"/> turns clipping off; default 1.</summary>
    public float MaxGradientNorm { get; init; } = 1f;

    /// <summary>
    /// Probability that an element of the embedding or of a block's output (before the residual addition) is dropped. 0 up to but excluding
    /// 1; default 0.
    /// </summary>
    public float Dropout { get; init; }

    /// <summary>Probability that an element of the pooled vector is dropped before the head. 0 up to but excluding 1; default 0.</summary>
    public float HeadDropout { get; init; }

    /// <summary>
    /// Probability that a whole token's input (its embedding, its frame or its patch of frames, not its position) is zeroed. 0 up to but
    /// excluding 1; default 0.
    /// </summary>
    public float TokenDropout { get; init; }

    /// <summary>
    /// Tokens (with patches: patches) of a chunk, or 0 (the default) for whole sequences; at most 1,073,741,824. Longer sequences are then
    /// run in chunks of so many that carry the state from one to the next, while gradients stop at their borders (truncated
    /// back-propagation through time): the loss is that of the whole sequence, and the memory for what happens inside blocks is that of one
    /// chunk. A reversed direction carries its state from the other end. Values of some hundreds and up are sensible: each chunk keeps a
    /// state.
    /// </summary>
    public int BackpropagationLength { get; init; }

    /// <summary>Share of the target's probability that is spread evenly over all classes. 0 up to but excluding 1; default 0.</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>Weight of each class in the loss (the mean is over the weights), or empty (the default) for equal weights. Not negative.</summary>
    public IReadOnlyList<float> ClassWeights { get; init; } = [];

    /// <summary>Checks every value against its documented range.</summary>
    /// <param name="config">The model to train.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public void Validate(MambaConfig config)
    {
        RangeCheck.AtLeast(WeightDecay, 0, nameof(WeightDecay));
        RangeCheck.Fraction(Beta1, nameof(Beta1));
        RangeCheck.Fraction(Beta2, nameof(Beta2));
        RangeCheck.Positive(AdamEpsilon, nameof(AdamEpsilon));
        RangeCheck.Positive(MaxGradientNorm, nameof(MaxGradientNorm));
        RangeCheck.Fraction(Dropout, nameof(Dropout));
        RangeCheck.Fraction(HeadDropout, nameof(HeadDropout));
        RangeCheck.Fraction(TokenDropout, nameof(TokenDropout));
        RangeCheck.Fraction(LabelSmoothing, nameof(LabelSmoothing));
        RangeCheck.Between(BackpropagationLength, 0, 1 << 30, nameof(BackpropagationLength));
        if (ClassWeights.Count != 0 && ClassWeights.Count != config.NumClasses)
            throw new ArgumentException($"ClassWeights must have {config.NumClasses} values, one a class, or none; got {ClassWeights.Count}.", nameof(ClassWeights));
        for (int i = 0; i < ClassWeights.Count; i++)
            RangeCheck.AtLeast(ClassWeights[i], 0, $"ClassWeights[{i}]");
        if (ClassWeights.Count != 0 && ClassWeights.All(weight => weight == 0))
            throw new ArgumentException("ClassWeights must not all be 0.", nameof(ClassWeights));
    }
}
