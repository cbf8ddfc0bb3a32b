namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// How training rows are varied, anew in every epoch, so that a model learns what does not matter. Validation and scoring see rows as they
/// are. Immutable.
/// </summary>
/// <remarks>
/// What becomes of a row depends on the training's seed, the epoch and the row alone: neither on the batch it comes in nor on the number of
/// threads. No variation changes a row's length. Those of frames expect values of about zero mean and unit variance; they follow one
/// another in the order of the properties here.
/// </remarks>
public sealed record SequenceAugmentation
{
    /// <summary>No variation at all.</summary>
    public static SequenceAugmentation None { get; } = new();

    /// <summary>
    /// Frames: how much faster or slower a sequence may run, about a moment of its own: by a factor of 1 / (1 + this) to 1 + this, each as
    /// likely as its inverse. Values between frames are interpolated; beyond an end, the end's frame is repeated. 0 (the default) to 1.
    /// </summary>
    public float TimeStretch { get; init; }

    /// <summary>Frames: how far a sequence may be shifted either way, as a share of its length; the end's frame is repeated. 0 (the default) to 1.</summary>
    public float TimeShift { get; init; }

    /// <summary>Frames: standard deviation of the logarithm of the factor by which all values of a sequence are multiplied. 0 (the default) to 2.</summary>
    public float Scale { get; init; }

    /// <summary>Frames: standard deviation of normal noise that is added to every value. 0 (the default) to 10.</summary>
    public float Noise { get; init; }

    /// <summary>Frames: number of runs of channels that are set to 0 throughout a sequence, as in SpecAugment. 0 (the default) to 16.</summary>
    public int ChannelMasks { get; init; }

    /// <summary>Frames: the longest such run as a share of the channels; its length is uniform from 0. 0 to 1; default 0.2.</summary>
    public float ChannelMaskFraction { get; init; } = 0.2f;

    /// <summary>Frames: number of runs of frames that are set to 0. 0 (the default) to 16.</summary>
    public int TimeMasks { get; init; }

    /// <summary>Frames: the longest such run as a share of the sequence; its length is uniform from 0. 0 to 1; default 0.2.</summary>
    public float TimeMaskFraction { get; init; } = 0.2f;

    /// <summary>
    /// Nucleotides: probability that a row is replaced by its reverse complement, for questions to which both strands have the same answer.
    /// 0 (the default) to 1. Where strand matters, as it does for promoters and splice sites, it does harm. Needs
    /// <see cref="MambaTrainingOptions.ComplementIds"/>, which an estimator takes from its tokenizer.
    /// </summary>
    public float ReverseComplement { get; init; }

    internal bool ChangesTokens => ReverseComplement > 0;

    internal bool ChangesFrames => TimeStretch > 0 || TimeShift > 0 || Scale > 0 || Noise > 0 || ChannelMasks > 0 || TimeMasks > 0;

    /// <summary>Checks every value against its documented range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        RangeCheck.Between(TimeStretch, 0, 1, nameof(TimeStretch));
        RangeCheck.Between(TimeShift, 0, 1, nameof(TimeShift));
        RangeCheck.Between(Scale, 0, 2, nameof(Scale));
        RangeCheck.Between(Noise, 0, 10, nameof(Noise));
        RangeCheck.Between(ChannelMasks, 0, 16, nameof(ChannelMasks));
        RangeCheck.Between(ChannelMaskFraction, 0, 1, nameof(ChannelMaskFraction));
        RangeCheck.Between(TimeMasks, 0, 16, nameof(TimeMasks));
        RangeCheck.Between(TimeMaskFraction, 0, 1, nameof(TimeMaskFraction));
        RangeCheck.Between(ReverseComplement, 0, 1, nameof(ReverseComplement));
    }
}
